"""`doctor`: what is wrong with a set-up, the cause first, and what mends it.

A check is a small function that gives findings; each module has a family of them. They look at what
is broken as well, and so raise nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from queue import Queue
from typing import Any, NamedTuple

from jobctl import __version__, registry
from jobctl.clock import Clock
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Choice
from jobctl.commands.accounts import apart, begun
from jobctl.commands.doctor import set_up, surroundings
from jobctl.commands.doctor.account import World, examine
from jobctl.commands.doctor.finding import Finding, Status, of_error, problem
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.config.file import SANDBOX
from jobctl.errors import ConfigError, ExitCode, JobctlError, ReaderGone
from jobctl.masking.texts import masked
from jobctl.render.clean import clean
from jobctl.render.json import pretty
from jobctl.render.messages import note
from jobctl.render.query import selector
from jobctl.render.streams import write
from jobctl.signals import interruptible

SCHEMA = "jobctl.doctor/v1"
_ORDER = tuple(Status)
_NOTHING = "sign in with `jobctl auth login PROVIDER`; `--profile sandbox` needs no account"


class DoctorRequest(NamedTuple):
    """What the command line asks; `seconds` is how long an account may take."""

    provider: str | None = None
    strict: bool = False
    seconds: float = 20.0
    shared: Shared = Shared()


def doctor(request: DoctorRequest, terminal: Terminal, world: World | None = None) -> ExitCode:
    """Show all that is wrong with a set-up, and what is well.

    With `strict` the exit code is that of the first problem.

    Raises:
        UsageError: there is no such provider.
    """
    select = selector(request.shared.query)
    if request.provider is not None:
        with suppress(ConfigError):  # what is wrong with files is found below
            registry.origin(request.provider)
    found = _all(request, terminal, world or World(Clock()))
    findings = _once(sorted(found, key=lambda one: _ORDER.index(one.status)))
    worst = findings[0]
    code = worst.code if worst.status is Status.PROBLEM else ExitCode.OK
    with suppress(ReaderGone):
        if request.shared.format == "table":
            write(terminal.out, "".join(map(_line, findings)))
        else:
            document = {
                "schema": SCHEMA,
                "version": __version__,
                "verdict": str(worst.status),
                "exit_code": int(code),
                "findings": [_document(one) for one in findings],
            }
            write(terminal.out, _encoded(select(document), request.shared.format))
    return code if request.strict else ExitCode.OK


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Each thing once, as the worst that it was found to be, which stands first."""
    found: dict[tuple[str, str | None], Finding] = {}
    for one in findings:
        # what is wrong for all accounts each of them would tell
        found.setdefault((one.what, one.provider if one.status is Status.OK else None), one)
    return list(found.values())


def _all(request: DoctorRequest, terminal: Terminal, world: World) -> Iterator[Finding]:
    shared, environ = request.shared, terminal.environ
    usable = True
    if shared.profile != SANDBOX:
        for one in set_up.configuration(shared.profile, environ):
            usable = usable and one.status is not Status.PROBLEM
            yield one
    yield from set_up.provider_files()
    yield from set_up.folders(environ)
    yield from surroundings.proxies(environ)
    yield from surroundings.trust(environ)
    if not usable:
        return
    voice = Voice(shared, lambda text: note(terminal.err, text))
    try:
        # a wait of no patience: each question is asked once, and what hangs is told by its name
        longest = request.seconds / 2
        with opened(Choice(shared, environ, voice, outage=0.0, longest=longest)) as access:
            yield from _of_accounts(access, request, world)
    except JobctlError as error:
        yield of_error("settings", error)


def _of_accounts(access: Access, request: DoctorRequest, world: World) -> Iterator[Finding]:
    """What is found of each account, all of which are looked at together."""
    names = [request.provider] if request.provider else apart(access) or begun(access)
    names = [one for one in names if registry.facts()[one].broken is None]
    access.check_overrides(map(registry.manifest, names))
    if not names and request.provider is None:
        yield problem("settings", "no service is set up", _NOTHING, ExitCode.USAGE)
    inbox: Queue[tuple[str, list[Finding] | BaseException]] = Queue()

    def work(name: str) -> None:
        try:
            inbox.put((name, examine(access, name, world)))
        except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
            inbox.put((name, error))

    for name in names:
        ask = partial(work, name)
        if world.start(ask) is None:
            ask()
    found: dict[str, list[Finding]] = {}
    deadline = world.clock.now() + request.seconds
    while len(found) < len(names):
        with interruptible():
            told = world.clock.wait(inbox, deadline - world.clock.now(), busy=len(names))
        if told is None:
            break
        if isinstance(told[1], BaseException):
            raise told[1]
        found[told[0]] = told[1]
    for name in names:
        late = f"it could not be looked at within {request.seconds:g} s"
        mend = "look at its proxy, its commands and its keyring; --timeout gives more time"
        yield from found.get(name, [problem("request", late, mend)._replace(provider=name)])


def _line(finding: Finding) -> str:
    """A finding for people: a line, and one below it for what mends it."""
    who = f"{finding.provider}: " if finding.provider else ""
    lines = [f"{finding.status}: {who}{finding.what}"]
    if finding.mend and finding.status is not Status.OK:
        lines.append(f"  mend: {finding.mend}")
    return "".join(f"{clean(masked(one))}\n" for one in lines)


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "status": str(finding.status),
        "provider": finding.provider,
        "what": masked(finding.what),
        "mend": finding.mend and masked(finding.mend),
        "exit_code": int(finding.code),
    }


def _encoded(document: Any, format: str) -> str:
    if format == "yaml":
        from jobctl.render.yaml import encode as as_yaml

        return as_yaml(document)
    return pretty(document)


__all__: Sequence[str] = ("SCHEMA", "DoctorRequest", "World", "doctor")
