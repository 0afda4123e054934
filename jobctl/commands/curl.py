"""`--curl`: the requests of a command as lines for a shell; nothing is asked.

No secret is read for it. A request is signed with names that stand in for secrets, and in its line
they become variables.
"""

from __future__ import annotations

import re
import shlex
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote_plus

import httpx

from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Account, Choice, about
from jobctl.commands.naming import job_named, words_of
from jobctl.commands.opening import opened
from jobctl.commands.standing_in import STAND_IN, Caught
from jobctl.commands.voice import Voice
from jobctl.config import variable
from jobctl.errors import ExitCode, Unsupported
from jobctl.http import origin
from jobctl.render.messages import note
from jobctl.render.streams import write

_OF_THE_CONNECTION = ("accept-encoding", "connection", "content-length", "host", "user-agent")
# what between double quotes is nothing but itself, in any shell
_PLAIN = re.compile(r"[A-Za-z0-9 :._/?=&%@,+~-]*")
_FILES = (("--cacert", "ca_file"), ("--cert", "client_cert"), ("--key", "client_key"))

Asks = Callable[[Access], Iterable[tuple[str, Callable[[], object]]]]


def show_lines(
    shared: Shared, terminal: Terminal, options: Mapping[str, str | bool], asks: Asks
) -> ExitCode:
    """Show a line for each first request that a command would make: of whom, and how it asks.

    Raises:
        Unsupported: curl cannot make it.
        JobctlError: it cannot be made at all.
    """
    voice = Voice(shared, lambda text: note(terminal.err, text))
    wanted: dict[str, str] = {}
    with opened(Choice(shared, terminal.environ, voice, options=options)) as access:
        for name, ask in asks(access):
            with about(name):
                account = access.account(name)
                line = _Line(account, _request(ask))
                write(terminal.out, f"{line}\n")
                wanted |= line.wanted
        access.check_overrides()
        for text in access.warnings():
            voice.warn(text)
    for one, how in wanted.items():
        if not terminal.environ.get(one):
            voice.say(f"note: {how}")
    return ExitCode.OK


def show_lines_of(
    jobs: Sequence[str],
    provider: str | None,
    shared: Shared,
    terminal: Terminal,
    options: Mapping[str, str | bool] = MappingProxyType({}),
    verb: str = "get",
) -> ExitCode:
    """The same for jobs, of each of which `verb` of its provider asks.

    Raises:
        JobctlError: there is no line for one.
    """

    def asks(access: Access) -> Iterator[tuple[str, Callable[[], object]]]:
        for word in words_of(jobs, terminal):
            ref = job_named(access, word, provider)
            yield ref.provider, partial(getattr(access.provider(ref.provider), verb), ref)

    return show_lines(shared, terminal, options, asks)


def _request(ask: Callable[[], object]) -> httpx.Request:
    try:
        ask()
    except Caught as caught:
        return caught.request
    raise Unsupported("that asks the service for nothing")


def _words_of(account: Account) -> str | None:
    """What signs in where curl does it, or another program: words for the line."""
    words: str | None = getattr(account.auth, "curl", None)
    return words


class _Line:
    """The line for a request; `wanted` tells of each variable in it how it is had."""

    def __init__(self, account: Account, request: httpx.Request) -> None:
        self._account = account
        self.wanted: dict[str, str] = {}
        self._check(request)
        self._words = ["curl", "-g", *self._address(request), *self._files()]
        for name, value in request.headers.multi_items():
            if name not in _OF_THE_CONNECTION:
                self._words += self._header(name.title(), value)
        self._words += filter(None, [_words_of(account)])
        if request.content:
            self._words += ["--data-raw", self._quoted(request.content.decode())]

    def __str__(self) -> str:
        return " ".join(self._words)

    def _check(self, request: httpx.Request) -> None:
        name = self._account.provider.name
        if getattr(self._account.auth, "by_request", False):
            api = self._account.profile.command("api", name, "PATH")
            raise Unsupported(
                f"{name} signs each request by itself, which curl cannot do",
                hint=f"`{api}` can; where there is a token, so can curl",
            )
        if origin(request.url) != origin(httpx.URL(self._account.base_url)):
            raise Unsupported(
                f"{name} would have to ask {request.url.host} first", hint="set project_id"
            )

    def _address(self, request: httpx.Request) -> Iterator[str]:
        """The URL; a parameter that is secret stands beside it, for curl to encode."""
        place, _, query = str(request.url).partition("?")
        parameters = query.split("&") if query else []
        secret = [one for one in parameters if STAND_IN.search(one)]
        open_ = "&".join(one for one in parameters if one not in secret)
        yield self._quoted(f"{place}?{open_}" if open_ else place)
        if secret:
            yield "-G"
        for one in secret:
            yield f"--data-urlencode {self._quoted(unquote_plus(one))}"

    def _files(self) -> Iterator[str]:
        for option, setting in _FILES:
            if file := self._account.profile.get(setting):
                yield f"{option} {shlex.quote(str(Path(file).expanduser()))}"

    def _header(self, name: str, value: str) -> Iterator[str]:
        kind, _, rest = value.partition(" ")
        if (name, kind) == ("Authorization", "Basic"):
            yield f"-u {self._quoted(b64decode(rest).decode())}"
        else:
            yield f"-H {self._quoted(f'{name}: {value}')}"

    def _quoted(self, text: str) -> str:
        """A word of the line, its stand-ins replaced by variables."""
        if not STAND_IN.search(text):
            return shlex.quote(text)
        plain = _PLAIN.fullmatch(STAND_IN.sub("", text))
        parts = STAND_IN.split(text)
        for odd in range(1, len(parts), 2):
            parts[odd] = self._variable(parts[odd])
        if plain:
            return f'"{"".join(parts)}"'
        return "".join(
            f'"{part}"' if odd % 2 else shlex.quote(part) for odd, part in enumerate(parts) if part
        )

    def _variable(self, told: str) -> str:
        """`${NAME}` for what stands in for a secret."""
        profile, provider = self._account.profile, self._account.provider
        name = told if told.isupper() else variable(profile.account, told)
        how = f"export {name} for it"
        if told == "token":
            how = f'export {name}="$(jobctl auth token {provider.name})" for it'
        self.wanted[name] = how
        return f"${{{name}}}"
