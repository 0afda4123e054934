"""Jobs, pages and errors without what must not be shown, whoever made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import Enum
from typing import Any

from jobctl.errors import JobctlError
from jobctl.masking.bodies import redact
from jobctl.models import Job, JobRef, Page

_OURS = frozenset({"ref", "url", "raw"})


def masked_job(job: Job, asked: JobRef | None = None) -> Job:
    """The job, every text of it masked; `raw` stays, and of the one asked for reference and URL."""
    kept = _OURS if job.ref == asked else {"raw"}
    told = {one.name: getattr(job, one.name) for one in fields(job) if one.name not in kept}
    return replace(job, **{name: _masked(value) for name, value in told.items()})


def masked_jobs(page: Page[Job]) -> Page[Job]:
    """The page, every text of its jobs and notes masked."""
    return masked_notes(page)._replace(items=[masked_job(one) for one in page.items])


def masked_notes(page: Page[Any]) -> Page[Any]:
    """The page, its notes masked; what records hold is masked where they are shown."""
    return page._replace(notes=_masked(page.notes)) if page.notes else page


def mask_error(error: JobctlError) -> None:
    """Mask every text of an error."""
    for name in ("message", "hint", "request_id"):
        setattr(error, name, _masked(getattr(error, name)))
    error.args = (error.message,)


def _masked(value: Any) -> Any:
    """The same value; texts masked, in whatever they lie."""
    if isinstance(value, Mapping):
        return redact(dict(value))
    if isinstance(value, tuple):
        inner = map(_masked, value)
        return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
    return redact(value) if isinstance(value, str) and not isinstance(value, Enum) else value
