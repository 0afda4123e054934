"""`jobctl list`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import group, limit, option, positional
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import Made, ProviderGroup, add_verb, own_options, with_options
from jobctl.models import SORTS

if TYPE_CHECKING:
    import inspect

    from jobctl.commands.listing import ListRequest
    from jobctl.provider import Listing, Manifest


def _choosing(
    listing: Listing | None = None, *, hidden: bool = False
) -> Iterator[inspect.Parameter]:
    """The options that choose and sort; each says who does it."""
    filters = frozenset() if listing is None else listing.filters
    sorted_by = () if listing is None else listing.sorts
    reach = "" if listing is None else listing.reach
    here, there = "done by jobctl, over all that the service lists", "done by the service"
    some = f"{there} if one of its words means just that, else by jobctl"
    who = {
        "state": some if "state" in filters else here,
        "since": there if "since" in filters else here,
    }
    without = f" Without it: {reach}." if reach else ""
    sorts = ", ".join(word for word in SORTS if word in sorted_by)
    who["sort"] = f"{there} for {sorts}; by jobctl for the rest" if sorts else here
    yield option(
        "--state STATE",
        type_=list[str] | None,
        help=f"Only jobs in this state, or in one of several: {who['state']}.",
        hidden=hidden,
        autocompletion=complete.states,
    )
    yield option(
        "--since D",
        help=f"Only jobs created in the last 2h, 30m... or since a date: {who['since']}.{without}",
        hidden=hidden,
    )
    yield option(
        "--sort WORD[:asc|:desc]",
        help=f"By {', '.join(SORTS)}; else the newest first: {who['sort']}.",
        hidden=hidden,
        autocompletion=complete.sorts,
    )
    yield limit(
        None,
        "So many jobs at most, 0 for all: else 50 on a terminal. No more pages are fetched than"
        " that takes.",
        least=0,
        hidden=hidden,
    )


_TIMEOUT = option(
    "--timeout D",
    default="30s",
    help="Without a provider: how long a service may take; the others are shown without it.",
)


class _List(ProviderGroup):
    """`jobctl list`."""

    words = "[PROVIDER [WITHIN]]"
    passed = (*group("What", *_choosing(), _TIMEOUT), *SHOWING)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, slash, within = args[0].partition("/")
        if slash and not name.endswith(":"):
            args = [name, within, *args[1:]]
        return super().resolve_command(ctx, args)

    def made(self, name: str, provider: type[Manifest]) -> Made:
        listing = provider.listing
        if listing is None:
            text = f"{provider.title} cannot list jobs: {provider.unlisted}."
            # who chooses among jobs shall read that there are none to choose from
            others = [*_choosing(hidden=True), *SHOWING]
            return text, with_options(lambda **given: _run(name, **given), [], others)
        places = provider.places()
        parts = "/".join(part.name.upper() for part in places)
        where = [
            positional(
                "within",
                parts,
                listing.where,
                needed=listing.within[0] > 0,
                autocompletion=complete.within(provider),
            )
        ]
        shown = zip(places, provider.example.split("/"), strict=False)
        place = "/".join(part.example or text for part, text in shown)
        words = f"{name} {place}".strip()
        text = (
            f"{provider.title}: the jobs that it lists{f' for {parts}' if parts else ''}.\n\n"
            f"Example: jobctl list {words} --since 2h --state failed"
        )
        own = own_options(provider, "list")
        others = [*(where if parts else []), *group("What", *_choosing(listing)), *SHOWING]
        return text, with_options(lambda **given: _run(name, **given), own, others)


def _run(provider: str, options: dict[str, str | bool], **given: Any) -> None:
    from jobctl.commands.listing import listing

    request = _request(given, provider=provider, options=options)
    # what --since counts from: a replay asks as the recorded command did
    raise typer.Exit(listing(request, terminal(), lambda: request.shared.tape.began))


def _alone(timeout: str, **given: Any) -> None:
    if given["context"].invoked_subcommand is None:
        from jobctl.commands.everywhere import everywhere
        from jobctl.models import duration

        request = _request(given)
        seconds = duration(timeout, "--timeout")
        code = everywhere(request, terminal(), lambda: request.shared.tape.began, seconds)
        raise typer.Exit(code)


def _request(
    given: dict[str, Any], provider: str = "", options: Mapping[str, str | bool] | None = None
) -> ListRequest:
    from jobctl.commands.listing import ListRequest

    return ListRequest(
        provider=provider,
        options=options or {},
        within=given.get("within"),
        states=[word for one in given.get("state") or [] for word in one.split(",")],
        since=given.get("since"),
        sort=given.get("sort"),
        limit=given.get("limit"),
        raw=given["raw"],
        shared=shared(given),
    )


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_verb(app, "list", _List, "Example: jobctl list --since 1d --state failed", _alone)
