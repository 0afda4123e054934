"""From the body of a task or a version to a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jobctl import payload
from jobctl.models import Failure, Job, JobState


def read_job(job: Job, body: Mapping[str, Any], *, cause: str | None = None) -> Job:
    """The job with all that its body tells; of a failed version only its task tells the cause."""
    is_task = len(job.ref.parts) == 1
    created, updated = (payload.epoch_ms(body.get(key)) for key in ("create_time", "update_time"))
    if is_task and job.state is JobState.FAILED:
        cause = payload.text(body.get("error_msg"))
    return replace(
        job,
        # In a task, version_name is the data set's version.
        name=payload.text(body.get("name" if is_task else "version_name")),
        created_at=created,
        # The vendor's page describes update_time in the words of create_time.
        updated_at=updated if created and updated and updated >= created else None,
        duration_seconds=payload.count(body.get("duration_seconds")),
        message=cause,
        failures=(Failure(None, cause),) if cause else (),
        detail=_of_task(body) if is_task else _of_version(body),
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
