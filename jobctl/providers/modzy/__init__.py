"""Modzy: inference jobs.

https://docs.modzy.com/reference/jobs
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from jobctl.accounts import address
from jobctl.errors import AuthError, NotFoundError
from jobctl.models import JobState
from jobctl.provider import IdPart, Listing, Manifest, Option, Refusal
from jobctl.providers.modzy.account import ACCOUNT

OPEN = "OPEN"
SORTS = {"created": "createdAt", "updated": "updatedAt"}


STATES: Mapping[str, JobState] = {
    "SUBMITTED": JobState.QUEUED,
    "PENDING": JobState.QUEUED,
    OPEN: JobState.QUEUED,
    "IN_PROGRESS": JobState.RUNNING,
    "COMPLETED": JobState.SUCCEEDED,
    "COMPLETED_WITH_ERROR": JobState.PARTIAL,
    "CANCELED": JobState.CANCELLED,
    "TIMEDOUT": JobState.FAILED,
    "ERROR": JobState.FAILED,
    "COMPLETE": JobState.SUCCEEDED,
    "CANCELLED": JobState.CANCELLED,
    "TIMED_OUT": JobState.FAILED,
    "TIMEOUT": JobState.FAILED,
    "FAILED": JobState.FAILED,
}


class About(Manifest):
    """See `Manifest`."""

    title = "Modzy"
    summary = "Inference jobs: one version of a model over one or more named inputs."
    docs = "https://docs.modzy.com/reference/jobs"
    life = "no end is announced, but the vendor's public code has not moved since 2023"
    account = ACCOUNT
    ids = (
        IdPart(
            "job",
            "1 to 128 letters, digits, dots, hyphens and underscores, usually a UUID",
            r"(?!(?:\.|\.\.|history|features)\Z)[A-Za-z0-9._-]{1,128}",
        ),
    )
    example = "14856eb1-0ad8-49e7-9da3-887acb80fea5"
    prefix = "/api"
    paths = ("/api/jobs/{job}", "/api/results/{job}")
    settings = (
        address(
            "base_url",
            "where the API lies, with or without /api",
            ("MODZY_BASE_URL",),
            default="https://app.modzy.com",
        ),
    )
    options = (
        Option("model", "only jobs of models whose name is like this", "NAME", ("list",)),
        Option(
            "status",
            "only jobs with this status of the service",
            "WORD",
            ("list",),
            tuple(STATES),
        ),
        Option("until", "only jobs created before this time (ISO 8601)", "TIME", ("list",)),
    )
    states = STATES
    id_fields: ClassVar[Mapping[str, str]] = {"job": "jobIdentifier"}
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {
        (401, None): Refusal(
            AuthError, "the key of account 'modzy' is misspelled or inactive, or the token expired"
        ),
        (403, None): Refusal(AuthError, "the key lacks the role, or the job is of another key"),
        (404, None): Refusal(
            NotFoundError, "check the id and the profile; a wrong base_url looks like this, too"
        ),
    }
    pace = (2.0, 60.0)
    listing = Listing(filters=frozenset({"state", "since"}), sorts=SORTS, reach="the last 30 days")
    gives = ("results",)
    fields = (
        "inputKey",
        "status",
        "error",
        "results.json",
        "engine",
        "inputFetching",
        "modelLatency",
        "outputUploading",
        "queueTime",
        "startTime",
        "updateTime",
        "endTime",
        "voting",
    )
    columns = ("inputKey", "status", "endTime", "error", "results.json")
