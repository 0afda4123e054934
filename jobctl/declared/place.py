"""Where the parts of a job's id stand in the address of a sample."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from jobctl.declared.template import Template
from jobctl.errors import UsageError
from jobctl.masking.signatures import signing_value
from jobctl.models import JobRef

_GENERIC = re.compile(r"v\d+\w*|api|rest|latest", re.IGNORECASE)
_PLURALS = (("ies", "y"), ("ches", "ch"), ("sses", "ss"), ("ss", "ss"), ("us", "us"), ("s", ""))
_HINT = "write the path with names for them, such as /v1/jobs/{job}"


class Place(NamedTuple):
    """An address as templates, and the parts of the id in their order, each with its example.

    `secrets` are parameters that were left out, for they let somebody in.
    """

    path: str
    query: Mapping[str, str]
    parts: Mapping[str, str]
    secrets: Sequence[str] = ()


def place(address: str, id: str) -> Place:
    """Where the parts of an id stand in a path and a query, which may hold their names already.

    Raises:
        UsageError: the id is none, a part stands nowhere, or there are more or fewer names.
    """
    examples = JobRef.parse(id, "").parts
    path, query = _split(address)
    if "{" in path:
        return Place(path, *_query(query, _named(path, examples)))
    segments = path.split("/")
    names: dict[str, str] = {}
    for example in examples:
        found = [at for at, one in enumerate(segments) if unquote(one) == example]
        if found:
            name = _unlike(names, _name(segments[: found[0]]))
            segments[found[0]] = f"{{{name}}}"
        else:
            name = next((key for key, value in parse_qsl(query) if value == example), "")
            name = _unlike(names, re.sub(r"\W", "_", name, flags=re.ASCII) or "job")
            if not any(value == example for _, value in parse_qsl(query)):
                raise UsageError(f"the address does not hold {example!r} of the id", hint=_HINT)
        names[name] = example
    return Place("/".join(segments), *_query(query, names))


def within(address: str, parts: Mapping[str, str]) -> Place:
    """The address of a list, in which parts of the id may stand."""
    path, query = _split(address)
    names = {example: name for name, example in parts.items()}
    segments = [
        f"{{{names[unquote(one)]}}}" if unquote(one) in names else one for one in path.split("/")
    ]
    return Place("/".join(segments), *_query(query, parts))


def _split(address: str) -> tuple[str, str]:
    path, _, query = address.partition("?")
    return path if path.startswith("/") else f"/{path}", query


def _named(path: str, examples: Sequence[str]) -> dict[str, str]:
    try:
        names = dict.fromkeys(Template.parse(path).names)
    except ValueError as error:
        raise UsageError(f"--path: {error}", hint=_HINT) from None
    if len(names) != len(examples):
        raise UsageError(
            f"the path names {len(names)} parts, and the id has {len(examples)}", hint=_HINT
        )
    return dict(zip(names, examples, strict=True))


def _query(
    query: str, names: Mapping[str, str]
) -> tuple[dict[str, str], Mapping[str, str], list[str]]:
    told = dict(parse_qsl(query))
    secrets = [name for name in told if signing_value(name.encode()) is not None]
    by_example = {example: name for name, example in names.items()}
    return (
        {
            name: f"{{{by_example[value]}}}"
            if value in by_example
            else value.replace("{", "{{").replace("}", "}}")
            for name, value in told.items()
            if name not in secrets
        },
        names,
        secrets,
    )


def _name(before: Sequence[str]) -> str:
    """What a segment is called, by the one before it: `jobs` holds a job."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", before[-1]).strip("_") if before else ""
    if not re.match(r"[A-Za-z]", word) or _GENERIC.fullmatch(word) or "{" in before[-1]:
        return "job"
    ending, instead = next((one for one in _PLURALS if word.endswith(one[0])), ("", ""))
    return word[: len(word) - len(ending)] + instead


def _unlike(names: Mapping[str, str], name: str) -> str:
    """The name, with a number where it is taken."""
    taken = sum(one.rstrip("0123456789") == name for one in names)
    return f"{name}{taken + 1}" if taken else name
