"""Opening what a command asks: the services of a profile, those of the sandbox, or a recording."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl import registry
from jobctl.commands.access import Access, Choice
from jobctl.config import Configuration, Profile, open_profile, profile_name, variable
from jobctl.config.file import SANDBOX, Complain, stop
from jobctl.errors import ConfigError, did_you_mean, together
from jobctl.provider import Manifest

if TYPE_CHECKING:
    from jobctl.http.recording import Recorder


@contextmanager
def opened(choice: Choice, complain: Complain | None = None) -> Iterator[Access]:
    """Access by the profile asked for; the sandbox, if that is it, is served meanwhile.

    Of each mistake in the configuration is complained, if anybody listens.

    Raises:
        ConfigError: nobody does, and there are some: it tells all of them.
        UsageError: no recording can be written.
    """
    with _opened(choice, complain) as access, closing(access):
        yield access


@contextmanager
def _opened(choice: Choice, complain: Complain | None) -> Iterator[Access]:
    tape = choice.shared.tape
    if tape.replay is not None:
        from jobctl.commands.replay import replayed

        yield replayed(choice, tape.replay)
    elif tape.record is None:
        with _asking(choice, None, complain) as access:
            yield access
    else:
        from jobctl.http.recording import Recorder

        with (
            Recorder(Path(tape.record), tape.words, tape.began, choice.voice.alert) as recorder,
            _asking(choice, recorder, complain) as access,
        ):
            yield access


@contextmanager
def _asking(
    choice: Choice, recorder: Recorder | None, complain: Complain | None
) -> Iterator[Access]:
    from jobctl.auth.cache import TokenCache, cache_directory

    @functools.cache
    def configuration() -> Configuration:
        mistakes: list[ConfigError] = []
        file = Configuration.read(choice.environ, complain or mistakes.append)
        file.check(registry, complain or mistakes.append)
        if mistakes:
            raise together(mistakes)
        return file

    name = profile_name(choice.shared.profile, choice.environ, configuration, complain or stop)
    if name == SANDBOX:
        from jobctl.commands.sandboxed import Sandboxed
        from jobctl.sandbox.server import serving

        with serving() as served:
            yield Sandboxed(choice, served, recorder)
        return
    cache = TokenCache(lambda: cache_directory(choice.environ))
    yield Access(
        choice,
        name,
        lambda provider: _profile(provider, configuration(), name, choice),
        cache,
        trust_env=True,
        recorder=recorder,
        hinted=lambda provider, facts: _is_hinted(provider, facts, configuration(), name, choice),
    )


def _is_hinted(
    provider: str, facts: registry.Facts, configuration: Configuration, name: str, choice: Choice
) -> bool:
    """Whether anything may be set for a provider; the catalogue is not read to find it out."""
    if registry.origin(provider) != "catalogue":
        return True
    sections = (provider, facts.account)
    if any(configuration.section(name, one) or configuration.of_project(one) for one in sections):
        return True
    ours = tuple(variable(one, "") for one in sections)
    theirs = any(choice.environ.get(one) for one in facts.env)
    if theirs or any(one.startswith(ours) for one in choice.environ):
        return True
    if not facts.tools:
        return False
    from jobctl.config.tools import exists

    return exists(facts.tools, choice.environ)


def _profile(
    provider: type[Manifest], configuration: Configuration, name: str, choice: Choice
) -> Profile:
    profile = open_profile(
        provider.sections(),
        configuration,
        name,
        overrides=choice.shared.overrides,
        environ=choice.environ,
        address=provider.server,
    )
    profile.patience = min(profile.patience, choice.longest)
    for text in (*configuration.warnings, *strangers(provider, choice.environ)):
        profile.warn(text)
    return profile


def strangers(provider: type[Manifest], environ: Mapping[str, str]) -> Iterator[str]:
    """What to say of variables that look like a provider's settings, and are none of anybody's."""
    own = {one.name for one in provider.all_settings()}
    for section in dict.fromkeys((provider.name, provider.account.name)):
        start = variable(section, "")
        names = [one for one in environ if one.startswith(start) and environ[one]]
        if all(one in {variable(section, name) for name in own} for one in names):
            continue
        # others may be called alike, or share the account: who they are is asked for only now
        others = registry.sections()
        longer = tuple(
            variable(one, "")
            for one in others
            if variable(one, "").startswith(start) and one != section
        )
        known = {variable(section, one.name) for one in registry.section(section) or ()}
        for name in names:
            if name not in known and not (longer and name.startswith(longer)):
                yield f"{name} is no variable of jobctl's: {did_you_mean(name, sorted(known))}"
