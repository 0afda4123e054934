"""How a command line is parsed: the options of a command may stand before it, too."""

from __future__ import annotations

import copy
import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, get_args

from typer.core import TyperCommand, TyperGroup

from jobctl.errors import UsageError

# The variable by which a shell asks what may come next.
COMPLETE = "_JOBCTL_COMPLETE"
_BEFORE = "jobctl.before"
# Of the options that may stand before a command, those that one without a use for them overlooks.
_HARMLESS = ("profile", "verbose", "quiet", "no_input", "no_color")
_ORDER = (
    "Arguments",
    "What",
    "When it ends",
    "Output",
    "Reports",
    "Recordings",
    "Options",
)


def words_before(context: Any) -> list[str]:
    """The options that stood before the command, with their values."""
    words: list[str] = context.meta.setdefault(_BEFORE, [])
    return words


def hidden(options: Iterable[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    """The same options, for a group that hands them on and does not show them."""
    for one in options:
        type_, info = get_args(one.annotation)
        info = copy.copy(info)
        info.hidden = True
        yield one.replace(annotation=Annotated[type_, info])


def write_options(command: Any, ctx: Any, formatter: Any) -> None:
    """Write the options of a command in groups, as help has them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            kind = "Arguments" if param.param_type_name == "argument" else "Options"
            title = getattr(param, "rich_help_panel", None) or kind
            groups.setdefault(title, []).append(record)
    for title in sorted(groups, key=_ORDER.index):
        with formatter.section(title):
            formatter.write_dl(groups[title])


def _add_harmless(parser: Any, command: Any, ctx: Any) -> Any:
    """Let the parser of a command read the options that it has no use for."""
    own = {flag for one in command.params for flag in one.opts}
    for one in ctx.find_root().command.params:
        if one.name in _HARMLESS and own.isdisjoint(one.opts):
            one.add_to_parser(parser, ctx)
    return parser


class Leaf(TyperCommand):
    """A command that understands options that stood before it."""

    def make_parser(self, ctx: Any) -> Any:
        return _add_harmless(super().make_parser(ctx), self, ctx)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        # typer puts braces around what is needed
        return [
            one.removeprefix("{").removesuffix("}") for one in super().collect_usage_pieces(ctx)
        ]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [*words_before(ctx), *args])

    def format_options(self, ctx: Any, formatter: Any) -> None:
        write_options(self, ctx, formatter)


class Passing(TyperGroup):
    """A group that hands the options before its command on to it."""

    def make_parser(self, ctx: Any) -> Any:
        return _add_harmless(super().make_parser(ctx), self, ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _, rest, _ = self.make_parser(ctx).parse_args(list(args))
        taken = args[: len(args) - len(rest)]
        before = [*words_before(ctx)]
        words_before(ctx).extend(word for word in taken if word != "--")
        # without a command they are its own
        return super().parse_args(ctx, args if rest else [*before, *args])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands and not ctx.resilient_parsing:
            words = f"{ctx.command_path} {cmd_name}".removeprefix("jobctl ")
            known = ", ".join(self.commands)
            raise UsageError(f"there is no command {words!r}", hint=f"known: {known}")
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        helps = [(name, one.help or "") for name, one in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl([(name, text.partition("\n\n")[0]) for name, text in helps])


class Offering(Passing, ABC):
    """A group that knows without its commands what may be its first word."""

    @abstractmethod
    def offered(self, ctx: Any, incomplete: str) -> Iterator[tuple[str, str]]:
        """The words, and what they mean."""
