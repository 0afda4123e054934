"""The examples of a file, played: what becomes of what the service says in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx

from jobctl import files
from jobctl.config import sandbox_profile
from jobctl.declared.spec import Example, Spec
from jobctl.errors import JobctlError, UnavailableError, kind_of
from jobctl.http import MAX_BODY
from jobctl.models import Job, JobRef, Page, Query
from jobctl.payload import iso_time
from jobctl.provider import Elsewhere, Provider
from jobctl.record import decode

_HOST = "https://example.invalid"
_MADE_UP = "made-up"
_T = TypeVar("_T")


def answer_of(told: Mapping[str, Any], folder: Path) -> httpx.Response:
    """An answer as an example tells it; its body is JSON, a text as it is, or a file beside it.

    Raises:
        OSError: the file cannot be read.
    """
    if "file" in told:
        content = files.read(folder / Path(told["file"]).name, MAX_BODY)
    elif "body" not in told:
        content = b""
    elif isinstance(told["body"], str):
        content = told["body"].encode()
    else:
        content = json.dumps(told["body"]).encode()
    texts = {str(name): str(text) for name, text in told.get("headers", {}).items()}
    headers = httpx.Headers(texts, encoding="utf-8")
    headers.pop("Content-Encoding", None)  # the body stands there as it is unpacked
    return httpx.Response(told.get("status", 200), headers=headers, content=content)


class Script(httpx.BaseTransport):
    """A service that gives one answer after another; to looks, the last one for ever."""

    def __init__(self, example: Example, folder: Path) -> None:
        self.answers = [answer_of(one, folder) for one in example.answers]
        self.stays = example.kind == "id"
        self.asked = 0

    @property
    def over(self) -> bool:
        """Whether every answer has been given."""
        return self.asked >= len(self.answers)

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
        """The next answer.

        Raises:
            UnavailableError: there is none.
        """
        if not self.answers or (self.over and not self.stays):
            raise UnavailableError(
                f"the example has {len(self.answers)} answers, more are asked for"
            )
        one = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return httpx.Response(one.status_code, headers=one.headers, content=one.content)


def made_up(spec: Spec, given: Mapping[str, str]) -> dict[str, str]:
    """Settings for a service that is not there: those given, and words for all that must be."""
    needed = {one.name for one in spec.settings if one.required or one.secret}
    found = {
        one.name: next(iter(one.choices), "1" if spec.types.get(one.name) else _MADE_UP)
        for one in spec.settings
        if one.name in needed
    }
    return found | {"base_url": _HOST} | {str(name): str(text) for name, text in given.items()}


def provider_for(
    cls: type[Provider], spec: Spec, settings: Mapping[str, str], transport: httpx.BaseTransport
) -> Provider:
    """A provider that asks `transport`, whatever the host."""
    profile = sandbox_profile(cls.sections(), made_up(spec, settings))

    client = httpx.Client(transport=transport)
    return cls(profile, client, elsewhere=lambda *_: Elsewhere(client, _HOST))


def play(
    cls: type[Provider],
    spec: Spec,
    example: Example,
    script: Script,
    seen: Callable[[Job], object] = lambda _: None,
) -> Any:
    """What becomes of an example: a job, a list of jobs or of records, or a text.

    `seen` is told the job of each look.

    Raises:
        JobctlError: what the service says is an error.
    """
    provider = provider_for(cls, spec, example.settings, script)
    if example.kind == "list":
        query = Query(within=cls.placed(example.of))
        return list(_every(lambda cursor: provider.list(query, cursor)))
    ref = cls.check(JobRef.parse(example.of, cls.name))
    if example.kind == "id":
        while True:
            seen(job := provider.get(ref))
            if script.over:
                return job
    if example.kind == "results":
        records = _every(lambda cursor: provider.results(ref, cursor))
        return list(map(decode, records))
    return "".join(part.text for part in _every(lambda cursor: provider.logs(ref, cursor)))


def _every(fetch: Callable[[str | None], Page[_T]]) -> Iterator[_T]:
    """The items of all pages; they end with the answers of the example."""
    page = fetch(None)
    yield from page.items
    while (cursor := next(iter(page.next), None)) is not None:
        page = fetch(cursor)
        yield from page.items


class Outcome(NamedTuple):
    """What became of an example, and what of it is otherwise than expected, a line each.

    `looks` are the jobs of all its looks, the last of which is what is found.
    """

    example: Example
    found: Any
    mistakes: tuple[str, ...]
    looks: tuple[Job, ...] = ()


def outcomes(cls: type[Provider], spec: Spec) -> Iterator[Outcome]:
    """What becomes of the examples of a file; an error is what is found, too."""
    for example in spec.examples:
        looks: list[Job] = []
        try:
            found = play(cls, spec, example, Script(example, spec.folder), looks.append)
        except JobctlError as error:
            found = error
        except OSError as error:
            told = f"{example.place}: its file cannot be read: {error.strerror}"
            yield Outcome(example, error, (told,))
            continue
        others = (f"{example.place}: {text}" for text in _differences(example, found))
        yield Outcome(example, found, tuple(others), tuple(looks))


def _differences(example: Example, found: Any) -> Iterator[str]:
    expected = example.expect
    wanted = expected.get("error") if isinstance(expected, dict) else None
    if isinstance(found, JobctlError):
        kind = kind_of(found.exit_code)
        if wanted != kind:
            yield f"it is an error ({kind}): {found.message}"
        return
    if wanted is not None:
        yield f"it is no error, and {wanted!r} was expected"
        return
    if example.kind == "logs":
        if found.removesuffix("\n") != str(expected or "").removesuffix("\n"):
            yield f"the text is {found[:200]!r}"
        return
    told = expected if isinstance(expected, dict) else {}
    if example.kind == "id":
        yield from _other(told, found.document(), "")
        return
    if told.get("count", len(found)) != len(found):
        yield f"there are {len(found)}, and {told['count']} were expected"
    if "first" in told:
        first = next(iter(found), None)
        first = first.document() if isinstance(first, Job) else first
        yield from _other(told["first"], first or {}, "first.")


def _other(expected: Any, found: Any, path: str) -> Iterator[str]:
    """The members named that are not as expected."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            yield from _other(value, found.get(name), f"{path}{name}.")
    elif not _same(expected, found):
        what = path.rstrip(".") or "it"
        yield f"{what} is {json.dumps(found)}, and {json.dumps(expected)} was expected"


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(
            not list(_other(one, other, "")) for one, other in zip(expected, found, strict=True)
        )
    if isinstance(expected, str) and isinstance(found, str):
        times = iso_time(expected), iso_time(found)
        return expected == found or (times[0] is not None and times[0] == times[1])
    return (type(expected) is type(found) and expected == found) or (
        isinstance(expected, int | float)
        and isinstance(found, int | float)
        and not isinstance(expected, bool)
        and not isinstance(found, bool)
        and expected == found
    )
