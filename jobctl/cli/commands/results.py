"""`jobctl results`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import completed, group, limit, option, output, switch
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import JobGroup, add_verb
from jobctl.cli.waiting import WAIT_FIRST, check_waits, limits
from jobctl.formats import OF_RECORDS

if TYPE_CHECKING:
    from jobctl.provider import Manifest


def _bringing(largest_page: int | None = None) -> Iterator[inspect.Parameter]:
    """How much to bring, and from where."""
    yield limit(None, "So many records at most.")
    if largest_page is not None:
        yield option(
            "--page-size N",
            type_=int | None,
            min=1,
            max=largest_page,
            help="So many records with each request.",
        )
    yield option("--cursor C", help="Go on where an interrupted run stopped: it told this word.")


_SHOWING = group(
    "Output",
    option("--output-file FILE", help="Write to this file, which is there only when it is whole."),
    switch("--force", help="Replace a file that exists."),
    option(
        "--html FILE", help="Write a page for a browser, with pictures; the table is left out then."
    ),
    option("--images DIR", help="Where the pictures lie that --html draws on."),
    switch("--pager", help="Show it in a pager (PAGER, else less) on a terminal."),
    output(OF_RECORDS, ", with --output-file as its name ends"),
) + tuple(
    completed(one, complete.fields) if one.name == "columns" else one
    for one in SHOWING
    if one.name not in ("output", "raw")
)


class _Results(JobGroup):
    """`jobctl results`."""

    verb = "results"
    what = "the records that a job produced"
    more = "-o ndjson"
    text = "Bring the records that a job produced.\n\nExample: jobctl results cognite/127 -o ndjson"
    passed = (*group("What", *_bringing()), *WAIT_FIRST, *_SHOWING)

    def options_of(self, provider: type[Manifest]) -> Sequence[inspect.Parameter]:
        return *group("What", *_bringing(provider.largest_page)), *WAIT_FIRST, *_SHOWING

    def run(self, provider: str | None, options: dict[str, str | bool], **given: Any) -> None:
        from jobctl.commands.results import ResultsRequest, results

        names = ("job", "limit", "cursor", "output_file", "force", "pager", "html", "images")
        if not given["wait"]:
            check_waits(given)
        waits = limits(given)
        request = ResultsRequest(
            provider=provider,
            options=options,
            page_size=given.get("page_size"),
            **{name: given[name] for name in names},
            wait=waits if given["wait"] else None,
            shared=shared(given),
        )
        raise typer.Exit(results(request, terminal()))


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_verb(app, "results", _Results, "Example: jobctl results cognite/127 -o ndjson")
