"""Verbs with one subcommand for each provider, made from the provider's data when asked for."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from jobctl.cli.options import command, option
from jobctl.errors import UsageError

if TYPE_CHECKING:
    from jobctl.provider import Manifest


class ProviderGroup(TyperGroup, ABC):
    """One subcommand for each provider; what a verb is like, its subclass says."""

    @abstractmethod
    def made(self, name: str, provider: type[Manifest]) -> tuple[str, Callable[..., None]]:
        """The help text of a provider's subcommand, and the function that typer reads."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        from jobctl import registry

        return registry.names()

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """The list of help: names and titles, for which no command has to be made."""
        from jobctl import registry

        with formatter.section("Commands"):
            formatter.write_dl([(name, registry.title(name)) for name in registry.names()])

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        from jobctl import registry

        head, slash, rest = cmd_name.partition("/")
        if "://" in cmd_name or cmd_name.startswith("@"):
            raise UsageError(
                f"{ctx.info_name} wants the provider first",
                hint=f"jobctl {ctx.info_name} PROVIDER {cmd_name}",
            )
        if slash and head in registry.names():
            raise UsageError(
                f"{ctx.info_name} wants the provider as a word of its own",
                hint=f"jobctl {ctx.info_name} {head} {rest}",
            )
        if ctx.resilient_parsing and cmd_name not in registry.names():
            return None
        provider = registry.manifest(cmd_name)
        text, call = self.made(cmd_name, provider)
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(
            cmd_name,
            short_help=provider.title,
            help=text,
            context_settings={"help_option_names": ["-h", "--help"]},
        )(call)
        made = typer.main.get_command(app)
        made.name = cmd_name
        return made  # type: ignore[return-value]


def add_verb(app: typer.Typer, name: str, group: type[ProviderGroup], help: str) -> None:
    """Add a verb to the program."""
    verb = typer.Typer(
        cls=group, callback=_needs_a_provider, invoke_without_command=True, help=help
    )
    app.add_typer(verb, name=name)


def _needs_a_provider(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        from jobctl import registry

        # a variable of the shell may be unset: that must not look like success
        raise UsageError(
            f"{context.command_path} wants a provider", hint=f"one of {', '.join(registry.names())}"
        )


def own_options(provider: type[Manifest], verb: str) -> list[inspect.Parameter]:
    """The provider's own options of a verb."""
    return [
        option(
            one.name.replace("-", "_"),
            str | None if one.metavar else bool,
            None if one.metavar else False,
            f"--{one.name}",
            help=one.help,
            **({"metavar": one.metavar} if one.metavar else {}),
        )
        for one in provider.options
        if verb in one.verbs
    ]


def with_options(
    run: Callable[..., None], own: Sequence[inspect.Parameter], others: Sequence[inspect.Parameter]
) -> Callable[..., None]:
    """A command that gets the values of the provider's own options as `options`."""

    def call(**given: Any) -> None:
        chosen = {one.name.replace("_", "-"): given.pop(one.name) for one in own}
        run(options={name: value for name, value in chosen.items() if value}, **given)

    return command(call, [*others, *own])


def shape(provider: type[Manifest]) -> str:
    """The parts of an id: `TASK[/VERSION]`."""
    return provider.shape().partition("/")[2]
