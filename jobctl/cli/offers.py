"""What may stand for the last word of a command line, found by parsing the words before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from jobctl.cli.meanings import MEANINGS
from jobctl.cli.parsing import Offering
from jobctl.cli.sources import OPTION, use_providers
from jobctl.errors import ConfigError, UsageError
from jobctl.render.clean import clean

# Stands at the end of the word: the parameter that is given it is the one that the word is for.
_END = "\0"
_HELP = 120
# Whatever a service calls them: an id may have a part called FILE.
_JOBS = ("job", "jobs")


class Offer(NamedTuple):
    """A whole word, and what it means."""

    word: str
    help: str = ""


class Offers(NamedTuple):
    """What may stand for a word, or that a file may, which the shell finds itself."""

    words: Sequence[Offer] = ()
    files: bool = False

    @property
    def kind(self) -> str:
        """`files`, `open` for words behind which a value follows without a blank, else nothing."""
        if self.files:
            return "files"
        is_open = self.words and all(one.word.endswith(("=", ".")) for one in self.words)
        return "open" if is_open else ""


def offers(root: Any, words: Sequence[str], incomplete: str) -> Offers:
    """What may stand for a word that is begun, behind others.

    `root` is the whole program's command. Nothing that cannot be typed is offered: controls, and
    what hides or turns text.
    """
    from jobctl import registry

    if words[-1:] == [OPTION] or incomplete.startswith(f"{OPTION}="):
        return Offers(files=True)
    try:
        own = use_providers(words)
        try:
            found = _found(root, own, incomplete)
        except ConfigError:
            # a place that providers come from is wrong: those are left that come along
            registry.use(registry.Places)
            found = _found(root, own, incomplete)
    except UsageError:
        # whoever runs the line is told what is wrong with it
        return Offers()
    fitting: dict[str, Offer] = {}
    for word, told in found.words:
        if word.isprintable() and word.startswith(incomplete):
            meaning = told or MEANINGS.get(re.split("[,=]", word)[-1], "")
            fitting.setdefault(word, Offer(word, clean(" ".join(meaning.split()))))
    return found._replace(words=list(fitting.values()))


def _found(root: Any, words: Sequence[str], incomplete: str) -> Offers:
    context, own = _reached(root, words)
    command = context.command
    given, rest, _ = command.make_parser(context).parse_args([*own, incomplete + _END])
    for param in command.get_params(context):
        values = given.get(param.name)
        texts = values if isinstance(values, list | tuple) else [values]
        begun = next((one for one in texts if isinstance(one, str) and one.endswith(_END)), None)
        if begun is not None:
            given[param.name] = [one for one in texts if one != begun]
            context.params = given
            return _values(context, param, begun.removesuffix(_END), incomplete)
    if incomplete.startswith("-"):
        return Offers(list(_options(context, given, incomplete)))
    if isinstance(command, TyperGroup) and rest:
        return Offers(list(_commands(context, incomplete)))
    return Offers()


def _reached(root: Any, words: Sequence[str]) -> tuple[Any, list[str]]:
    """Where words lead: the context of a command, and which of them are for it."""
    context, left, before = _context(root, None, "jobctl"), list(words), list[str]()
    while isinstance(context.command, TyperGroup):
        rest = context.command.make_parser(context).parse_args(list(left))[1]
        if not rest:
            break
        before += left[: len(left) - len(rest)]
        name, command, left = context.command.resolve_command(context, rest)
        if command is None:
            raise UsageError(f"there is no command {rest[0]!r}")
        context = _context(command, context, name)
    return context, [*(one for one in before if one != "--"), *left]


def _context(command: Any, parent: Any, name: str | None) -> Any:
    return typer.Context(command, parent, name, resilient_parsing=True, **command.context_settings)


def _values(context: Any, param: Any, begun: str, incomplete: str) -> Offers:
    """What a parameter may be; the word may begin with the name of its option."""
    before = incomplete.removesuffix(begun)
    if before.startswith("-") and not begun and not before.endswith("="):
        return Offers(list(_options(context, {}, incomplete)))
    # what the help calls so is one
    if param.name not in _JOBS and re.match(r"\[?(FILE|DIR)\b", param.metavar or ""):
        return Offers(files=True)
    found = param.shell_complete(context, begun)
    return Offers([Offer(before + one.value, one.help or "") for one in found])


def _options(context: Any, given: Any, incomplete: str) -> Iterator[Offer]:
    """Options that are not yet given; what a group hides and hands on, to who has begun with it."""
    some = isinstance(context.command, TyperGroup) and incomplete.strip("-")
    params = context.command.get_params(context)
    anywhere = [one for one in context.find_root().command.params if OPTION in one.opts]
    for param in dict.fromkeys([*params, *anywhere]):
        if param.param_type_name != "option" or (param.hidden and not some):
            continue
        if param.name in given and not (param.multiple or param.count):
            continue
        for word in (*param.opts, *param.secondary_opts):
            if word.startswith(incomplete):
                yield Offer(word, param.help or "")


def commands(root: Any, words: Sequence[str], incomplete: str) -> Iterator[Offer]:
    """The commands below the one that words name."""
    context, _ = _reached(root, words)
    if isinstance(context.command, TyperGroup):
        yield from _commands(context, incomplete)


def _commands(context: Any, incomplete: str) -> Iterator[Offer]:
    group = context.command
    if isinstance(group, Offering):
        yield from (Offer(*one) for one in group.offered(context, incomplete))
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if name.startswith(incomplete) and not command.hidden:
            yield Offer(name, command.get_short_help_str(limit=_HELP))
