"""What is true of every provider of the catalogue that is asked with a server of its own."""

from typing import ClassVar, NamedTuple

import pytest
from commanding import Run


class Jobs(NamedTuple):
    """Jobs that a server has: one that comes to a good end while it is looked at, and a bad one."""

    good: str
    bad: str
    environ: dict[str, str]


class ServerContract:
    """Asked through the shipped file alone, a server tells of its jobs.

    A class for each server gives `jobs`; `complaint` is what the bad job says, `missing` the id of
    none, `begins` the time that is told of a beginning, `wrong` the variables of somebody who may
    not ask, where the server cares.
    """

    provider: ClassVar[str]
    within: ClassVar[tuple[str, ...]] = ()
    complaint: ClassVar[str] = "the belt tore"
    missing: ClassVar[str]
    begins: ClassVar[str] = "started_at"
    wrong: ClassVar[dict[str, str] | None] = None

    @pytest.fixture(autouse=True)
    def _account(self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in jobs.environ.items():
            monkeypatch.setenv(name, value)

    def test_a_wait_ends_with_a_success(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("get", self.provider, jobs.good, "--wait", "--timeout", "3m", "--json")
        assert (done.code, done.document["state"]) == (0, "succeeded"), done.err
        assert done.document["ended_at"] >= done.document[self.begins]

    def test_a_wait_ends_with_a_failure_and_its_reason(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("get", self.provider, jobs.bad, "--wait", "--timeout", "3m", "--json")
        assert (done.code, done.document["state"]) == (10, "failed"), done.err
        assert self.complaint in str(done.document["message"])

    def test_both_are_listed(self, jobs: Jobs, jobctl: Run) -> None:
        for job in (jobs.good, jobs.bad):
            jobctl("get", self.provider, job, "--wait", "--timeout", "3m")
        done = jobctl("list", self.provider, *self.within, "--json")
        states = {job["id"]: job["state"] for job in done.document}
        assert states.items() >= {jobs.good: "succeeded", jobs.bad: "failed"}.items()
        only = jobctl("list", self.provider, *self.within, "--state", "failed", "--json")
        assert jobs.bad in {job["id"] for job in only.document}
        assert {job["state"] for job in only.document} == {"failed"}

    def test_a_job_that_is_not_there_is_not_found(self, jobctl: Run) -> None:
        done = jobctl("get", self.provider, self.missing, "--json")
        assert (done.code, done.error["kind"]) == (5, "not-found")

    def test_whoever_may_not_ask_is_told(
        self, jobs: Jobs, jobctl: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (self.wrong or {}).items():
            monkeypatch.setenv(name, value)
        done = jobctl("get", self.provider, jobs.good, "--json")
        assert done.code == (0 if self.wrong is None else 4)
