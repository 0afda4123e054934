"""What a report on one job says, for whichever writer lays it out."""

from collections.abc import Callable, Iterator
from datetime import datetime

from jobctl.models import Job
from jobctl.render.json import encode
from jobctl.render.words import span, standing, timed


def lines(job: Job, time: Callable[[datetime], str]) -> Iterator[tuple[str, str]]:
    """Each field's label and text, empty where the service does not say."""

    def at(moment: datetime | None) -> str:
        return "" if moment is None else time(moment)

    yield "State", job.state.value
    yield "Ref", str(job.ref)
    yield "Name", job.name or ""
    yield "Status", job.status or ""
    yield "Progress", standing(job.progress)
    yield "Created", at(job.created_at)
    yield "Started", at(job.started_at)
    yield "Updated", at(job.updated_at)
    yield "Ended", at(job.ended_at)
    yield "Run time", "" if job.duration_seconds is None else span(job.duration_seconds)
    yield "Message", job.message or ""
    yield "Error code", job.error_code or ""
    yield "URL", job.url or ""
    yield "Web page", job.web_url or ""
    for name, value in job.detail.items():
        yield f"detail.{name}", timed(value, time) if isinstance(value, str) else encode(value)
    yield "Failures", str(len(job.failures)) if job.failures else ""
