"""`history`: the jobs seen lately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from jobctl import formats
from jobctl.commands import Terminal
from jobctl.history import MOST, Entry, history
from jobctl.render import table_rows, write_documents
from jobctl.render.messages import say
from jobctl.render.streams import for_people, write
from jobctl.render.table import Fit
from jobctl.render.words import age, span

_HEADER = ("JOB", "REF", "STATE", "SEEN", "TOOK", "NAME", "PROFILE")
_FIT = Fit(references=("REF",), spare=("PROFILE", "TOOK", "SEEN", "NAME"))


def show(
    terminal: Terminal,
    *,
    limit: int,
    profile: str | None,
    format: str,
    query: str | None,
    no_color: bool,
) -> None:
    """Show the jobs seen last, newest first, of one profile if one is named.

    Raises:
        ConfigError: the history cannot be read.
        UsageError: the query is no JMESPath, or does not go with the format.
    """
    formats.check(format, query=query)
    seen = history(terminal.environ).newest(limit if profile is None else MOST)
    numbered = [one for one in enumerate(seen, 1) if profile in (None, one[1].profile)][:limit]
    if format == "table":
        if not numbered:
            with_it = "" if profile is None else f" with profile {profile!r}"
            say(terminal.err, "note", f"no job has been seen so far{with_it}")
        rows = _rows(numbered, people=for_people(terminal.out, terminal.environ))
        table_rows(
            terminal.out, _HEADER, rows, fit=_FIT, environ=terminal.environ, no_color=no_color
        )
    elif format == "ids":
        write(terminal.out, "".join(f"{one.ref}\n" for _, one in numbered))
    else:
        documents = [one.document(number) for number, one in numbered]
        write_documents(format, terminal.out, documents, query, environ=terminal.environ)


def _rows(numbered: Sequence[tuple[int, Entry]], *, people: bool) -> Iterator[Sequence[str]]:
    now = datetime.now(UTC)
    for number, one in numbered:
        seen, took = one.seen_at, one.run_seconds
        yield (
            f"@{number}",
            one.ref,
            one.state,
            f"{age(datetime.fromisoformat(seen), now)} ago" if people else seen,
            "" if took is None else span(took) if people else f"{took:g}",
            one.name or "",
            one.profile,
        )
