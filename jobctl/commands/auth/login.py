"""`auth login`: from nothing to credentials that the service has accepted, and that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from jobctl import registry
from jobctl.accounts import Way
from jobctl.auth.cache import TokenCache, cache_directory
from jobctl.clock import Clock
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, about
from jobctl.commands.auth import KEYRING, SERVICE, choice
from jobctl.commands.auth.asking import Person
from jobctl.commands.auth.draft import Draft
from jobctl.commands.config import place_of
from jobctl.config import Configuration, Setting
from jobctl.config.file import SANDBOX, File, load
from jobctl.config.references import is_reference
from jobctl.errors import JobctlError, UsageError, did_you_mean
from jobctl.render.messages import note, say
from jobctl.render.streams import read_line


class LoginRequest(NamedTuple):
    """What the command line says; `shared.overrides` are settings that are stored, too."""

    provider: str | None
    shared: Shared = Shared()
    way: str | None = None
    with_token: bool = False
    insecure: bool = False
    no_input: bool = False


def login(
    request: LoginRequest,
    terminal: Terminal,
    person: Person | None = None,
    clock: Clock | None = None,
) -> None:
    """Ask for what is missing, try it, and keep what the service has accepted.

    Raises:
        UsageError: nobody can be asked; the error names all that would be.
        AuthError: the service refuses it, or the keyring cannot keep it; nothing is stored.
        JobctlError: the service gave no proper answer; nothing is stored.
    """
    asked = person or Person(terminal)
    interactive = asked.is_there and not request.no_input
    provider = registry.manifest(request.provider or _provider(asked if interactive else None))
    path = place_of(terminal)
    configuration = _read(path)
    configuration.check(registry)
    name = request.shared.profile or terminal.environ.get("JOBCTL_PROFILE")
    name = name or configuration.profile or "default"
    if name == SANDBOX:
        note(terminal.err, f"the profile {SANDBOX} signs in by itself: nothing is asked")
        if request.shared.profile is None:
            note(terminal.err, "hint: name another one with --profile")
        return
    with about(provider.name):
        draft = Draft(provider, name, path, configuration, terminal.environ)
        for setting, value in request.shared.overrides.items():
            draft.take(setting, value)
        way = _way(draft, request, asked if interactive else None)
        if request.with_token:
            _take_token(draft, way, terminal, asked)
        _ask(draft, way, request, asked if interactive else None)
        if way is not None:
            draft.choose(way)
        try:
            caller = _try(draft, request, terminal, clock)
        except JobctlError as error:
            error.hint = "; ".join(filter(None, [error.hint, "nothing was stored"]))
            raise
        before = draft.store(insecure=request.insecure)
        for place in before:
            say(terminal.err, "warning", f"{place} goes before what is stored now")
        whom = f" as {caller}" if caller else ""
        note(terminal.err, f"signed in to {provider.title}{whom} (profile {name}, {path})")


def _provider(person: Person | None) -> str:
    if person is not None:
        return person.provider()
    near = [one for one in registry.names() if registry.origin(one) != "catalogue"]
    raise UsageError(
        "nobody says where to sign in, and nobody can be asked: jobctl auth login PROVIDER",
        hint=f"PROVIDER is {', '.join(near)}, or what else `jobctl providers --all` shows",
    )


def _read(path: Path) -> Configuration:
    try:
        return Configuration(load(path))
    except FileNotFoundError:  # it is about to be written
        return Configuration(File(path, None, open=False))


def _way(draft: Draft, request: LoginRequest, person: Person | None) -> Way | None:
    """The way of signing in: the one that is asked for, else begun, else chosen."""
    account = draft.provider.account
    ways = {one.name: one for one in reversed(account.ways)}  # of two alike the first
    if request.way is not None:
        if request.way not in ways:
            raise UsageError(
                f"{draft.provider.name} has no way of signing in called {request.way!r}",
                hint=did_you_mean(request.way, ways),
            )
        return ways[request.way]
    if request.with_token:
        fitting = [one for one in account.ways if _only_secret(draft, one)]
        if not fitting:
            raise UsageError(f"{draft.provider.name} has no way of signing in by a token alone")
        return fitting[0]
    begun = account.way(draft.profile())
    usual = [one for one in account.ways if not one.asked]
    if begun is not None or len(usual) < 2:
        return begun or next(iter(usual), None)
    if person is None:
        missing = ", ".join(map(" or ".join, draft.missing(None)))
        besides = f"{missing}, and " if missing else ""
        told = "; ".join(f"{one.name} ({', '.join(one.alone or one.marks)})" for one in usual)
        raise UsageError(
            f"{draft.provider.name} needs {besides}one of several ways of signing in, and"
            f" nobody can be asked for them: {told}",
            hint="choose with --auth",
        )
    return person.way(account.ways)


def _only_secret(draft: Draft, way: Way) -> str | None:
    """The one secret that a way needs, and nothing else; None where it needs more."""
    needs = way.alone or way.marks
    if len(needs) == 1 and len(way.needs) < 2 and draft.settings[needs[0]].secret:
        return needs[0]
    return None


def _take_token(draft: Draft, way: Way | None, terminal: Terminal, person: Person) -> None:
    secret = way and _only_secret(draft, way)
    if not secret:
        raise UsageError("--with-token does not go with this way of signing in")
    setting = draft.settings[secret]
    if terminal.stdin.isatty():
        draft.entered[secret] = person.value(setting)
        return
    value = read_line(terminal.stdin).rstrip("\r\n")
    complaint = setting.complaint(value) if value else "standard input has no token"
    if complaint:
        raise UsageError(f"--with-token: {complaint}")
    draft.entered[secret] = value


def _ask(draft: Draft, way: Way | None, request: LoginRequest, person: Person | None) -> None:
    """Have entered what is missing; where nothing is, the secrets that are kept may be others."""
    missing = draft.missing(way)
    again = [] if missing or draft.entered.keys() & _secrets(draft) else draft.kept(way)
    if missing and person is None:
        raise UsageError(
            f"{draft.provider.name} needs {', '.join(map(' or '.join, missing))}, and nobody can be"
            " asked for it",
            hint="give what is no secret with --set NAME=VALUE, secrets in variables or in a file"
            " (--with-token reads one from standard input); or sign in on a terminal",
        )
    asked = {name for names in missing for name in names} | {one.name for one in again}
    if person is not None and not request.insecure and asked & _secrets(draft):
        person.tell_of_no_keyring()
    while missing and person:
        for names in missing:
            if draft.entered.keys() & {*names}:
                continue  # the same setting stood for others before
            name, value = _one_of(names, draft, person)
            draft.entered[name] = value
        missing = draft.missing(way)
    if person is not None:
        _renew(draft, again, person)
    secrets = [draft.entered[name] for name in draft.entered.keys() & _secrets(draft)]
    if not request.insecure and not all(map(is_reference, secrets)):
        KEYRING.get(SERVICE, "")  # rather now than when the service has been asked


def _renew(draft: Draft, settings: Sequence[Setting], person: Person) -> None:
    """Have what is known already entered anew, or left as it is."""
    for setting in settings:
        value = person.value(setting, known=True)
        if value:
            draft.entered[setting.name] = value


def _one_of(names: tuple[str, ...], draft: Draft, person: Person) -> tuple[str, str]:
    """Of settings of which one is enough the first that is given, and its value."""
    *most, last = names
    for at, name in enumerate(most, 1):
        value = person.value(draft.settings[name], others=names[at:])
        if value:
            return name, value
    return last, person.value(draft.settings[last])


def _secrets(draft: Draft) -> set[str]:
    return {one.name for one in draft.settings.values() if one.secret}


def _try(
    draft: Draft, request: LoginRequest, terminal: Terminal, clock: Clock | None
) -> str | None:
    """Have the service say whether it accepts what is entered, and whom it takes us for."""
    told = choice(request.shared._replace(overrides={}), terminal, clock)
    cache = TokenCache(lambda: cache_directory(terminal.environ))
    access = Access(told, draft.name, lambda _: draft.profile(), cache, trust_env=True)
    with closing(access):
        account = access.account(draft.provider.name)
        sign_in = getattr(account.auth, "sign_in", None)  # where a person does it in a browser
        if sign_in:
            sign_in(
                access.client(account),
                lambda text: note(terminal.err, text),
                insecure=request.insecure,
            )
        for text in access.warnings():
            told.voice.warn(text)
        return access.provider(draft.provider.name).probe()
