"""Jobs of Slurm, as Debian has it: the controller, a node, and the REST API beside them, by root.

https://slurm.schedmd.com/rest_api.html
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import run
from servers import free_port, is_open, running

pytestmark = [pytest.mark.slow, pytest.mark.servers]

CONFIG = """\
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key={folder}/jwt.key
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/node.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
NodeName=localhost NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A cluster of one node; the variables of whoever may ask it."""
    folder = tmp_path_factory.mktemp("slurm")
    for shown in (folder, *folder.parents[:3]):
        if shown.owner() == folder.owner():
            shown.chmod(0o755)  # the API is served by somebody who may do nothing else
    ports = [free_port() for _ in range(3)]
    controller, node, rest = ports
    config = folder / "slurm.conf"
    config.write_text(CONFIG.format(folder=folder, controller=controller, node=node))
    config.chmod(0o644)
    (folder / "state").mkdir()
    for name in ("jwt.key", "munge.key"):
        (folder / name).write_bytes(os.urandom(1024))
        (folder / name).chmod(0o600)
    environ = {"SLURM_CONF": str(config)}
    munge = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "log", "seed")]
    socket = folder / "munge.socket"
    with ExitStack() as stack:
        stack.enter_context(
            running(
                "munged", "--foreground", "--force", f"--socket={socket}", *munge,
                ready=socket.exists,
            )
        )  # fmt: skip
        for port, *command in (
            (controller, "slurmctld", "-D", "-c"),
            (node, "slurmd", "-D", "-N", "localhost"),
            (
                rest, "slurmrestd", "-u", "nobody", "-g", "nogroup", "-a", "rest_auth/jwt",
                "-s", "openapi/v0.0.38", f"127.0.0.1:{rest}",
            ),
        ):  # fmt: skip
            stack.enter_context(
                running(
                    *map(str, command),
                    ready=partial(is_open, port),
                    environ=environ | ({"SLURM_JWT": "daemon"} if port == rest else {}),
                )
            )
        token = run("scontrol", "token", "lifespan=3600", environ=environ).strip().partition("=")[2]
        yield environ | {
            "JOBCTL_SLURM_BASE_URL": f"http://127.0.0.1:{rest}",
            "JOBCTL_SLURM_API_VERSION": "v0.0.38",
            "SLURM_USER_NAME": "root",
            "SLURM_JWT": token,
        }


def submit(cluster: dict[str, str], script: str, *words: str) -> str:
    command = ("sbatch", "--parsable", "--output=/dev/null", *words, f"--wrap={script}")
    return run(*command, environ={"SLURM_CONF": cluster["SLURM_CONF"]}, cwd=Path("/")).strip()


@pytest.fixture(scope="module")
def jobs(cluster: dict[str, str]) -> Jobs:
    bad = submit(cluster, "exit 3")
    return Jobs(submit(cluster, "sleep 2"), bad, cluster)


class TestSlurm(ServerContract):
    provider = "slurm"
    complaint = "NonZeroExitCode"
    missing = "99999"

    def test_an_array_ends_with_the_last_of_its_jobs(
        self, cluster: dict[str, str], jobctl: Run
    ) -> None:
        many = submit(cluster, "sleep 1; test $SLURM_ARRAY_TASK_ID != 1", "--array=1-2")
        done = jobctl("get", "slurm", many, "--wait", "--timeout", "2m", "--json")
        assert (done.code, done.document["state"]) == (12, "partial")
        assert "it is an array" in done.err
        done = jobctl("get", "slurm", f"{many}_1", "--json")
        assert (done.document["state"], done.err) == ("failed", "")

    def test_a_job_can_be_cancelled(self, cluster: dict[str, str], jobctl: Run) -> None:
        held = submit(cluster, "true", "--hold")
        assert jobctl("get", "slurm", held, "--json").document["state"] == "queued"
        run("scancel", held, environ={"SLURM_CONF": cluster["SLURM_CONF"]})
        assert jobctl("get", "slurm", held, "--wait", "--timeout", "2m").code == 11

    @pytest.mark.parametrize(
        ("name", "value", "code", "hint"),
        [
            # so says the controller of 22.05 of any token that is wrong
            ("SLURM_JWT", "planted-wrong", 6, "a token that has expired"),
            ("SLURM_JWT", "", 4, "scontrol token"),
            ("JOBCTL_SLURM_API_VERSION", "v0.0.99", 2, "set api_version"),
        ],
    )
    def test_what_is_set_wrongly_is_told(
        self, name: str, value: str, code: int, hint: str, jobs: Jobs, jobctl: Run,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setenv(name, value)
        done = jobctl("get", "slurm", jobs.good, "--json")
        assert done.code == code
        assert hint in done.error["hint"]
