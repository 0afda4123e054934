"""`jobctl results`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import SHOWING, limit, option, output, positional, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import ProviderGroup, add_verb, own_options, shape, with_options
from jobctl.formats import OF_RECORDS

if TYPE_CHECKING:
    import inspect

    from jobctl.provider import Manifest


class _Results(ProviderGroup):
    """`jobctl results`."""

    def made(self, name: str, provider: type[Manifest]) -> tuple[str, Callable[..., None]]:
        text = (
            f"{provider.title}: the records that a job produced.\n\n"
            f"A job is {shape(provider)}, a full reference, or its API URL.\n\n"
            f"Example: jobctl results {name} {provider.example} -o ndjson"
        )
        job = positional(
            "job", shape(provider), "The job.", needed=True, autocompletion=complete.jobs(name)
        )
        own = own_options(provider, "results")
        showing = [
            output(OF_RECORDS) if one.name == "output" else one
            for one in SHOWING
            if one.name != "raw"
        ]
        others = [job, *_bringing(provider), *showing]
        return text, with_options(lambda **given: _run(name, **given), own, others)


def _bringing(provider: type[Manifest]) -> Iterator[inspect.Parameter]:
    """How much to bring, from where, and where to."""
    yield limit(None, "So many records at most.")
    if provider.largest_page is not None:
        yield option(
            "page_size",
            int | None,
            None,
            "--page-size",
            min=1,
            max=provider.largest_page,
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
    yield option(
        "output_file",
        str | None,
        None,
        "--output-file",
        metavar="F",
        help="Write to this file, which is there only when it is whole.",
    )
    yield option("force", bool, False, "--force", help="Replace a file that exists.")
    yield option(
        "html",
        str | None,
        None,
        "--html",
        metavar="F",
        help="Write a page for a browser, with pictures; the table is left out then.",
    )
    yield option(
        "images",
        str | None,
        None,
        "--images",
        metavar="DIR",
        help="Where the pictures lie that --html draws on.",
    )
    yield option(
        "pager", bool, False, "--pager", help="Show it in a pager (PAGER, else less) on a terminal."
    )


def _run(provider: str, options: dict[str, str | bool], **given: Any) -> None:
    from jobctl.commands.results import ResultsRequest, results

    names = ("job", "limit", "cursor", "output_file", "force", "pager", "html", "images")
    request = ResultsRequest(
        provider=provider,
        options=options,
        page_size=given.get("page_size"),
        **{name: given[name] for name in names},
        shared=shared(given),
    )
    raise typer.Exit(results(request, terminal()))


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    add_verb(app, "results", _Results, "Bring the records that a job produced.")
