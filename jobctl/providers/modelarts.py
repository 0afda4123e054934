"""Huawei ModelArts: data-processing tasks and their versions.

https://github.com/opentelekomcloud-docs/modelarts
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from jobctl import payload
from jobctl.auth import huawei
from jobctl.config import Profile, Setting
from jobctl.errors import AuthError, ConfigError, JobctlError, NotFoundError, UnavailableError
from jobctl.models import Failure, Job, JobRef, JobState
from jobctl.provider import Answer, IdPart, Provider, Refusal

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache

_RETIRED = (
    "this API is not published here: the vendor took these tasks off Huawei Cloud China on"
    " 2024-10-31; elsewhere check region and base_url"
)
_PROJECT = Refusal(ConfigError, "project_id must be the project that the credentials belong to")
_NO_TASK = Refusal(NotFoundError, "check the task's id and the project")
_NO_VERSION = Refusal(NotFoundError, "check the version's id: it is a task_version_id")
_NOTHING = Refusal(NotFoundError, "what the task worked on is gone")
_BAD_CREDENTIALS = Refusal(AuthError, "check the credentials of account 'huawei'")


class TaskFailedError(UnavailableError):
    """The service answers with an error where it should say that the task has failed."""


class ModelArts(Provider):
    """Tasks that analyse, check, clean, select or augment a data set, and their versions."""

    title = "Huawei ModelArts"
    docs = "https://github.com/opentelekomcloud-docs/modelarts"
    life = "historical API; off Huawei Cloud China since 2024-10-31, still documented for OTC"
    account = "huawei"
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
        ),
        *huawei.SETTINGS,
    )
    states: ClassVar[Mapping[str, JobState]] = {
        "0": JobState.QUEUED,
        "1": JobState.RUNNING,
        "2": JobState.SUCCEEDED,
        "3": JobState.FAILED,
        "4": JobState.CANCELLED,
    }
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
        (403, "ModelArts.4613"): Refusal(UnavailableError, "the task has not finished"),
        (403, "ModelArts.4850"): Refusal(UnavailableError, "the task is being initialized"),
        **dict.fromkeys(huawei.NOT_PUBLISHED, Refusal(UnavailableError, _RETIRED)),
        **dict.fromkeys(huawei.WRONG_TIME, Refusal(AuthError, huawei.CLOCK)),
        (500, "ModelArts.4614"): Refusal(TaskFailedError),
    }

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        from jobctl.http import check_url

        if not profile.get("base_url") and profile.get("region") == "ap-southeast-1":
            return "https://modelarts.ap-southeast-1.myhuaweicloud.cn"
        return check_url(huawei.endpoint(profile, "modelarts"), "base_url")

    @classmethod
    def auth(cls, profile: Profile, cache: TokenCache) -> httpx.Auth:
        return huawei.sign_in(profile, cache)

    @classmethod
    def retryable(cls, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        failed = status == 500 and _code(body) == "ModelArts.4614"
        return super().retryable(status, headers, body) and not failed

    def path_names(self) -> dict[str, str]:
        return {"project_id": huawei.project_id(self.profile, self.client.auth, self.client)}

    def get(self, ref: JobRef) -> Job:
        url = self.url(ref)
        try:
            answer = self.fetch(url)
        except TaskFailedError as error:
            failed = JobState.FAILED
            return Job(ref=ref, state=failed, status=None, message=error.message, url=url)
        status = payload.text(answer.body.get("status"))
        state = self.state(status)
        if len(ref.parts) == 1:
            return _job(ref, url, answer, status, state)
        cause = self.cause(ref) if state is JobState.FAILED else None
        return _job(ref, url, answer, status, state, cause=cause)

    def cause(self, ref: JobRef) -> str | None:
        """What the task of a failed version says of its failure; a version has no word for it."""
        try:
            task = self.fetch(self.url(JobRef(ref.provider, ref.parts[:1]))).body
        except JobctlError:
            return None
        if self.state(payload.text(task.get("status"))) is not JobState.FAILED:
            return None
        said = payload.text(task.get("error_msg"))
        return f"task says: {said}" if said else None

    def refuse(self, response: httpx.Response) -> JobctlError:
        error = super().refuse(response)
        not_ready = ("ModelArts.4613", "ModelArts.4850")
        if response.status_code == 403 and _code(response.content) in not_ready:
            error.transient = True
        return error


def _code(body: bytes) -> str | None:
    return ModelArts.service_error(payload.json_or_none(body)).code


def _job(
    ref: JobRef,
    url: str,
    answer: Answer,
    status: str | None,
    state: JobState,
    *,
    cause: str | None = None,
) -> Job:
    body = answer.body
    is_task = len(ref.parts) == 1
    created, updated = (payload.epoch_ms(body.get(key)) for key in ("create_time", "update_time"))
    if is_task and state is JobState.FAILED:
        cause = payload.text(body.get("error_msg"))
    message = payload.redact(cause)
    return Job(
        ref=ref,
        state=state,
        status=status,
        # In a task, version_name is the data set's version.
        name=payload.text(body.get("name" if is_task else "version_name")),
        created_at=created,
        # The vendor's page describes update_time in the words of create_time.
        updated_at=updated if created and updated and updated >= created else None,
        duration_seconds=payload.count(body.get("duration_seconds")),
        message=message,
        failures=(Failure(None, message),) if message else (),
        url=url,
        detail=payload.redact(_of_task(body) if is_task else _of_version(body)),
        raw=answer.raw,
    )


def _of_task(body: Mapping[str, Any]) -> dict[str, Any]:
    return payload.facts(
        kind="task",
        **_of_both(body),
        dataset_version=payload.text(body.get("version_name"))
        or payload.text(body.get("version_id")),
        version_count=payload.count(body.get("version_count")),
        is_current=payload.boolean(body.get("is_current")),
        workspace_id=payload.text(body.get("workspace_id")),
        result=payload.text(body.get("result")),
    )


def _of_version(body: Mapping[str, Any]) -> dict[str, Any]:
    kinds = ("origin", "add", "modified", "unmodified", "deleted")
    counts = {f"{kind}_sample_count": body.get(f"{kind}_sample_count") for kind in kinds}
    return payload.facts(
        kind="version",
        **_of_both(body),
        output=payload.text(payload.mapping(body.get("work_path")).get("output_path")),
        **{name: payload.count(value) for name, value in counts.items()},
    )


def _of_both(body: Mapping[str, Any]) -> dict[str, Any]:
    given = payload.objects(body.get("inputs")) or payload.objects(body.get("data_source"))
    inputs = [payload.text(one.get("name")) or payload.text(one.get("source")) for one in given]
    return payload.facts(
        type=payload.text(payload.mapping(body.get("template")).get("id")),
        description=payload.text(body.get("description")),
        inputs=[name for name in inputs if name] or None,
    )
