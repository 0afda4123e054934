"""Huawei Video Analysis Service v2: the tasks of its services.

https://support.huaweicloud.com/api-vas/vas_03_0047.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from jobctl import payload
from jobctl.auth import huawei
from jobctl.config import Profile, Setting
from jobctl.errors import AuthError, ConfigError, NotFoundError, UnavailableError
from jobctl.models import Failure, Job, JobRef, JobState
from jobctl.provider import Answer, IdPart, Provider, Refusal

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache

_RETIRED = (
    "this API is not published here: the vendor has retired most of the service;"
    " check region and base_url"
)
_SUBSCRIBE = Refusal(AuthError, "subscribe to the service first")

_ARREARS = "frozen: account in arrears"
_NOT_WRITTEN = "NOT_GENERATED"
_HOSTED = {
    "AVAILABLE": None,
    _NOT_WRITTEN: "result not yet written",
    "EXCEED_IN_SIZE": "the result is not available: too big",
    "OVERDUE": "the result is not available: expired",
    "DELETED_MISTAKENLY": "the result is not available: deleted",
}
_UNTOLD = "the service does not say whether the result is available"


class Vas(Provider):
    """Tasks of video-analysis services: one algorithm over files or live streams."""

    title = "Huawei VAS"
    docs = "https://support.huaweicloud.com/api-vas/vas_03_0047.html"
    life = (
        "mostly retired: video moderation sold until 2023-10-30, campus and water ended 2024-03-10"
    )
    account = "huawei"
    ids = (
        IdPart(
            "service",
            "2 to 100 small letters and hyphens, a letter first and last",
            r"[a-z][a-z-]{0,98}[a-z]",
        ),
        IdPart("task", "1 to 64 letters, digits and underscores", r"[A-Za-z0-9_]{1,64}"),
    )
    example = "video-analyze/f18320e61e4c4dc685aa2dfc22a28dc5"
    paths = ("/v2/{project_id}/services/{service}/tasks/{task}",)
    settings = (
        Setting(
            "base_url",
            "where the API lies; else derived from the region",
            ("HUAWEICLOUD_SDK_REGION_VAS_{REGION}",),
        ),
        *huawei.SETTINGS,
    )
    states: ClassVar[Mapping[str, JobState]] = {
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
        # Words of sibling services.
        "SCHEDULING": JobState.QUEUED,
        "PENDING_CREATE": JobState.QUEUED,
        "PENDING_DELETE": JobState.RUNNING,
        "CREATE_FAIL": JobState.FAILED,
        "DELETE_FAIL": JobState.FAILED,
    }
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
    pace = (10.0, 15.0)

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        from jobctl.http import check_url

        return check_url(huawei.endpoint(profile, "iva"), "base_url")

    @classmethod
    def auth(cls, profile: Profile, cache: TokenCache) -> httpx.Auth:
        return huawei.sign_in(profile, cache)

    def path_names(self) -> dict[str, str]:
        return {"project_id": huawei.project_id(self.profile, self.client.auth, self.client)}

    def get(self, ref: JobRef) -> Job:
        url = self.url(ref)
        answer = self.fetch(url)
        status = payload.text(answer.body.get("state"))
        state = self.state(status)
        if state is JobState.SUCCEEDED and self.word(status or "") == "SUCCEEDED":
            return _job(ref, url, answer, status, state, hosting=_hosting(answer.body))
        return _job(ref, url, answer, status, state)


def _hosting(body: Mapping[str, Any]) -> str | None:
    """The status of a result that the service keeps itself; none where it lies elsewhere."""
    result = body.get("hosting_result")
    if result is None and payload.mapping(body.get("output")).get("hosting") is None:
        return None
    return (payload.text(payload.mapping(result).get("status")) or "").strip().upper()


def _job(
    ref: JobRef,
    url: str,
    answer: Answer,
    status: str | None,
    state: JobState,
    *,
    hosting: str | None = None,
) -> Job:
    body = answer.body
    error = payload.mapping(body.get("error"))
    code, said = payload.text(error.get("code")), payload.text(error.get("message"))
    fixed = None if hosting is None else _HOSTED.get(hosting, _UNTOLD)
    if hosting == _NOT_WRITTEN:
        state = JobState.RUNNING
    elif (status or "").strip().upper() == "FROZEN":
        fixed = _ARREARS
    updated = payload.iso_time(body.get("updated_at"))
    cause = payload.redact(said or code)
    return Job(
        ref=ref,
        state=state,
        status=status,
        name=payload.text(body.get("name")),
        created_at=payload.iso_time(body.get("created_at")),
        updated_at=updated,
        # updated_at is the time of the last change of state.
        ended_at=updated if state.ended else None,
        message=payload.redact(said or payload.text(body.get("status")) or fixed),
        error_code=code,
        failures=(Failure(None, cause),) if cause and state is JobState.FAILED else (),
        url=url,
        detail=payload.redact(_detail(ref, body)),
        warnings=(fixed,) if fixed and state is JobState.SUCCEEDED else (),
        raw=answer.raw,
    )


def _detail(ref: JobRef, body: Mapping[str, Any]) -> dict[str, Any]:
    title = payload.mapping(body.get("service_title"))
    given, output = payload.mapping(body.get("input")), payload.mapping(body.get("output"))
    result = payload.mapping(body.get("hosting_result"))
    version = payload.text(body.get("service_version"))
    service = payload.text(body.get("service_name")) or ref.parts[0]
    return payload.facts(
        type=f"{service} {version}" if version else service,
        title=payload.text(title.get("en")) or payload.text(title.get("zh")),
        creator=payload.text(body.get("creator")),
        description=payload.text(body.get("description")),
        timing_status=payload.text(body.get("timing_status")),
        edge_pool_id=payload.text(body.get("edge_pool_id")),
        resource_order_id=payload.text(body.get("resource_order_id")),
        input_type=payload.text(given.get("type")),
        input_obs=_addresses(given.get("data")),
        output_obs=_addresses(output.get("obs")),
        output_hosting=_addresses(payload.mapping(output.get("hosting")).get("obs")),
        output_dis=payload.text(payload.mapping(output.get("dis")).get("stream_name")),
        output_webhook=_host(payload.mapping(output.get("webhook")).get("url")),
        output_localpath=payload.text(
            payload.mapping(output.get("localpath")).get("mount_source_path")
        ),
        result_status=payload.text(result.get("status")),
        result_overdue=payload.text(result.get("overdue_date"))
        or payload.text(result.get("result_json_overdue_at")),
        result_size=payload.text(result.get("file_size")),
    )


def _addresses(value: Any) -> list[str] | None:
    pairs = [
        [payload.text(one.get(key)) for key in ("bucket", "path")] for one in payload.objects(value)
    ]
    return [f"obs://{bucket}/{path or ''}" for bucket, path in pairs if bucket] or None


def _host(url: Any) -> str | None:
    try:
        return urlsplit(payload.text(url) or "").hostname
    except ValueError:
        return None
