"""`api`: one GET to a service, signed in as for its jobs, and the body as it came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from jobctl import formats, payload
from jobctl.clock import Clock
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Choice, about
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.errors import ExitCode, JobctlError, ReaderGone, UnavailableError, UsageError
from jobctl.formats import Format
from jobctl.masking.texts import without_secrets
from jobctl.provider import LIST_PAGES, Cursor, Provider
from jobctl.provider.path import names_in
from jobctl.render.json import encode, pretty
from jobctl.render.messages import note
from jobctl.render.query import Selector, selector
from jobctl.render.raw import write_body
from jobctl.render.streams import check_open, write

if TYPE_CHECKING:
    import httpx

# whatever the service has, JSON where it has a choice
_ACCEPT = {"Accept": "application/json, */*;q=0.8"}


class ApiRequest(NamedTuple):
    """What the command line asks; `fields` are parameters, `NAME=VALUE`."""

    provider: str
    path: str
    fields: Sequence[str] = ()
    paginate: bool = False
    include: bool = False
    shared: Shared = Shared()


def api(request: ApiRequest, terminal: Terminal, clock: Clock | None = None) -> ExitCode:
    """Show what the service answers.

    Raises:
        JobctlError: it answers with an error, or not at all.
    """
    formats.check(request.shared.format, query=request.shared.query)
    if request.include and request.shared.format != Format.RAW:
        raise UsageError(f"--include does not go with -o {request.shared.format}")
    if re.match(r"[\w.-]+=(?!=)", request.shared.query or ""):
        raise UsageError(
            "--query is a JMESPath expression over the body",
            hint="a parameter for the query of the URL is -f NAME=VALUE",
        )
    check_open(terminal.out)
    if request.shared.curl:
        from jobctl.commands.curl import show_lines

        return show_lines(request.shared, terminal, {}, lambda access: _asks(access, request))
    voice = Voice(request.shared, lambda text: note(terminal.err, text))
    choice = Choice(request.shared, terminal.environ, voice, clock=clock)
    with about(request.provider), opened(choice) as access:
        provider = access.provider(request.provider)
        access.check_overrides()
        for text in access.warnings():
            voice.warn(text)
        url = address(provider, request.path, request.fields)
        show = _Showing(request, terminal, provider.secrets)
        try:
            if request.paginate:
                for answer in _answers(provider, url, voice.say):
                    show(answer)
            else:
                show(_ask(provider, url))
        finally:
            show.finish()
    return ExitCode.OK


def _asks(access: Access, request: ApiRequest) -> Iterator[tuple[str, Callable[[], object]]]:
    provider = access.provider(request.provider)
    url = address(provider, request.path, request.fields)
    yield request.provider, partial(_ask, provider, url)


def address(provider: Provider, path: str, fields: Sequence[str] = ()) -> str:
    """The URL of a path of the service, or the URL itself if it is of that service.

    Raises:
        UsageError: it is another's, or would walk up the path, or is no URL.
    """
    import httpx

    from jobctl.http import origin

    if "#" in path:
        raise UsageError("no service sees what follows a #", hint="in a name it is written %23")
    try:
        given = httpx.URL(path if "://" in path.partition("?")[0] else "")
        if given.host and origin(given) != origin(httpx.URL(provider.root)):
            raise UsageError(
                f"that URL is not of {provider.root}, the service of profile"
                f" {provider.profile.name!r}",
                hint="choose its profile with --profile: credentials go to their own service only",
            )
        if given.userinfo:
            raise UsageError("a URL with a user name: credentials have settings of their own")
        filled = path if given.host else f"{provider.root}/{_filled(provider, path).lstrip('/')}"
        place, mark, query = filled.partition("?")
        parameters = [*([query] if query else []), *map(_parameter, fields)]
        url = httpx.URL(f"{place}?{'&'.join(parameters)}" if parameters or mark else place)
    except (httpx.InvalidURL, ValueError):
        raise UsageError("that is no path and no URL") from None
    # httpx and servers would go by what is left of it
    if {".", ".."} & set(re.split(r"[/\\]", unquote(urlsplit(filled).path))):
        raise UsageError(
            "a path with . or .. in it may lead anywhere", hint="write where it leads to"
        )
    return str(url)


def _filled(provider: Provider, path: str) -> str:
    """The path, settings in the place of their names in braces; other braces stay."""
    known = {one.name for one in provider.all_settings() if not one.secret}
    place, mark, query = path.partition("?")
    for name in dict.fromkeys(names_in(place)):
        if name in known:
            text = quote(provider.path_name(name), safe="")
            place = place.replace(f"{{{name}}}", text)
    return place + mark + query


def _parameter(field: str) -> str:
    name, sign, value = field.partition("=")
    if not (name and sign):
        raise UsageError(f"-f {field!r} is not NAME=VALUE")
    return f"{quote(name, safe='')}={quote(value, safe='')}"


def _ask(provider: Provider, url: str) -> _Answer:
    response = provider.client.get(url, headers=_ACCEPT)
    # some services tell errors with the status 200, too
    refused = not response.is_success or (
        response.status_code == 200 and provider.refused(response)
    )
    return _Answer(response, provider.refuse(response) if refused else None)


class _Answer(NamedTuple):
    """An answer, and the error that it stands for, if it is one."""

    response: httpx.Response
    error: JobctlError | None


def _answers(provider: Provider, first: str, say: Callable[[str], None]) -> Iterator[_Answer]:
    """The answers of one page after the other; an error is the last.

    Raises:
        UnavailableError: the pages go on for ever, or on another host.
    """
    from jobctl.http import origin_of, over_tls

    url: str | None = first
    seen: set[str] = set()
    while url is not None:
        provider.guard(Cursor("url", url, 0, page=len(seen)), LIST_PAGES)
        seen.add(url)
        answer = _ask(provider, url)
        yield answer
        known, url = (True, None) if answer.error else provider.next_page(answer.response)
        if not known:
            say(f"note: nothing tells whether {provider.title} has more pages of that")
        url = url and over_tls(url, provider.root)
        if url in seen:
            raise provider.nonsense("names the same page as the next one for ever", None)
        if url is not None and origin_of(url) != origin_of(provider.root):
            raise UnavailableError(
                f"{provider.title} names a next page on another host, to which no credentials go"
            )


class _Showing:
    """Where answers are shown: as they came, or what is selected of each as a document.

    Of several that came, arrays are joined, as `gh api --paginate` joins them.
    """

    def __init__(self, request: ApiRequest, terminal: Terminal, secrets: Sequence[str]) -> None:
        shared = request.shared
        self._out = terminal.out
        self._include = request.include
        self._joins = request.paginate and not request.include
        self._signed = shared.show_signed_urls
        self._secrets = secrets
        self._encode = _encoder(shared.format, selector(shared.query), terminal)
        self._before: str | None = None  # what goes before the next element of an array begun

    def __call__(self, answer: _Answer) -> None:
        """Show an answer.

        Raises:
            JobctlError: it is an error; as it came, it is shown all the same.
        """
        response, error = answer
        try:
            if self._encode is None:
                if not error or self._before is None:
                    self._show(response)
            elif not error and response.content.strip():
                from jobctl.http import read_json
                from jobctl.masking.bodies import redact

                body = read_json(response)
                body = redact(body, secrets=self._secrets, show_signed_urls=self._signed)
                write(self._out, self._encode(body))
        except ReaderGone:
            if error is None:
                raise
        if error:
            raise error

    def finish(self) -> None:
        """Nothing more comes: close the array, if one is open."""
        if self._before is not None:
            write(self._out, "[]\n" if self._before == "[" else "]\n")
        self._before = None

    def _show(self, response: httpx.Response) -> None:
        from jobctl.masking.lines import header_lines

        body = without_secrets(response.content)
        if self._include:
            status = f"{response.http_version} {response.status_code} {response.reason_phrase}"
            head = [status, *header_lines(response.headers), ""]
            write(self._out, "".join(f"{line}\n" for line in head))
        if not self._joins:
            write_body(self._out, body)
        elif isinstance(payload.json_or_none(body), list):
            self._before = self._before or "["
            if inside := body.strip()[1:-1].strip():
                write(self._out, self._before)
                write_body(self._out, inside)
                self._before = ","
        else:
            self.finish()
            write_body(self._out, body if body.endswith(b"\n") else body + b"\n")


def _encoder(format: str, select: Selector, terminal: Terminal) -> Callable[[Any], str] | None:
    """What makes the text of a document; None where bodies are shown as they came."""
    if format == Format.RAW:
        return None
    if format == Format.YAML:
        from jobctl.render.yaml import encode as as_yaml

        return lambda document: as_yaml(select(document))
    if format == Format.TEXT:
        from jobctl.render.document import encoder

        as_text = encoder(format, terminal.out, terminal.environ)
        return lambda document: as_text(select(document))
    if format == Format.NDJSON:
        return lambda document: f"{encode(select(document))}\n"
    return lambda document: pretty(select(document))
