"""Cognite Data Fusion: Vision feature extraction.

https://docs.cognite.com/api/v1/#tag/Vision/operation/getVisionExtract
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from jobctl.accounts import address
from jobctl.config import Kind, Setting
from jobctl.errors import AuthError, NotFoundError, UsageError
from jobctl.models import JobRef, JobState
from jobctl.provider import IdPart, Manifest, Option, Refusal
from jobctl.provider.path import segment
from jobctl.providers.cognite.account import ACCOUNT, check_cluster

_RETIRED = "the vendor retires this API on 2027-02-17: after that day no job can be read any more"


class About(Manifest):
    """See `Manifest`."""

    title = "Cognite Vision"
    summary = "Vision extract jobs: 1 to 100 images, their features found in batches."
    docs = "https://docs.cognite.com/api/v1/#tag/Vision/operation/getVisionExtract"
    life = "deprecated; the vendor retires it on 2027-02-17"
    account = ACCOUNT
    ids = (IdPart("job", "a whole number from 1 to 9223372036854775807", r"[1-9][0-9]{0,18}"),)
    example = "123"
    paths = ("/api/v1/projects/{project}/context/vision/extract/{job}",)
    settings = (
        Setting(
            "project",
            "the CDF project",
            ("CDF_PROJECT", "COGNITE_PROJECT"),
            required=True,
            harmless=True,
            check=segment,
        ),
        address(
            "base_url",
            "where the API lies; else derived from the cluster",
            ("CDF_URL", "COGNITE_BASE_URL"),
        ),
        Setting(
            "cluster", "the cluster, such as westeurope-1", ("CDF_CLUSTER",), check=check_cluster
        ),
        Setting(
            "api_version",
            "the cdf-version header, such as beta; else none is sent",
            kind=Kind.WORD,
            harmless=True,
        ),
        Setting(
            "client_name",
            "how the client names itself in the vendor's tracing",
            ("COGNITE_CLIENT_NAME",),
            default="jobctl",
            kind=Kind.WORD,
            harmless=True,
        ),
    )
    needs = (("cluster", "base_url"),)
    options = (
        Option(
            "cdf-version", "the cdf-version header, such as beta", "VERSION", ("get", "results")
        ),
    )
    states: ClassVar[Mapping[str, JobState]] = {
        "QUEUED": JobState.QUEUED,
        "RUNNING": JobState.RUNNING,
        "COLLECTING": JobState.RUNNING,
        "DISTRIBUTING": JobState.RUNNING,
        "DISTRIBUTED": JobState.RUNNING,
        "COMPLETED": JobState.SUCCEEDED,
        "FAILED": JobState.FAILED,
        "TIMEOUT": JobState.FAILED,
    }
    id_fields: ClassVar[Mapping[str, str]] = {"job": "jobId"}
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {
        (401, None): Refusal(
            AuthError,
            "check the credentials of account 'cognite';"
            " a token with wrong scopes is answered like that, too",
        ),
        (403, None): Refusal(
            AuthError, "there is no such job, or these credentials lack filesAcl:READ"
        ),
        (404, None): Refusal(NotFoundError, f"check the id and the project; {_RETIRED}"),
        (410, None): Refusal(NotFoundError, _RETIRED),
    }
    unlisted = (
        "the answer that started a job has its id as jobId;"
        " `jobctl history` shows the jobs seen lately"
    )
    gives = ("results",)
    fields = ("fileId", "fileExternalId", "predictions", "errorMessage")
    columns = ("fileId", "fileExternalId", "predictions", "errorMessage")

    @classmethod
    def check(cls, ref: JobRef) -> JobRef:
        super().check(ref)
        if int(ref.parts[0]) > 2**63 - 1:
            raise UsageError(f"{ref.parts[0]} is not a job of cognite: {cls.ids[0].help}")
        return ref
