"""`config init`: the first configuration file, with all that could stand in it as comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jobctl import files, registry
from jobctl.accounts import Way
from jobctl.commands import Terminal
from jobctl.commands.asking import Asker
from jobctl.commands.config import check_writable, place_of
from jobctl.config import COMMON, Setting, sandbox_profile
from jobctl.config.file import SANDBOX
from jobctl.config.node import judge
from jobctl.config.references import is_reference
from jobctl.errors import ConfigError, UsageError, did_you_mean
from jobctl.masking.secrets import hide
from jobctl.provider import Manifest
from jobctl.render.messages import say

_HEAD = """\
# jobctl's configuration: `jobctl config check` tells whether it is right, `jobctl config show`
# where each setting is from, `jobctl providers show NAME` all there is to set. What begins with #
# is left out: take the sign away to set it.
#
# A secret may say where it is kept, and is fetched only when it is used:
#   env:NAME              a variable
#   file:PATH             a file, without the newline at its end
#   keyring:SERVICE/USER  the keyring of the system: `jobctl auth login PROVIDER` puts it there
#   command:ARGV          the first line that a command prints; no shell is involved
"""
_COLUMN = 44
_WIDEST = 100
_ALWAYS = {one.name for one in COMMON}

Answers = Mapping[tuple[str, str], str]


def init(names: Sequence[str], profile: str, terminal: Terminal, asker: Asker) -> None:
    """Write the first configuration file; what is needed is asked for, or left for later.

    Raises:
        UsageError: there is a file already, no such provider, or an answer that cannot be.
        ConfigError: the file cannot be written.
    """
    from jobctl.config.editing import create

    path = place_of(terminal)
    if files.exists(path):
        raise ConfigError(
            f"{path} is there already",
            hint="`jobctl config set NAME VALUE` changes it, `jobctl auth login PROVIDER` signs in",
        )
    check_writable(profile)
    question = "Services, with blanks between them; none to try the sandbox first"
    chosen = " ".join(names) or asker.ask(None, "PROVIDER", question, "", _providers)
    providers = _providers(chosen)
    answers: dict[tuple[str, str], str] = {}
    for provider in providers:
        found = _asked(provider, asker)
        answers |= {(_section(provider, name), name): text for name, text in found.items()}
    create(path, "\n".join(_file(profile, providers, answers)) + "\n")
    say(terminal.err, "note", f"{path} is written")
    if not providers:
        say(terminal.err, "note", "the sandbox needs no account: jobctl get cognite 123 --wait")
    for provider in providers:
        next_step = f"jobctl auth login {provider.name}"
        say(terminal.err, "note", f"{next_step} signs in to {provider.title}")


def _providers(words: str) -> list[type[Manifest]]:
    return [registry.manifest(name) for name in dict.fromkeys(words.split())]


def _asked(provider: type[Manifest], asker: Asker) -> Mapping[str, str]:
    """What the user tells of what a provider needs, by setting; what is left out is left out."""
    settings = {one.name: one for one in provider.all_settings()}
    way = _way(provider, asker)
    asked: dict[str, str] = {}
    while True:
        found = {name: text for name, text in asked.items() if text != settings[name].default}
        profile = sandbox_profile(provider.sections(), found)
        further = (*way.needs, *way.further(profile)) if way else ()
        needs = [
            (one,) if isinstance(one, str) else one for one in (*provider.needed(profile), *further)
        ]
        # what has been answered may need something else
        name, *others = next((one for one in needs if one[0] not in asked), ("",))
        if not name:
            return {name: text for name, text in found.items() if text}
        asked[name] = _answer(provider, settings[name], others, asker)


def _way(provider: type[Manifest], asker: Asker) -> Way | None:
    """The way of signing in that the user chooses, or the only one."""
    ways = {way.name: way for way in reversed(provider.account.ways) if not way.asked}
    names = [*ways][::-1]
    if len(ways) < 2:
        return next(iter(ways.values()), None)

    def check(word: str) -> None:
        if word not in ways:
            raise UsageError(f"{word!r} is no way to sign in", hint=did_you_mean(word, names))

    question = f"{provider.title}: how to sign in ({', '.join(names)})"
    return ways[asker.ask(None, "auth", question, names[0], check)]


def _answer(provider: type[Manifest], setting: Setting, others: Sequence[str], asker: Asker) -> str:
    def check(text: str) -> None:
        if text and setting.secret and not is_reference(text):
            hide(text)
            raise UsageError(
                f"{setting.name} is a secret: only where it is kept is asked here",
                hint="leave it out: `jobctl auth login` asks for it and keeps it in the keyring",
            )
        if text:
            judge(setting, text)

    where = ", where it is kept (env:NAME, keyring:SERVICE/USER)" if setting.secret else ""
    instead = f"; or nothing, and {' or '.join(others)} in its place" if others else ""
    question = f"{provider.title}: {setting.name}, {setting.help}{where}{instead}"
    return asker.ask(None, setting.name, question, setting.default or "", check)


def _section(provider: type[Manifest], name: str) -> str:
    own = any(one.name == name for one in provider.settings)
    return provider.name if own else provider.account.name


def _file(profile: str, providers: Sequence[type[Manifest]], answers: Answers) -> Iterator[str]:
    from jobctl.config.editing import spelled

    used = spelled(profile) if providers else SANDBOX
    yield _HEAD
    yield _line(f"profile: {used}", "the profile to use when none is asked for")
    yield f"\nprofiles:\n  {spelled(profile)}:"
    if not providers:
        yield "    # cognite:\n    #   project: my-project\n    #   token: env:COGNITE_TOKEN"
    sections: dict[str, tuple[str, list[Setting]]] = {}
    for provider in providers:
        about = f"{provider.title}, {provider.docs}"
        for one in provider.all_settings():
            _, known = sections.setdefault(_section(provider, one.name), (about, []))
            if one.name not in (*_ALWAYS, *(other.name for other in known)):
                known.append(one)
    for section, (about, settings) in sections.items():
        yield f"\n    # {about}"
        yield f"    {spelled(section)}:"
        for one in settings:
            given = answers.get((section, one.name))
            if given is None:
                yield _line(f"      # {one.name}: {one.default or ''}".rstrip(), one.help)
            else:
                yield _line(f"      {one.name}: {spelled(given)}", one.help)


def _line(text: str, help: str) -> str:
    """A line with its comment, which has one of its own above where there is no room."""
    whole = f"{text:{_COLUMN}}  # {help}"
    return whole if len(whole) <= _WIDEST else f"      # {help}\n{text}"
