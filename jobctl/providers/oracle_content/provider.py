"""How Oracle Content Management is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jobctl import payload
from jobctl.config import Profile
from jobctl.errors import JobctlError, UnavailableError
from jobctl.models import Card, Failure, Job, JobRef, JobState, Page, Progress, Record
from jobctl.provider import Provider
from jobctl.providers.oracle_content import About
from jobctl.record import items, split, with_field

if TYPE_CHECKING:
    import httpx


_PLACEHOLDER = "ocmhost"  # what the documented Location has in place of a host
_DETAILS = {
    "no-skipped-details": "includeSkippedItemDetails",
    "no-ignored-details": "includeIgnoredItemDetails",
}
_COUNTS = {
    "created": "filesCreated",
    "versioned": "filesVersioned",
    "overwritten": "filesOverwritten",
    "name_adjusted": "filesNameAdjusted",
    "ignored": "filesIgnored",
}
_OUTCOMES = {"skipped": "skippedItems", "ignored": "ignoredItems"}


class OracleContent(About, Provider):
    """See `About`."""

    @classmethod
    def headers(cls, profile: Profile) -> dict[str, str]:
        language = profile.get("language")
        return {"Accept-Language": language} if language else {}

    def ref_of_url(self, url: str) -> JobRef:
        """As documented, a Location may begin with a placeholder, or lack the scheme."""
        found, base = self.match(url), self.base_url(self.profile)
        if found is not None:
            _, mark, place = found[0].rpartition("://")
            if place.lower() == _PLACEHOLDER:
                url = base + url[len(found[0]) :]
            elif not mark:
                url = f"{base.partition('://')[0]}://{url}"
        return super().ref_of_url(url)

    def look(self, ref: JobRef) -> Job:
        wanted = self._details()
        if not self.waiting:
            return self.read(*self.seen(ref, wanted.items()))
        job = self.read(*self.seen(ref, dict.fromkeys(wanted, "false").items()))
        if not job.state.ended or "true" not in wanted.values():
            return job
        try:
            return self.read(*self.seen(ref, wanted.items()))
        except JobctlError as error:
            warning = f"the skipped and ignored entries could not be read: {error.message}"
            return replace(job, warnings=(*job.warnings, warning))

    def read(self, job: Job, body: Mapping[str, Any]) -> Job:
        return _job(job, body)

    @classmethod
    def card(cls, record: Mapping[str, Any]) -> Card:
        """An entry of the ZIP file that was left out, and why."""
        told = {"id", "outcome", "error", "type"}
        outcome = payload.text(record.get("outcome"))
        return Card(
            title=payload.text(record.get("id")),
            group=outcome,
            message=payload.text(record.get("error")),
            failed=outcome == "skipped",
            facts={name: value for name, value in record.items() if name not in told},
        )

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:  # noqa: ARG002
        job = self.read(*self.seen(ref, self._details().items()))
        with self.taking("entries"):
            records = [
                with_field(entry, "outcome", outcome)
                for outcome, name in _OUTCOMES.items()
                for entry in _listed(job.raw, name)
            ]
        foreword = self.foreword(job, empty=not (records and job.state.ended))
        return Page(records, notes=(*foreword, *job.warnings, _summary(job)))

    def _details(self) -> dict[str, str]:
        """Which of the two lists the user wants, as the service is told."""
        return {
            name: "false" if self.chosen.get(option) else "true"
            for option, name in _DETAILS.items()
        }

    @classmethod
    def refused(cls, response: httpx.Response) -> bool:
        body = payload.mapping(payload.json_or_none(response.content))
        return (
            super().refused(response)
            or _is_page(response)
            or bool(body.get("errorKey"))
            or (_error_code(body) is not None and payload.text(body.get("progress")) is None)
        )

    def refuse(self, response: httpx.Response) -> JobctlError:
        error = super().refuse(response)
        if response.status_code == 200 and isinstance(error, UnavailableError):
            error.transient = True
            if _is_page(response):
                error.hint = "it looks like a sign-in page: check base_url and the token"
        return error


def _is_page(response: httpx.Response) -> bool:
    return response.content[:100].lstrip().startswith(b"<")


def _job(job: Job, body: Mapping[str, Any]) -> Job:
    state, code = job.state, _error_code(body)
    skipped, ignored = (_entries(body.get(key)) for key in ("skippedItems", "ignoredItems"))
    left_out = (payload.number(body.get("filesSkipped")) or 0) > 0 or bool(body.get("skippedItems"))
    unread = max(payload.count(body.get("filesIgnored")) or 0, len(ignored))
    warnings = []
    if state is JobState.SUCCEEDED and code:
        warnings.append(f"the service calls it done, yet with error code {code}")
    if state.ended and unread:
        warnings.append(f"{unread} {'entry was' if unread == 1 else 'entries were'} ignored")
    if state is JobState.SUCCEEDED and left_out:
        state = JobState.PARTIAL
    started = _started(job.ref.parts[-1])
    completed = payload.boolean(body.get("completed"))
    contradicts = state is not JobState.UNKNOWN and completed not in (None, state.ended)
    return replace(
        job,
        state=state,
        progress=Progress(
            percent=payload.percent(body.get("completedPercentage")),
            succeeded=payload.count(body.get("filesProcessed")),
            skipped=payload.count(body.get("filesSkipped")),
        ),
        started_at=started,
        message=payload.text(body.get("message")),
        error_code=code,
        failures=skipped,
        detail=payload.facts(
            **{name: payload.count(body.get(field)) for name, field in _COUNTS.items()},
            ignored_items=[_line(one) for one in ignored] or None,
            started_at_source="derived from the job id" if started else None,
            contradiction=f"completed is {str(completed).lower()}" if contradicts else None,
        ),
        warnings=tuple(warnings),
    )


def _error_code(body: Mapping[str, Any]) -> str | None:
    """The code of an error; 0 is none."""
    code = payload.text(body.get("errorCode"))
    return None if code is None or payload.integer(code) == 0 else code.strip()


def _entries(value: Any) -> tuple[Failure, ...]:
    """Entries of the ZIP file, by their names in it."""
    return tuple(
        Failure(payload.text(entry.get("id")), payload.text(entry.get("error")))
        for entry in payload.objects(value)
    )


def _listed(body: bytes, name: str) -> Sequence[Record]:
    """The entries of one of the lists as they came; a single object counts as a list of one."""
    value = split(body).get(name, b"null")
    found = payload.json_or_none(value)
    if not found:
        return []
    return [value] if isinstance(found, dict) else items(value)


def _summary(job: Job) -> str:
    """The counts, and where the files are: the service does not list them."""
    counts = {"processed": job.progress.succeeded, "skipped": job.progress.skipped}
    counts |= {name.replace("_", " "): job.detail.get(name) for name in _COUNTS}
    told = ", ".join(
        f"{number} {what}"
        for what, number in counts.items()
        if number or (what == "processed" and number is not None)
    )
    return f"{told or 'no counts'}; the extracted files are in the destination folder"


def _line(entry: Failure) -> str:
    return ": ".join(words for words in (entry.id, entry.message) if words)


def _started(job: str) -> datetime | None:
    """The last 13 digits of a job's id are epoch milliseconds (inferred, thus labelled)."""
    digits = re.search(r"\d{13}\Z", job, re.ASCII)
    moment = payload.epoch_ms(digits[0]) if digits else None
    return moment if moment and 2015 <= moment.year <= 2035 else None
