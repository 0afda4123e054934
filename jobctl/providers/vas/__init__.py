"""Huawei Video Analysis Service v2: the tasks of its services.

https://support.huaweicloud.com/api-vas/vas_03_0047.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from jobctl.accounts import huawei
from jobctl.config import Setting
from jobctl.errors import AuthError, ConfigError, NotFoundError, UnavailableError
from jobctl.models import JobState
from jobctl.provider import IdPart, Listing, Manifest, Option, Refusal

_RETIRED = (
    "this API is not published here: the vendor has retired most of the service;"
    " check region and base_url"
)
_SUBSCRIBE = Refusal(AuthError, "subscribe to the service first")

# What the list can be asked for, and what it may mean.
STATES = {
    "PENDING": JobState.QUEUED,
    "RECOVERING": JobState.RUNNING,
    "STARTING": JobState.RUNNING,
    "UPGRADING": JobState.RUNNING,
    "RUNNING": JobState.RUNNING,
    "STOPPING": JobState.RUNNING,
    "DELETING": JobState.RUNNING,
    "FREEZING": JobState.RUNNING,
    "SUCCEEDED": JobState.SUCCEEDED,
    "FAILED": JobState.FAILED,
    "CREATE_FAILED": JobState.FAILED,
    "START_FAILED": JobState.FAILED,
    "STOPPED": JobState.CANCELLED,
    "FROZEN": JobState.FAILED,
    "ABNORMAL": JobState.FAILED,
}
SORTS = {"created": "created_at", "updated": "updated_at", "name": "name"}


_SERVICE = IdPart(
    "service",
    "2 to 100 small letters and hyphens, a letter first and last",
    r"[a-z][a-z-]{0,98}[a-z]",
)


def check_service(text: str, name: str) -> None:
    """See that a setting holds the name of a service.

    Raises:
        ConfigError: it does not.
    """
    if not re.fullmatch(_SERVICE.pattern, text, re.ASCII):
        raise ConfigError(f"{name} {text!r} is no service: {_SERVICE.help}")


class About(Manifest):
    """See `Manifest`."""

    title = "Huawei VAS"
    summary = "Tasks of video-analysis services: one algorithm over files or live streams."
    docs = "https://support.huaweicloud.com/api-vas/vas_03_0047.html"
    life = (
        "mostly retired: video moderation sold until 2023-10-30, campus and water ended 2024-03-10"
    )
    account = huawei.ACCOUNT
    ids = (
        _SERVICE,
        IdPart("task", "1 to 64 letters, digits and underscores", r"[A-Za-z0-9_]{1,64}"),
    )
    example = "video-analyze/f18320e61e4c4dc685aa2dfc22a28dc5"
    paths = ("/v2/{project_id}/services/{service}/tasks/{task}",)
    settings = (
        Setting(
            "base_url",
            "where the API lies; else derived from the region",
            ("HUAWEICLOUD_SDK_REGION_VAS_{REGION}",),
            check=huawei.check_endpoint,
        ),
        Setting(
            "service_name",
            "the service whose tasks are listed where none is named",
            harmless=True,
            check=check_service,
        ),
    )
    needs = (("region", "base_url"), ("region", "project_id", "project_name"))
    options = (Option("name", "only tasks with this in their name", "TEXT", ("list",)),)
    states: ClassVar[Mapping[str, JobState]] = {
        **STATES,
        # Words of sibling services.
        "SCHEDULING": JobState.QUEUED,
        "PENDING_CREATE": JobState.QUEUED,
        "PENDING_DELETE": JobState.RUNNING,
        "CREATE_FAIL": JobState.FAILED,
        "DELETE_FAIL": JobState.FAILED,
    }
    status_field = "state"
    id_fields: ClassVar[Mapping[str, str]] = {"service": "service_name", "task": "id"}
    secrets = (
        "output.webhook.headers",
        "output.webhook.url",
        "input.data.*.headers",
        "input.data.*.url",
        "input.vcn.username",
        "input.vcn.password",
        "hosting_result.data",
    )
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {
        (None, "IVA.0005"): Refusal(NotFoundError, "check the service, the task and the project"),
        (400, "IVA.0002"): Refusal(
            ConfigError, "project_id must be the project that the credentials belong to"
        ),
        (403, "IVA.0007"): _SUBSCRIBE,
        (403, "IVA.0008"): _SUBSCRIBE,
        **dict.fromkeys(huawei.NOT_PUBLISHED, Refusal(UnavailableError, _RETIRED)),
        **dict.fromkeys(huawei.WRONG_TIME, Refusal(AuthError, huawei.CLOCK)),
    }
    pace = (10.0, 60.0)
    gives = ("results",)
    listing = Listing(
        (0, 1),
        frozenset({"state", "since"}),
        SORTS,
        where="The service of which the tasks are listed; else that of the setting service_name.",
    )
