"""`config init`: the first configuration file, with all that could stand in it as comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jobctl import registry
from jobctl.commands import Terminal
from jobctl.commands.asking import Asker
from jobctl.commands.config import place_of
from jobctl.config import COMMON, Setting
from jobctl.config.file import SANDBOX
from jobctl.config.references import is_reference
from jobctl.errors import ConfigError, UsageError
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
    if path.exists():
        raise ConfigError(
            f"{path} is there already",
            hint="`jobctl config set NAME VALUE` changes it, `jobctl auth login PROVIDER` signs in",
        )
    if profile == SANDBOX:
        raise UsageError(f"the profile {SANDBOX!r} is built in", hint="choose another name")
    question = "Services, with blanks between them; none to try the sandbox first"
    chosen = names or asker.ask(None, "PROVIDER", question, "").split()
    providers = [registry.manifest(name) for name in dict.fromkeys(chosen)]
    answers: dict[tuple[str, str], str] = {}
    for provider in providers:
        answers |= _asked(provider, asker)
    create(path, "\n".join(_file(profile, providers, answers)) + "\n")
    say(terminal.err, "note", f"{path} is written")
    if not providers:
        say(terminal.err, "note", "the sandbox needs no account: jobctl get cognite 123 --wait")
    for provider in providers:
        next_step = f"jobctl auth login {provider.name}"
        say(terminal.err, "note", f"{next_step} signs in to {provider.title}")


def _asked(provider: type[Manifest], asker: Asker) -> Answers:
    """What the user tells of what a provider needs, by section and setting."""
    settings = {one.name: one for one in provider.all_settings()}
    ways = {way.name: way for way in provider.account.ways if not way.asked}
    way = next(iter(ways.values()), None)
    if len(ways) > 1:
        names = ", ".join(ways)
        word = asker.ask(
            None, "auth", f"{provider.title}: how to sign in ({names})", next(iter(ways))
        )
        if word not in ways:
            raise UsageError(f"{word!r} is no way to sign in", hint=f"there are {names}")
        way = ways[word]
    required = (one.name for one in provider.settings if one.required)
    needs = (*required, *provider.needs, *(way.needs if way else ()))
    found = {}
    for name in dict.fromkeys(one if isinstance(one, str) else one[0] for one in needs):
        text = _answer(provider, settings[name], asker)
        if text and text != settings[name].default:
            found[_section(provider, name), name] = text
    return found


def _answer(provider: type[Manifest], setting: Setting, asker: Asker) -> str:
    where = ", where it is kept (env:NAME, keyring:SERVICE/USER)" if setting.secret else ""
    question = f"{provider.title}: {setting.name}, {setting.help}{where}"
    text = asker.ask(None, setting.name, question, setting.default or "")
    if text and not is_reference(text):
        if setting.secret:
            raise UsageError(
                f"{setting.name} is a secret: only where it is kept is asked here",
                hint="leave it out: `jobctl auth login` asks for it and keeps it in the keyring",
            )
        complaint = setting.complaint(text)
        if complaint:
            raise UsageError(complaint)
    return text


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
