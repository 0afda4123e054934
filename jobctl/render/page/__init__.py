"""One HTML page that shows the records of a job; all it needs is in it, and a browser opens it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Self

from jobctl import payload
from jobctl.errors import UsageError
from jobctl.models import Card, Job, JobRef, Record
from jobctl.render.beside import beside
from jobctl.render.page.cards import record as marked_up
from jobctl.render.page.document import head, tail
from jobctl.render.page.pictures import Frame, Pictures
from jobctl.render.page.tally import Tally
from jobctl.render.records.renderer import RecordRenderer

_EMPTY = Frame(wanted=False)


class HtmlPage(RecordRenderer):
    """A page at `path` that takes records as they come and is there once it is finished.

    Memory does not grow with the records: they wait in a file without a name, since what counts
    them stands above them. `part` is where an incomplete page goes, so that a complete one of
    before stays. `card` says what to show of a record, `images` is the folder of the
    pictures, `now` tells when the page is made.

    Raises:
        UsageError: the page cannot be written there, or there is no such folder.
    """

    def __init__(
        self,
        path: Path,
        ref: JobRef,
        card: Callable[[Mapping[str, Any]], Card],
        *,
        images: Path | None,
        now: Callable[[], datetime],
    ) -> None:
        self._path = path
        self.part = _unused(path)
        self._ref = ref
        self._card = card
        self._pictures = None if images is None else Pictures(images)
        self._now = now
        self._tally = Tally()
        self._whole = 0
        try:
            self._waiting = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - see __exit__
        except OSError as error:
            raise self._unwritable(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what a full disk has no room for, nobody shall read any more
            self._waiting.close()

    def records(self, batch: Sequence[Record]) -> None:
        """Take records, redacted, in the order they shall have."""
        for record in batch:
            card = self._card(payload.mapping(payload.json_or_none(record)))
            frames = self._frames(card)
            self._tally.meet(card)
            parts = marked_up(self._tally.records + 1, card, frames, self._tally.places)
            self._waiting.writelines(part.encode() for part in parts)
            self._tally.add(card, frames)
            self._whole = self._waiting.tell()

    def _frames(self, card: Card) -> list[Frame]:
        frames = self._pictures.find(card.pictures) if self._pictures else []
        return frames or ([_EMPTY] if card.features else [])

    def finish(
        self, *, job: Job | None = None, notes: Sequence[str] = (), complete: bool = True
    ) -> None:
        """Write the page, whole or not at all; `notes` are what a person should know about it.

        One that is not complete goes to `part`. A record in the middle of which the run was
        interrupted is left out.

        Raises:
            UsageError: it cannot be written.
        """
        above = head(
            self._ref, self._tally, job=job, notes=notes, complete=complete, made=self._now()
        )
        made = beside(self._path.with_name(f".{self._path.name}"), f".{os.getpid()}")
        self._waiting.truncate(self._whole)
        try:
            # nobody else's file, nor a link, is written to
            with made.open("xb") as file:
                if self._path.exists():
                    shutil.copymode(self._path, made)
                file.write(above.encode())
                self._waiting.seek(0)
                shutil.copyfileobj(self._waiting, file)
                file.write(tail(self._tally).encode())
            made.replace(self._path if complete else self.part)
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            made.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> UsageError:
        return UsageError(f"{self._path} cannot be written: {error.strerror}")


def _unused(path: Path) -> Path:
    """Where an incomplete page goes without taking the place of another one."""
    stem, suffix = path.with_name(path.stem), path.suffix[:20]
    places = (beside(stem, f".part{number or ''}{suffix}") for number in count())
    return next(place for place in places if not place.exists())
