"""From a provider file to a provider class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobctl.config.file import load as read_file
from jobctl.config.node import Node
from jobctl.declared.build import build
from jobctl.declared.judge import Mistakes, judge
from jobctl.declared.spec import Listing as Listed
from jobctl.declared.spec import Spec
from jobctl.declared.template import Hole
from jobctl.declared.ways import account_of
from jobctl.errors import ConfigError, MistakesError
from jobctl.provider import IdPart, Listing, Provider

_DEEPEST = 64


def spec_of(path: Path) -> Spec:
    """What a file means.

    Raises:
        MistakesError: it is wrong; every mistake is told, a line each, `FILE:LINE:COLUMN: what`.
    """
    mistakes = Mistakes()

    def tell(place: str, what: str, hint: str | None) -> None:
        mistakes.say(place, "; ".join(filter(None, (what, hint))))

    try:
        root = read_file(path, _DEEPEST, tell).root
    except FileNotFoundError:
        raise MistakesError(f"{path}: there is no such file") from None
    except ConfigError as error:
        # here nobody can read on
        last = "; ".join(filter(None, (error.message, error.hint)))
        raise MistakesError("\n".join([*mistakes, last])) from None
    if root is None:
        root = Node({}, f"{path}:1:1", f"{path}:1:1")
    told = judge(root, mistakes)
    spec = None if mistakes.lost else build(path.stem, told, mistakes, root.place)
    if spec is None:
        raise MistakesError("\n".join(mistakes))
    return spec._replace(folder=path.parent)


def provider_of(spec: Spec) -> type[Provider]:
    """The class of a provider that a file declares."""
    from jobctl.declared.provider import Declared

    listing = spec.listing
    told: dict[str, Any] = {
        "summary": f"{spec.title}, as its file says.",
        "spec": spec,
        "name": spec.name,
        "title": spec.title,
        "docs": spec.docs,
        "life": spec.life,
        "account": account_of(spec),
        "ids": spec.ids,
        "example": "/".join(part.example or part.name.upper() for part in spec.ids),
        "settings": spec.settings,
        "states": spec.meaning.states,
        "paths": tuple(str(one.path) for one in spec.get if one.path),
        "pages": spec.pages,
        "pace": spec.pace,
        "gives": tuple(verb for verb in ("results", "logs") if getattr(spec, verb)),
        "columns": spec.columns,
        "listing": listing
        and Listing(
            (
                sum(name not in {one.name for one in spec.settings} for name in listing.within),
                len(listing.within),
            ),
            frozenset(
                name
                for name, there in (("state", listing.states), ("since", listing.since))
                if there
            ),
            {"created": "created"} if listing.newest_first else {},
            downwards=True,
            places=tuple(_place(spec, listing, name) for name in listing.within),
        ),
    }
    return type(spec.name, (Declared,), told)


def _place(spec: Spec, listing: Listed, name: str) -> IdPart:
    """What a list is of: an id part, or a setting; one that keeps slashes has all that is left."""
    told = {part.name: part for part in spec.ids}
    help_of = {setting.name: setting.help for setting in spec.settings}
    part = told.get(name) or IdPart(name, help_of[name], r"(?s:.+)", example=name.upper())
    path = listing.pages.request.path
    keeps = path is not None and Hole(name, slashes=True) in path.pieces
    return part._replace(rest=part.rest or keeps)
