"""A provider in Python, for a service whose answers want more than a page of data says.

https://films.example/api/renders
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from jobctl import payload
from jobctl.accounts import Account, Way, bearer
from jobctl.config import Setting
from jobctl.models import Job, JobState, Page, Progress, Query, Record
from jobctl.provider import LIST_PAGES, Cursor, IdPart, Listing, Paging, Part, Provider

_PAGING = Paging("page", "page")


class Farm(Provider):
    """A film whose frames are rendered: where some are lost, not all of it has succeeded."""

    title = "Film farm"
    summary = "Renders: the frames of a film."
    docs = "https://films.example/api/renders"
    account = Account(
        "films",
        (Setting("token", "the studio's token", ("FILMS_TOKEN",), secret=True),),
        (Way("token", "the studio's token", ("token",), bearer("token")),),
    )
    settings = (Setting("base_url", "where the API lies", default="https://api.films.example"),)
    ids = (IdPart("film", "small letters", r"[a-z]{1,40}"),)
    example = "metropolis"
    paths = ("/v1/renders/{film}",)
    listing = Listing()
    status_field = "state"
    id_fields: ClassVar[Mapping[str, str]] = {"film": "film"}
    states: ClassVar[Mapping[str, JobState]] = {
        "OPEN": JobState.RUNNING,
        "CLOSED": JobState.SUCCEEDED,
        "BURNT": JobState.FAILED,
    }

    def read(self, job: Job, body: Mapping[str, Any]) -> Job:
        lost = payload.count(body.get("lost"))
        is_partial = job.state is JobState.SUCCEEDED and lost
        return replace(
            job,
            state=JobState.PARTIAL if is_partial else job.state,
            progress=Progress(total=payload.count(body.get("frames")), failed=lost),
            message=payload.text(body.get("why")),
        )

    def jobs(self, query: Query, cursor: str | None) -> Page[Job]:
        start = _PAGING.start(query.size) if cursor is None else _PAGING.resume(cursor)

        def fetch(at: Cursor) -> Part[Record]:
            answer = self.ask(f"{self.root}/v1/renders", _PAGING.asked(at))
            return self.unpack(answer, "renders", "film")

        return self.rows(self.paged(_PAGING, start, fetch, LIST_PAGES), self._row)

    def _row(self, record: Record) -> Job | None:
        found = self.row(record)
        return found and self.read(*found)
