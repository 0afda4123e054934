"""The vendors' own programs read the sandbox's jobs, and see what jobctl sees.

Each SDK is installed from the package index into an environment of its own: see `environments`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from environments import environment, run

from jobctl import registry
from jobctl.auth.cache import TokenCache
from jobctl.clock import Clock
from jobctl.config import sandbox_profile
from jobctl.errors import AuthError, JobctlError, NotFoundError
from jobctl.http import connect
from jobctl.models import Job, JobRef, Query, rfc3339
from jobctl.provider import Provider
from jobctl.sandbox import Lives, service
from jobctl.sandbox.server import serving
from jobctl.stream.pages import Walk

pytestmark = pytest.mark.slow

COGNITE = """
import json, sys
from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import OAuthClientCredentials, Token
from cognite.client.exceptions import (
    CogniteAPIError, CogniteAuthError, CogniteModelFailedError, CogniteProjectAccessError
)

root, sign_in, secret, *ids = sys.argv[1:]
global_config.disable_pypi_version_check = True
credentials = (
    Token(secret)
    if sign_in == "token"
    else OAuthClientCredentials(
        token_url=f"{root}/oauth2/token",
        client_id="sandbox",
        client_secret=secret,
        scopes=[f"{root}/.default"],
    )
)
client = CogniteClient(
    ClientConfig("jobctl-tests", "sandbox", credentials, base_url=root, timeout=10)
)
for id in ids:
    try:
        job = client.vision.get_extract_job(int(id))
        first = job.status
        try:
            job.wait_for_completion(timeout=30, interval=1)
        except CogniteModelFailedError:
            pass
        print(json.dumps({"first": first, "last": job.dump()}))
    except CogniteAPIError as error:
        print(json.dumps({"code": error.code}))
    except CogniteProjectAccessError:
        print(json.dumps({"code": "project"}))
    except CogniteAuthError:
        print(json.dumps({"code": "token"}))
"""

MODZY = """
import json, sys
from modzy import ApiClient
from modzy.error import ApiError

root, key, *ids = sys.argv[1:]
client = ApiClient(base_url=root, api_key=key)
for id in ids:
    try:
        first = client.jobs.get(id).status
        job = client.jobs.block_until_complete(id, timeout=30, poll_interval=0.2)
        result = client.results.block_until_complete(id, timeout=30, poll_interval=0.2)
        print(json.dumps({"first": first, "last": dict(job), "result": dict(result)}))
    except ApiError as error:
        print(json.dumps({"code": error.response.status_code}))
"""

MODZY_HISTORY = """
import json, sys
from modzy import ApiClient

root, key, start = sys.argv[1:]
client = ApiClient(base_url=root, api_key=key)
page, jobs = 1, [None] * 100
while len(jobs) == 100:
    jobs = client.jobs.get_history(
        start_date=start, sort_by="createdAt", direction="DESC", page=page, per_page=100
    )
    page += 1
    for job in jobs:
        print(json.dumps(dict(job)))
"""


def told(python: Path, script: str, *words: str) -> list[dict[str, Any]]:
    """What a script tells, a JSON object on each line."""
    return [json.loads(line) for line in run(python, "-c", script, *words).splitlines()]


@pytest.fixture
def root() -> Iterator[str]:
    """The sandbox, over real HTTP."""
    with serving(lives=Lives(Clock(2))) as (url, _):
        yield url


@contextmanager
def opened(name: str, root: str, **values: str) -> Iterator[Provider]:
    """A provider of ours that asks the sandbox."""
    cls = registry.find(name)
    profile = sandbox_profile(
        cls.sections(), dict(service(name).settings(f"{root}/{name}")) | values
    )
    auth = cls.auth(profile, TokenCache())
    with connect(cls.base_url(profile), auth, patience=0, trust_env=False) as client:
        yield cls(profile, client)


def look(name: str, root: str, job: str, **values: str) -> Job:
    """What a provider of ours sees in the sandbox."""
    with opened(name, root, **values) as provider:
        return provider.get(JobRef.parse(job, name))


def records(name: str, root: str, job: str) -> list[dict[str, Any]]:
    """The results of a job as ours gives them."""
    with opened(name, root) as provider:
        return [json.loads(one) for one in provider.results(JobRef.parse(job, name)).items]


def moment(milliseconds: int) -> str | None:
    return rfc3339(datetime.fromtimestamp(milliseconds / 1000, UTC))


class TestCognite:
    SDK = "cognite-sdk==8.22.0"

    @pytest.mark.parametrize(
        ("sign_in", "secret"),
        [("token", "sandbox-access-token"), ("client_credentials", "sandbox-secret")],
    )
    def test_the_vendors_sdk_sees_the_same_jobs(self, root: str, sign_in: str, secret: str) -> None:
        ids = ["123", "124", "125"]
        seen = told(environment(self.SDK), COGNITE, f"{root}/cognite", sign_in, secret, *ids)
        for job, theirs in zip(ids, seen, strict=True):
            ours = look("cognite", root, job).document()
            last = theirs["last"]
            assert theirs["first"] == "Queued"
            assert (str(last["jobId"]), last["status"]) == (ours["id"], ours["status"])
            assert len(last["items"]) == (ours["progress"]["succeeded"] or 0)
            assert moment(last["createdTime"]) == ours["created_at"]
            assert moment(last["startTime"]) == ours["started_at"]
            assert moment(last["statusTime"]) == ours["updated_at"] == ours["ended_at"]
        states = [look("cognite", root, job).state.value for job in ids]
        assert states == ["succeeded", "partial", "failed"]

    def test_the_vendors_sdk_reads_the_same_results(self, root: str) -> None:
        ids, token = ["123", "124", "127"], "sandbox-access-token"
        python = environment(self.SDK)
        for job, theirs in zip(
            ids, told(python, COGNITE, f"{root}/cognite", "token", token, *ids), strict=True
        ):
            assert theirs["last"]["items"] == records("cognite", root, job)

    def test_the_vendors_sdk_is_refused_where_jobctl_is(self, root: str) -> None:
        sandbox, python = f"{root}/cognite", environment(self.SDK)
        token = "sandbox-access-token"
        assert told(python, COGNITE, sandbox, "token", token, "403", "404", "4001") == [
            {"code": 403},
            {"code": 404},
            {"code": 400},
        ]
        for job, kind in (("403", AuthError), ("404", NotFoundError), ("4001", NotFoundError)):
            with pytest.raises(kind):
                look("cognite", root, job)
        assert told(python, COGNITE, sandbox, "token", "wrong", "123") == [{"code": "project"}]
        assert told(python, COGNITE, sandbox, "client_credentials", "wrong", "123") == [
            {"code": "token"}
        ]
        for values in ({"auth": "token", "token": "wrong"}, {"client_secret": "wrong"}):
            with pytest.raises(AuthError):
                look("cognite", root, "123", **values)


class TestModzy:
    SDK = "modzy-sdk==0.11.6"
    KEY = "SANDBOX1.sandbox-key-body"

    def test_the_vendors_sdk_sees_the_same_jobs(self, root: str) -> None:
        states = {
            "14856eb1-0ad8-49e7-9da3-887acb80fea5": "succeeded",
            "2700725a-9c84-40ae-bbeb-4fce0d35424e": "partial",
            "job-error-1": "failed",
            "job-canceled-1": "cancelled",
        }
        seen = told(environment(self.SDK), MODZY, f"{root}/modzy/api", self.KEY, *states)
        for (job, state), theirs in zip(states.items(), seen, strict=True):
            ours = look("modzy", root, job)
            last, result, progress = theirs["last"], theirs["result"], ours.progress
            assert theirs["first"] == "SUBMITTED"
            assert (last["jobIdentifier"], last["status"]) == (ours.ref.id, ours.status)
            assert (last["total"], last["completed"], last["failed"], last["pending"]) == (
                progress.total,
                progress.succeeded,
                progress.failed,
                progress.pending,
            )
            assert ours.state.value == state
            assert result["finished"] is True
            assert list(result.get("failures", {})) == [one.id for one in ours.failures]
            entries = result.get("results", {}) | result.get("failures", {})
            assert records("modzy", root, job) == [
                {"inputKey": key} | entry for key, entry in entries.items()
            ]

    def test_the_vendors_sdk_lists_the_same_jobs(self, root: str) -> None:
        start = datetime.now(UTC) - timedelta(days=14)
        words = (f"{root}/modzy/api", self.KEY, str(rfc3339(start)))
        theirs = told(environment(self.SDK), MODZY_HISTORY, *words)
        with opened("modzy", root) as one:
            walk = Walk(lambda cursor: one.list(Query(since=start), cursor))
            ours = [job for page in walk for job in page.items]
        assert [job.ref.id for job in ours] == [row["jobIdentifier"] for row in theirs]
        assert len(ours) > 100
        for job, row in zip(ours, theirs, strict=True):
            if job.ref.id.startswith("job-old-"):
                assert (job.status, job.progress.failed) == (row["status"], row["failed"])

    def test_the_vendors_sdk_is_refused_where_jobctl_is(self, root: str) -> None:
        ids = ["error-403", "nobody"]
        assert told(environment(self.SDK), MODZY, f"{root}/modzy/api", self.KEY, *ids) == [
            {"code": 403},
            {"code": 404},
        ]
        kinds: list[type[JobctlError]] = [AuthError, NotFoundError]
        for job, kind in zip(ids, kinds, strict=True):
            with pytest.raises(kind):
                look("modzy", root, job)
