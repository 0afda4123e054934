"""`jobctl results`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import completed, group, job, limit, option, output
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import Made, ProviderGroup, add_verb, own_options, shape, with_options
from jobctl.cli.waiting import WAIT_FIRST, check_waits, limits
from jobctl.formats import OF_RECORDS

if TYPE_CHECKING:
    from jobctl.provider import Manifest


def _bringing(largest_page: int | None = None) -> Iterator[inspect.Parameter]:
    """How much to bring, and from where."""
    yield limit(None, "So many records at most.")
    if largest_page is not None:
        yield option(
            "page_size",
            int | None,
            None,
            "--page-size",
            min=1,
            max=largest_page,
            help="So many records with each request.",
        )
    yield option(
        "cursor",
        str | None,
        None,
        "--cursor",
        metavar="C",
        help="Go on where an interrupted run stopped: it told this word.",
    )


_SHOWING = group(
    "Output",
    option(
        "output_file",
        str | None,
        None,
        "--output-file",
        metavar="FILE",
        help="Write to this file, which is there only when it is whole.",
    ),
    option("force", bool, False, "--force", help="Replace a file that exists."),
    option(
        "html",
        str | None,
        None,
        "--html",
        metavar="FILE",
        help="Write a page for a browser, with pictures; the table is left out then.",
    ),
    option(
        "images",
        str | None,
        None,
        "--images",
        metavar="DIR",
        help="Where the pictures lie that --html draws on.",
    ),
    option(
        "pager", bool, False, "--pager", help="Show it in a pager (PAGER, else less) on a terminal."
    ),
    output(OF_RECORDS, ", else as the file's name ends"),
) + tuple(
    completed(one, complete.fields) if one.name == "columns" else one
    for one in SHOWING
    if one.name not in ("output", "raw")
)


class _Results(ProviderGroup):
    """`jobctl results`."""

    passed = (*group("What", *_bringing()), *WAIT_FIRST, *_SHOWING)

    def made(self, name: str, provider: type[Manifest]) -> Made:
        text = (
            f"{provider.title}: the records that a job produced.\n\n"
            f"A job is {shape(provider)}, a full reference, or its API URL.\n\n"
            f"Example: jobctl results {name} {provider.example} -o ndjson"
        )
        own = own_options(provider, "results")
        others = [
            job(shape(provider), name),
            *group("What", *_bringing(provider.largest_page)),
            *WAIT_FIRST,
            *_SHOWING,
        ]
        return text, with_options(lambda **given: _run(name, **given), own, others)

    def made_for_job(self, own: Sequence[inspect.Parameter]) -> Made:
        text = (
            "Bring the records that a job produced.\n\n"
            "Example: jobctl results cognite/127 -o ndjson"
        )
        others = [job("JOB", None), *self.passed]
        return text, with_options(lambda **given: _run(None, **given), own, others)


def _run(provider: str | None, options: dict[str, str | bool], **given: Any) -> None:
    from jobctl.commands.results import ResultsRequest, results

    names = ("job", "limit", "cursor", "output_file", "force", "pager", "html", "images")
    if not given["wait"]:
        check_waits(given)
    request = ResultsRequest(
        provider=provider,
        options=options,
        page_size=given.get("page_size"),
        **{name: given[name] for name in names},
        wait=limits(given) if given["wait"] else None,
        shared=shared(given),
    )
    raise typer.Exit(results(request, terminal()))


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_verb(app, "results", _Results)
