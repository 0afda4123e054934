"""AWS as moto plays it, which checks the signature of every request.

https://docs.getmoto.org/en/latest/docs/server_mode.html
"""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import botocore.session
import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment
from servers import free_port, is_open, running

pytestmark = [pytest.mark.slow, pytest.mark.servers]

REGION = "eu-central-1"
PROVIDERS = ("aws-batch", "aws-step-functions")


class Cloud:
    """An account of AWS, and a user of it who may do all."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = botocore.session.get_session()
        self.session.set_credentials("root", "planted-root")
        self.role = self.client("iam").create_role(
            RoleName="worker", AssumeRolePolicyDocument="{}"
        )["Role"]["Arn"]

    def client(self, service: str) -> Any:
        return self.session.create_client(service, region_name=REGION, endpoint_url=self.url)

    def configure(self, what: str, **body: Any) -> None:
        httpx.post(f"{self.url}/moto-api/{what}", json=body, trust_env=False).raise_for_status()

    def guard(self) -> dict[str, str]:
        """From now on nobody is answered but that user, whose variables these are."""
        iam = self.client("iam")
        iam.create_user(UserName="ada")
        may = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        policy = json.dumps(may | {"Version": "2012-10-17"})
        iam.put_user_policy(UserName="ada", PolicyName="all", PolicyDocument=policy)
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        httpx.post(f"{self.url}/moto-api/reset-auth", content="0", trust_env=False)
        names = (f"JOBCTL_{one.replace('-', '_').upper()}_BASE_URL" for one in PROVIDERS)
        return dict.fromkeys(names, self.url) | {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }


def batch(cloud: Cloud) -> dict[str, str]:
    """Two jobs of a queue, of which one has children."""
    client = cloud.client("batch")
    place = client.create_compute_environment(
        computeEnvironmentName="machines", type="UNMANAGED", serviceRole=cloud.role
    )["computeEnvironmentArn"]
    order = [{"order": 1, "computeEnvironment": place}]
    client.create_job_queue(
        jobQueueName="high", state="ENABLED", priority=1, computeEnvironmentOrder=order
    )
    what = {"image": "busybox", "vcpus": 1, "memory": 128, "command": ["true"]}
    client.register_job_definition(
        jobDefinitionName="align", type="container", containerProperties=what
    )
    told = {"jobQueue": "high", "jobDefinition": "align"}
    return {
        "one": client.submit_job(jobName="align-7", **told)["jobId"],
        "many": client.submit_job(jobName="align-8", arrayProperties={"size": 3}, **told)["jobId"],
    }


def executions(cloud: Cloud) -> dict[str, str]:
    """An execution that waits a little and ends well, and one that fails."""
    client = cloud.client("stepfunctions")
    is_strong = {"Variable": "$.strong", "BooleanEquals": True, "Next": "Pause"}
    states = {
        "Test": {"Type": "Choice", "Choices": [is_strong], "Default": "Tear"},
        "Pause": {"Type": "Wait", "Seconds": 2, "Next": "End"},
        "End": {"Type": "Pass", "Result": {"rows": 42}, "End": True},
        "Tear": {"Type": "Fail", "Error": "Torn", "Cause": "the belt tore"},
    }
    machine = client.create_state_machine(
        name="belt",
        roleArn=cloud.role,
        definition=json.dumps({"StartAt": "Test", "States": states}),
    )["stateMachineArn"]
    return {
        name: client.start_execution(
            stateMachineArn=machine, name=name, input=json.dumps({"strong": name == "good"})
        )["executionArn"]
        for name in ("good", "bad")
    }


@pytest.fixture(scope="module")
def made() -> Iterator[dict[str, Any]]:
    """What there is in an account, by what it is called here."""
    port = free_port()
    program = environment("moto[server,batch]==5.2.5").parent / "moto_server"
    with running(program, "-p", str(port), ready=lambda: is_open(port)):
        cloud = Cloud(f"http://127.0.0.1:{port}")
        cloud.configure(
            "config", batch={"use_docker": False}, stepfunctions={"execute_state_machine": True}
        )
        made = batch(cloud) | executions(cloud)
        yield made | {"environ": cloud.guard()}


@pytest.fixture(scope="module")
def jobs(made: dict[str, Any]) -> Jobs:
    return Jobs(made["good"], made["bad"], made["environ"])


class TestStepFunctions(ServerContract):
    provider = "aws-step-functions"
    missing = f"arn:aws:states:{REGION}:123456789012:execution:belt:nobody"
    wrong: ClassVar = {"AWS_SECRET_ACCESS_KEY": "planted-wrong"}
    within: ClassVar = (f"arn:aws:states:{REGION}:123456789012:stateMachine:belt",)

    def test_the_result_is_the_output(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "-o", "ndjson")
        assert (done.code, done.document) == (0, {"_key": "rows", "value": 42})


class TestBatch:
    @pytest.fixture(autouse=True)
    def _account(self, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in made["environ"].items():
            monkeypatch.setenv(name, value)

    def test_jobs_and_their_children_are_seen(self, made: dict[str, Any], jobctl: Run) -> None:
        one, many = made["one"], made["many"]
        done = jobctl("get", "aws-batch", one, many, f"{many}:1", "--wait", "--json")
        assert [job["state"] for job in done.document] == ["succeeded"] * 3
        assert done.document[1]["progress"]["succeeded"] == 3
        listed = jobctl("list", "aws-batch", "high", "--json").document
        assert {one, many} <= {job["id"] for job in listed}

    def test_a_job_that_is_not_there_is_not_found(self, jobctl: Run) -> None:
        assert jobctl("get", "aws-batch", "nobody").code == 5

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("AWS_ACCESS_KEY_ID", "The security token included in the request is invalid"),
            ("AWS_SECRET_ACCESS_KEY", "signature we calculated does not match"),
        ],
    )
    def test_whoever_may_not_ask_is_told_why(
        self,
        name: str,
        why: str,
        made: dict[str, Any],
        jobctl: Run,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv(name, "AKIAPLANTEDWRONG0000")
        done = jobctl("get", "aws-batch", made["one"], "--json")
        assert done.code == 4
        assert why in done.error["message"]
