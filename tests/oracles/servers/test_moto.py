"""AWS as moto plays it, which checks the signature of every request.

https://docs.getmoto.org/en/latest/docs/server_mode.html
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
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
STATES = ("glue::job_run", "athena::execution", "transcribe::transcriptionjob")
"""What goes on by one state with every look."""

OTHERS = {
    "aws-athena": None,  # what it has no query of, moto answers with its own traceback
    "aws-codebuild": "site:nobody",
    "aws-glue": "night/jr_nobody",
    "aws-transcribe": "nobody",
    "sagemaker-training": "nobody",
}
"""Further services whose jobs all come to a good end, and the id of no job."""

UNSIGNED = "aws-emr-serverless"  # here moto finds even botocore's signature wrong
PROVIDERS = ("aws-batch", "aws-step-functions", UNSIGNED, *OTHERS)


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

    def tell(self, what: str, **body: Any) -> None:
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
        return self.environ(key["AccessKeyId"], key["SecretAccessKey"])

    def environ(self, key: str, secret: str) -> dict[str, str]:
        """The variables of a user."""
        names = (f"JOBCTL_{one.replace('-', '_').upper()}_BASE_URL" for one in PROVIDERS)
        return dict.fromkeys(names, self.url) | {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
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


def others(cloud: Cloud) -> dict[str, str]:
    """A job of each further service."""
    glue, athena, build = (cloud.client(name) for name in ("glue", "athena", "codebuild"))
    glue.create_job(
        Name="night", Role=cloud.role, Command={"Name": "glueetl", "ScriptLocation": "s3://x/y"}
    )
    build.create_project(
        name="site",
        source={"type": "S3", "location": "sources/site"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "busybox",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole=cloud.role,
    )
    cloud.client("transcribe").start_transcription_job(
        TranscriptionJobName="talk", LanguageCode="en-US", Media={"MediaFileUri": "s3://x/y.wav"}
    )
    cloud.client("sagemaker").create_training_job(
        TrainingJobName="boost",
        AlgorithmSpecification={"TrainingInputMode": "File", "TrainingImage": "boost"},
        RoleArn=cloud.role,
        OutputDataConfig={"S3OutputPath": "s3://x"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    cell = {"CatalogName": "x", "SchemaName": "x", "TableName": "x", "Name": "length"}
    kind = {"Label": "length", "Type": "varchar", "Precision": 1, "Scale": 1}
    column = cell | kind | {"Nullable": "NULLABLE", "CaseSensitive": True}
    rows = [{"Data": [{"VarCharValue": "length"}]}, {"Data": [{"VarCharValue": "42"}]}]
    results = [{"rows": rows, "column_info": [column]}]
    cloud.tell("static/athena/query-results", region=REGION, results=results)
    query = athena.start_query_execution(
        QueryString="SELECT length", ResultConfiguration={"OutputLocation": "s3://x/"}
    )
    return {
        "aws-athena": query["QueryExecutionId"],
        "aws-codebuild": build.start_build(projectName="site")["build"]["id"],
        "aws-glue": f"night/{glue.start_job_run(JobName='night')['JobRunId']}",
        "aws-transcribe": "talk",
        "sagemaker-training": "boost",
    }


def runs(cloud: Cloud) -> dict[str, str]:
    """Two runs of an application, of which one is cancelled."""
    client = cloud.client("emr-serverless")
    place = client.create_application(releaseLabel="emr-7.0.0", type="SPARK")["applicationId"]
    told = {"executionRoleArn": cloud.role, "jobDriver": {"sparkSubmit": {"entryPoint": "s3://x"}}}
    good, bad = (client.start_job_run(applicationId=place, **told)["jobRunId"] for _ in range(2))
    client.cancel_job_run(applicationId=place, jobRunId=bad)
    return {"application": place, "good": f"{place}/{good}", "bad": f"{place}/{bad}"}


@contextmanager
def moto(**environ: str) -> Iterator[Cloud]:
    """A server of moto, told not to run anything in containers."""
    port = free_port()
    program = environment("moto[server,batch]==5.2.5").parent / "moto_server"
    with running(program, "-p", str(port), ready=lambda: is_open(port), environ=environ):
        cloud = Cloud(f"http://127.0.0.1:{port}")
        cloud.tell(
            "config", batch={"use_docker": False}, stepfunctions={"execute_state_machine": True}
        )
        for name in STATES:
            by_looks = {"progression": "manual", "times": 1}
            cloud.tell("state-manager/set-transition", model_name=name, transition=by_looks)
        yield cloud


@pytest.fixture(scope="module")
def made() -> Iterator[dict[str, Any]]:
    """What there is in an account, by what it is called here."""
    with moto() as cloud:
        made = batch(cloud) | executions(cloud) | others(cloud)
        yield made | {"environ": cloud.guard()}


@pytest.fixture(scope="module")
def torn() -> Iterator[dict[str, Any]]:
    """An account where every job of a queue fails, and nobody looks at signatures."""
    with moto(MOTO_SIMPLE_BATCH_FAIL_AFTER="0") as cloud:
        yield batch(cloud) | runs(cloud) | {"environ": cloud.environ("AKIAPLANTED", "planted")}


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


@pytest.fixture
def _account(made: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in made["environ"].items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_account")
class TestBatch:
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


@pytest.mark.usefixtures("_account")
class TestOthers:
    def test_each_comes_to_its_end_while_it_is_waited_for(
        self, made: dict[str, Any], jobctl: Run
    ) -> None:
        jobs = [f"{name}/{made[name]}" for name in OTHERS]
        done = jobctl("wait", *jobs, "--timeout", "2m", "--json")
        assert (done.code, [job["ref"] for job in done.document]) == (0, jobs), done.err
        assert {job["state"] for job in done.document} == {"succeeded"}

    @pytest.mark.parametrize("name", OTHERS)
    def test_each_is_listed(self, name: str, made: dict[str, Any], jobctl: Run) -> None:
        place = {"aws-codebuild": ["site"], "aws-glue": ["night"]}.get(name, [])
        done = jobctl("list", name, *place, "--since", "7d", "--json")
        assert [job["id"] for job in done.document] == [made[name]]

    @pytest.mark.parametrize("name", [name for name, missing in OTHERS.items() if missing])
    def test_what_is_not_there_is_not_found(self, name: str, jobctl: Run) -> None:
        done = jobctl("get", name, str(OTHERS[name]), "--json")
        assert (done.code, done.error["kind"]) == (5, "not-found")
        assert not str(done.error["message"]).endswith("}")

    def test_whoever_may_not_ask_is_told(
        self, made: dict[str, Any], jobctl: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-wrong")
        jobs = [f"{name}/{made[name]}" for name in OTHERS]
        assert {jobctl("get", job).code for job in jobs} == {4}

    def test_rows_of_a_query_are_its_results(self, made: dict[str, Any], jobctl: Run) -> None:
        done = jobctl("results", "aws-athena", made["aws-athena"], "--wait", "-o", "ndjson")
        assert (done.code, done.document) == (0, {"length": "42"})


class TestTorn:
    @pytest.fixture(autouse=True)
    def _account(self, torn: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in torn["environ"].items():
            monkeypatch.setenv(name, value)

    def test_jobs_that_fail_are_seen_with_all_their_children(
        self, torn: dict[str, Any], jobctl: Run
    ) -> None:
        one, many = torn["one"], torn["many"]
        done = jobctl("get", "aws-batch", one, many, f"{many}:1", "--wait", "--json")
        assert done.code == 10
        assert [job["state"] for job in done.document] == ["failed"] * 3
        assert done.document[1]["progress"]["failed"] == 3
        listed = jobctl("list", "aws-batch", "high", "--state", "failed", "--json").document
        assert {one, many} <= {job["id"] for job in listed}

    def test_a_run_that_is_cancelled_has_an_end_of_its_own(
        self, torn: dict[str, Any], jobctl: Run
    ) -> None:
        good, bad = torn["good"], torn["bad"]
        done = jobctl("get", UNSIGNED, good, bad, "--wait", "--json")
        assert [job["state"] for job in done.document] == ["succeeded", "cancelled"]
        listed = jobctl("list", UNSIGNED, torn["application"], "--state", "cancelled", "--json")
        assert [job["id"] for job in listed.document] == [bad]
        assert jobctl("get", UNSIGNED, f"{torn['application']}/nobody").code == 5
