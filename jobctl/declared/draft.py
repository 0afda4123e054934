"""A provider file that is proposed from samples of what a service answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from jobctl import payload
from jobctl.declared import values
from jobctl.declared.guess import Path, Said, at, holding, rows, said, sorted_out
from jobctl.declared.mapping import find
from jobctl.declared.names import expression
from jobctl.declared.place import Place
from jobctl.errors import UsageError
from jobctl.models import JobRef, JobState

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TAKEN = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])
_LONGEST = 200  # letters of a text in the example
_IDS = "id uuid guid jobid name key"
_NEXT = {
    "nextpagetoken": "page_token",
    "nextcursor": "cursor",
    "nexttoken": "next_token",
    "continuationtoken": "continuation_token",
}
_NEXT_URLS = ("next", "nexturl", "nextlink", "links.next", "odatanextlink")
_WAYS = ("none", "bearer", "basic", "header:NAME", "query:NAME")


class Page(NamedTuple):
    """A page of a service's list: where it was had, what it says, whether a Link header goes on."""

    place: Place
    body: Any
    links_on: bool = False


class Sample(NamedTuple):
    """What is known of a service: its address, the answer about a job, the words of its status.

    `status` is an expression, where the user told it; `sign_in` is one of `none`, `bearer`,
    `basic`, `header:NAME` and `query:NAME`.
    """

    name: str
    base_url: str
    place: Place
    body: Any
    words: Sequence[str] = ()
    status: str | None = None
    sign_in: str = "none"
    page: Page | None = None


def check_sign_in(text: str) -> None:
    """See that there is such a way to sign in.

    Raises:
        UsageError: there is none.
    """
    way, colon, name = text.partition(":")
    named = way in ("header", "query") and name
    if not named and (colon or way not in ("none", "bearer", "basic")):
        raise UsageError(f"{text!r} is no way to sign in", hint=f"there are {', '.join(_WAYS)}")


def draft(sample: Sample) -> str:
    """The text of a provider file.

    Raises:
        UsageError: nothing in the body looks like a status, or there is no such way to sign in.
    """
    check_sign_in(sample.sign_in)
    body, above = _job(sample)
    told = said(body)
    status = sample.status or _status(told)
    if status is None:
        raise UsageError(
            "nothing in the body looks like a status",
            hint="tell where it stands with --status, a JMESPath expression",
        )
    lines = [
        "# Proposed by `jobctl providers new` from a sample: names and words were guessed.",
        "# Hold it against the vendor's page; `jobctl providers check` tells what is wrong.",
        f"title: {_quoted(f'{sample.name.capitalize()} {[*sample.place.parts][-1]}')}",
        "# docs: the vendor's page",
        *_settings(sample),
        f"ids: [{', '.join(_part(name, one) for name, one in sample.place.parts.items())}]",
        "",
        f"get: {{{', '.join(_request(sample.place) + above)}}}",
        "",
        "job:",
        *_job_lines(sample, body, told, status),
        *_list_lines(sample, body, told),
        "",
        "# results: {path: ..., records: ...}",
        "# logs: {path: ...}",
        "",
        *_example(sample, body, told, status, wrapped=bool(above)),
    ]
    return "\n".join(lines) + "\n"


def _job(sample: Sample) -> tuple[Any, list[str]]:
    """The body of the job, and what the request says of where it stands among others."""
    body = sample.body
    if sample.status or said(body).status:
        return body, []
    name, wanted = list(sample.place.parts.items())[-1]

    def holds(some: list[Any]) -> bool:
        return any(holding(one, wanted) for one in some if isinstance(one, dict))

    found = rows(body, holds)
    if found is None:
        return body, []
    path, some = found
    one = next(one for one in some if isinstance(one, dict) and holding(one, wanted))
    field = holding(one, wanted)
    if not field or len(field) > 1:
        return body, []
    pick = f"{{{_quoted(field[0])}: {_quoted(f'{{{name}}}')}}}"
    return one, [f"at: {_quoted(_expression(path))}", f"pick: {pick}"]


def _status(told: Said) -> str | None:
    if told.status is None:
        return None
    paths = [told.status, *filter(None, [told.ending])]
    joined = ", ".join(map(_expression, paths))
    return joined if len(paths) == 1 else f"[{joined}]"


def _settings(sample: Sample) -> Iterator[str]:
    yield "settings:"
    yield f"  base_url: {_quoted(sample.base_url)}"
    way, _, name = sample.sign_in.partition(":")
    secret = 'help: "what lets one in", secret: true'
    if way == "bearer":
        yield f"  token: {{{secret}}}"
        yield "auth: {bearer: token}"
    elif way == "basic":
        yield '  user: {help: "the user"}'
        yield f"  password: {{{secret}}}"
        yield 'auth: {basic: {user: "{user}", password: "{password}"}}'
    elif name:
        yield f"  api_key: {{{secret}}}"
        place = "headers" if way == "header" else "query"
        yield f'auth: {{{place}: {{{_quoted(name)}: "{{api_key}}"}}}}'
    else:
        yield "# auth: {bearer: token}, with `token: {secret: true}` below settings"


def _part(name: str, example: str) -> str:
    return f"{{name: {name}, example: {_quoted(example)}}}"


def _request(place: Place) -> list[str]:
    query = ", ".join(f"{_quoted(name)}: {_quoted(text)}" for name, text in place.query.items())
    return [f"path: {_quoted(place.path)}"] + ([f"query: {{{query}}}"] if query else [])


def _job_lines(sample: Sample, body: Any, told: Said, status: str) -> Iterator[str]:
    yield f"  status: {_quoted(status)}"
    yield from _states(sample, body, told, status)
    yield from (f"  {line}" for line in _fields(told))


def _states(sample: Sample, body: Any, told: Said, status: str) -> Iterator[str]:
    found = values.words(find(expression(status), body))
    parts = [*(found or "").split("+"), *sample.words]
    words = sorted_out(parts, told_apart=told.ending is not None and sample.status is None)
    yield "  states:" if words.states else "  states: {}"
    for state in JobState:
        if state in words.states:
            yield f"    {state}: [{', '.join(map(_quoted, words.states[state]))}]"
    if words.unclear:
        yield "    # put each of these under the state that it means:"
        yield f"    #   {', '.join(map(_quoted, words.unclear))}"
    missing = [
        state for state in (JobState.SUCCEEDED, JobState.FAILED) if state not in words.states
    ]
    if missing:
        yield f"    # no word was told that means {' or '.join(missing)}"


def _fields(told: Said) -> Iterator[str]:
    for name, paths in told.texts.items():
        some = [_quoted(_expression(path)) for path in paths[:3]]
        yield f"{name}: {some[0] if len(some) == 1 else '[' + ', '.join(some) + ']'}"
    units = [unit for _, unit in told.times.values() if unit]
    usual = next(iter(units), "s")
    for name, (path, unit) in told.times.items():
        where = _quoted(_expression(path))
        yield f"{name}: {where if unit in ('', usual) else f'{{at: {where}, unit: {unit}}}'}"
    if usual != "s":
        yield f"times: {usual}"
    counts = [f"{name}: {_quoted(_expression(path))}" for name, path in told.counts.items()]
    if told.percent:
        path, is_share = told.percent
        where = _quoted(_expression(path))
        counts.insert(0, f"percent: {f'{{at: {where}, of: 1}}' if is_share else where}")
    if counts:
        yield f"progress: {{{', '.join(counts)}}}"


def _list_lines(sample: Sample, body: Any, told: Said) -> Iterator[str]:
    page = sample.page
    yield ""
    if page is None:
        yield "# list: {path: ..., records: ...}"
        return
    found = rows(page.body, lambda some: bool(some) and all(isinstance(one, dict) for one in some))
    if found is None:
        raise UsageError("the page of the list holds no list of jobs")
    path, some = found
    yield "list:"
    yield from (f"  {line}" for line in _request(page.place))
    yield f"  records: {_quoted(_expression(path))}"
    named = set(re.findall(r"\{(\w+)\}", page.place.path))
    ids = {
        name: where
        for name, example in sample.place.parts.items()
        if name not in named and (where := _id(name, example, body, some[0])) is not None
    }
    if ids:
        told_ids = (f"{name}: {_quoted(_expression(where))}" for name, where in ids.items())
        yield f"  ids: {{{', '.join(told_ids)}}}"
    for name in sample.place.parts:
        if name not in named | ids.keys():
            yield f"  # ids: {{{name}: ...}}: nothing in a record looks like it"
    yield from (f"  {line}" for line in _row(told, said(some[0])))
    yield from (f"  {line}" for line in _paging(page))
    order = _order(some)
    if order:
        yield f"  order: {order}"


def _id(name: str, example: str, body: Any, row: Any) -> Path | None:
    """Where a record has a part of the id: where the job has it, or where it is usually."""
    there = holding(body, example)
    if there is not None and payload.text(at(row, there)):
        return there
    plain = name.replace("_", "").lower()
    for wanted in (plain, f"{plain}id", *_IDS.split()):
        for key, value in row.items():
            if re.sub(r"[^a-z0-9]", "", key.lower()) == wanted and payload.text(value):
                return (key,)
    return None


def _row(told: Said, row: Said) -> list[str]:
    """What a record calls otherwise than the job does."""
    if row == told or _status(row) is None:
        return []
    usual = set(_fields(told))
    fields = [line for line in _fields(row) if line not in usual]
    if _status(row) != _status(told):
        fields.insert(0, f"status: {_quoted(str(_status(row)))}")
    return [f"job: {{{', '.join(fields)}}}"] if fields else []


def _paging(page: Page) -> Iterator[str]:
    if page.links_on:
        yield "paging: {link: next}"
        return
    for name in _NEXT_URLS:
        path = _called(page.body, name)
        if path is not None and isinstance(at(page.body, path), str | None):
            yield f"paging: {{url: {_quoted(_expression(path))}}}"
            return
    for name, parameter in _NEXT.items():
        path = _called(page.body, name)
        if path is not None:
            where = _quoted(_expression(path))
            yield f"paging: {{cursor: {parameter}, at: {where}}}"
            yield f"# {parameter} was guessed: it is the parameter that takes the cursor"
            return
    yield "# paging: nothing in the page tells of a next one"


def _called(body: Any, name: str) -> Path | None:
    """Where something stands that is called so; `links.next` is `next` below `links`."""
    first, _, rest = name.partition(".")
    for key, value in body.items() if isinstance(body, dict) else ():
        if re.sub(r"[^a-z0-9]", "", key.lower()) == first:
            below = _called(value, rest) if rest else ()
            return None if below is None else (key, *below)
    return None


def _order(some: Sequence[Any]) -> str | None:
    """Which of the records come first, if their times tell it."""
    created = said(some[0]).times.get("created_at")
    if created is None:
        return None
    path, unit = created
    times = [values.moment(at(one, path), unit or "s") for one in some]
    known = [time for time in times if time is not None]
    if len(known) < 2 or known[0] == known[-1]:
        return None
    if known == sorted(known):
        return "oldest"
    return "newest" if known == sorted(known, reverse=True) else None


def _example(sample: Sample, body: Any, told: Said, status: str, *, wrapped: bool) -> Iterator[str]:
    """The sample, as far as the file reads it: for checks and the sandbox."""
    if wrapped or sample.status:
        return
    paths = [path for path in (told.status, told.ending) if path]
    paths += [path for some in told.texts.values() for path in some[:3]]
    paths += [path for path, _ in told.times.values()] + [*told.counts.values()]
    paths += [told.percent[0]] if told.percent else []
    kept: dict[str, Any] = {}
    for path in paths:
        inner = kept
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = at(body, path)
    ref = JobRef(sample.name, tuple(sample.place.parts.values()))
    found = values.words(find(expression(status), body))
    written = _flow(kept)
    if "\ufffd" in written:
        return  # no file holds what the body held
    yield "examples:"
    yield f"  - id: {_quoted(ref.id)}"
    yield f"    answers: [{{body: {written}}}]"
    yield f"    expect: {{status: {_quoted(found or '')}}}"


def _expression(path: Path) -> str:
    """A path as JMESPath; `@` where it has no names."""
    names = (one if _IDENTIFIER.fullmatch(one) else json.dumps(one) for one in path)
    return ".".join(names) or "@"


def _flow(value: Any) -> str:
    """A JSON value as YAML on one line, its texts cut short."""
    if isinstance(value, dict):
        inner = (f"{_string(name)}: {_flow(one)}" for name, one in value.items())
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, str):
        return _string(value[:_LONGEST])
    return json.dumps(value)


def _quoted(text: str) -> str:
    """A text as YAML, quoted where it could be taken for something else."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _TAKEN
    return text if is_plain else _string(text)


def _string(text: str) -> str:
    """A text in double quotes; what no text of such a file can hold becomes U+FFFD."""
    return '"' + "".join(map(_letter, text)) + '"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter == "\0" or "\ud800" <= letter <= "\udfff":
        return "\ufffd"
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
