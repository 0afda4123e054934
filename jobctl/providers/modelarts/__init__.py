"""Huawei ModelArts: data-processing tasks and their versions.

https://github.com/opentelekomcloud-docs/modelarts
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from jobctl.accounts import huawei
from jobctl.config import Setting
from jobctl.errors import AuthError, ConfigError, NotFoundError, UnavailableError
from jobctl.models import JobState
from jobctl.provider import IdPart, Listing, Manifest, Option, Refusal

_RETIRED = (
    "this API is not published here: the vendor took these tasks off Huawei Cloud China on"
    " 2024-10-31; elsewhere check region and base_url"
)
_PROJECT = Refusal(ConfigError, "project_id must be the project that the credentials belong to")
_NO_TASK = Refusal(NotFoundError, "check the task's id and the project")
_NO_VERSION = Refusal(NotFoundError, "check the version's id: it is a task_version_id")
_NOTHING = Refusal(NotFoundError, "what the task worked on is gone")
_BAD_CREDENTIALS = Refusal(AuthError, "check the credentials of account 'huawei'")

LARGEST_PAGE = 100
PROPERTIES = {"kept": 0, "modified": 1, "deleted": 2, "added": 3}


class TaskFailedError(UnavailableError):
    """The service answers with an error where it should say that the task has failed."""


class TaskNotEndedError(UnavailableError):
    """What was asked for is there only when the task has ended."""


class About(Manifest):
    """See `Manifest`."""

    title = "Huawei ModelArts"
    summary = "Tasks that analyse, check, clean, select or augment a data set, and their versions."
    docs = "https://github.com/opentelekomcloud-docs/modelarts"
    life = "historical API; off Huawei Cloud China since 2024-10-31, still documented for OTC"
    account = huawei.ACCOUNT
    ids = (
        IdPart("task", "the id of a data-processing task"),
        IdPart("version", "the id of a version of the task", optional=True),
    )
    example = "kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA"
    paths = (
        "/v2/{project_id}/processor-tasks/{task}",
        "/v2/{project_id}/processor-tasks/{task}/versions/{version}",
    )
    settings = (
        Setting(
            "base_url",
            "where the API lies; else derived from the region",
            ("HUAWEICLOUD_SDK_REGION_MODELARTS_{REGION}",),
            check=huawei.check_endpoint,
        ),
        Setting(
            "workspace_id",
            "the workspace whose tasks are listed; else the service's default",
            harmless=True,
        ),
        Setting(
            "offset_mode",
            "what the service counts in offsets, pages or records; auto finds out",
            default="auto",
            choices=("auto", "page", "record"),
            harmless=True,
        ),
    )
    needs = (("region", "base_url"), ("region", "project_id", "project_name"))
    options = (
        Option("name", "only tasks whose name is like this", "TEXT", ("list",)),
        Option("type", "only tasks of a type such as sys_data_cleaning", "TYPE", ("list",)),
        Option(
            "property",
            f"only samples that were {', '.join(PROPERTIES)}",
            "WORD",
            ("results",),
            tuple(PROPERTIES),
        ),
        Option("process-parameter", "the service's rule for resizing images", "RULE", ("results",)),
    )
    states: ClassVar[Mapping[str, JobState]] = {
        "0": JobState.QUEUED,
        "1": JobState.RUNNING,
        "2": JobState.SUCCEEDED,
        "3": JobState.FAILED,
        "4": JobState.CANCELLED,
    }
    id_fields: ClassVar[Mapping[str, str]] = {"task": "task_id", "version": "task_version_id"}
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {
        (400, "ModelArts.4700"): _NO_TASK,
        (400, "ModelArts.4612"): _NO_TASK,
        (400, "ModelArts.4851"): _NO_VERSION,
        (400, "ModelArts.4338"): _NOTHING,
        (400, "ModelArts.4352"): _NOTHING,
        (400, "ModelArts.4353"): _NOTHING,
        (400, "ModelArts.0204"): _PROJECT,
        (400, "ModelArts.0210"): _PROJECT,
        (403, "ModelArts.0210"): _PROJECT,
        (403, "ModelArts.0203"): _BAD_CREDENTIALS,
        (403, "ModelArts.0206"): _BAD_CREDENTIALS,
        (403, "ModelArts.4613"): Refusal(TaskNotEndedError, "the task has not finished", True),
        (403, "ModelArts.4850"): Refusal(TaskNotEndedError, "the task is being initialized", True),
        **dict.fromkeys(huawei.NOT_PUBLISHED, Refusal(UnavailableError, _RETIRED)),
        **dict.fromkeys(huawei.WRONG_TIME, Refusal(AuthError, huawei.CLOCK)),
        (500, "ModelArts.4614"): Refusal(TaskFailedError),
    }
    listing = Listing(
        (0, 1),
        frozenset({"state"}),
        {"created": "create_time", "name": "name"},
        where="The task of which the versions are listed; without it, the tasks themselves are.",
    )
    gives = ("results",)
    fields = (
        "sample_id",
        "version_id",
        "origin_source",
        "new_source",
        "signed_origin_source",
        "signed_new_source",
        "result_property",
        "result_description",
    )
    columns = ("sample_id", "result_property", "origin_source", "new_source", "signed_new_source")
    headings: ClassVar[Mapping[str, str]] = {
        "sample_id": "sample",
        "result_property": "became",
        "origin_source": "before",
        "new_source": "after",
        "signed_new_source": "link",
    }
    meanings: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "result_property": {str(number): word for word, number in PROPERTIES.items()}
    }
    largest_page = LARGEST_PAGE
