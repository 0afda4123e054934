"""`auth status`: who is signed in where, by what, and whether the service agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from jobctl import formats, registry
from jobctl.accounts import Way
from jobctl.auth.cache import Token
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access
from jobctl.commands.accounts import apart, served_by
from jobctl.commands.auth import access_to
from jobctl.commands.origins import reference
from jobctl.config import Configuration, Profile, Where
from jobctl.errors import AuthError, ConfigError, ExitCode, JobctlError, ReaderGone, worst
from jobctl.formats import Format
from jobctl.masking.texts import masked
from jobctl.models import rfc3339
from jobctl.provider import Manifest
from jobctl.render import write_documents
from jobctl.render.clean import clean
from jobctl.render.streams import check_open, write
from jobctl.render.words import times_on

_SHORT, _LONG = 4, 12


def status(provider: str | None, shared: Shared, terminal: Terminal) -> ExitCode:
    """Show the accounts that are set up; the code of the worst that was met.

    Those of all profiles, if nobody says which profile.

    Raises:
        ConfigError: the configuration cannot be used, or nothing is set up.
    """
    formats.check(shared.format, query=shared.query)
    check_open(terminal.out)
    found: list[dict[str, Any]] = []
    codes: list[ExitCode] = []
    for name in _profiles(shared, terminal):
        # a wait of no patience: each service is asked once
        with access_to(shared._replace(profile=name), terminal, outage=0.0) as access:
            for one in [provider] if provider else apart(access):
                document, code = _tried(access, one)
                found.append(document)
                codes.append(code)
    if not found:
        raise ConfigError("no account is set up", hint="jobctl auth login PROVIDER sets one up")
    with suppress(ReaderGone):
        if shared.format == Format.TABLE:
            shown = times_on(terminal.out)
            lines = [line for one in found for line in _page(one, shown)]
            write(terminal.out, "".join(f"{clean(line)}\n" for line in lines))
        else:
            write_documents(
                shared.format, terminal.out, found, shared.query, environ=terminal.environ
            )
    return worst(codes)


def _profiles(shared: Shared, terminal: Terminal) -> list[str | None]:
    """The profile that somebody names, else all that the file has, else what there is without."""
    if shared.profile or terminal.environ.get("JOBCTL_PROFILE"):
        return [shared.profile]
    return list(Configuration.read(terminal.environ).profiles) or [None]


def _tried(access: Access, name: str) -> tuple[dict[str, Any], ExitCode]:
    """The document of an account, and the exit code of its trial."""
    provider = registry.manifest(name)
    profile = access.profile_of(provider)
    error: JobctlError | None = None
    way: Way | None = None
    caller: str | None = None
    cached: Token | None = None
    try:
        way = provider.account.way(profile)
        account = access.account(name)
        caller = access.provider(name).probe()
        kept = getattr(account.auth, "cached", None)  # those that ask for tokens have it
        cached = kept and kept()
    except JobctlError as failed:
        error = failed
    ends = datetime.fromtimestamp(cached.expires_at, UTC) if cached else None
    document = {
        "schema": "jobctl.auth/v1",
        "profile": profile.name,
        "account": provider.account.name,
        "provider": name,
        "service": provider.title,
        "serves": served_by(access, name),
        "way": way and way.name,
        "whose": _whose(provider, profile, way) if way else {},
        "settings": _settings(provider, profile),
        "token_expires_at": rfc3339(ends),
        "accepted": False if isinstance(error, AuthError) else None if error else True,
        "caller": caller and masked(caller),
        "message": error and masked(error.message),
        "hint": error and error.hint and masked(error.hint),
    }
    return document, error.exit_code if error else ExitCode.OK


def _whose(provider: type[Manifest], profile: Profile, way: Way) -> dict[str, str]:
    """The settings that tell who signs in; of a secret one the beginning, if it is long enough."""
    settings = {one.name: one for one in provider.all_settings()}
    usual = [one for one in way.alone or way.marks if not settings[one].secret]
    found = {}
    for name in way.whose or usual:
        try:
            value = profile.get(name)
        except JobctlError:  # it is told as what went wrong
            continue
        if value:
            begins = f"{value[: _SHORT * (len(value) >= _LONG)]}..."
            found[name] = begins if settings[name].secret else settings[name].shown(value)
    return found


def _settings(provider: type[Manifest], profile: Profile) -> list[dict[str, Any]]:
    """Where the settings come from that somebody gave."""
    found = []
    for one in provider.all_settings():
        origin = profile.origin(one.name)
        if origin is not None and origin.where is not Where.DEFAULT:
            found.append(
                {
                    "name": one.name,
                    "secret": one.secret,
                    "where": str(origin.where),
                    "place": origin.place,
                    "reference": reference(origin),
                }
            )
    return found


def _page(told: Mapping[str, Any], shown: Callable[[datetime], str]) -> Iterator[str]:
    """An account for people, in lines that fit a narrow terminal; `shown` is how times are."""
    verdict = {True: "accepted", False: "refused", None: "no proper answer"}[told["accepted"]]
    caller = f" as {told['caller']}" if told["caller"] else ""
    yield f"{told['account']} (profile {told['profile']}): {verdict}{caller}"
    if told["message"]:
        yield f"  {told['message']}"
    if told["hint"]:
        yield f"  hint: {told['hint']}"
    yield f"  asked: {told['provider']}, {told['service']}"
    others = [one for one in told["serves"] if one != told["provider"]]
    if others:
        yield f"  serves, too: {', '.join(others)}"
    if told["way"]:
        whose = ", ".join(f"{name} {value}" for name, value in told["whose"].items())
        yield f"  signs in by: {told['way']}" + (f" ({whose})" if whose else "")
    if told["token_expires_at"]:
        yield f"  token until: {shown(datetime.fromisoformat(told['token_expires_at']))}"
    width = max((len(one["name"]) for one in told["settings"]), default=0)
    named = None
    for one in told["settings"]:
        kept = f"{one['reference']}, " if one["reference"] else ""
        file, *spot = one["place"].rsplit(":", 2)
        place = ":".join(["...", *spot]) if spot and file == named else one["place"]
        named = file
        yield f"  {one['name']:{width}}  {kept}{place}"
