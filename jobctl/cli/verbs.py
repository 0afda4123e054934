"""Verbs with one subcommand for each provider, made from the provider's data when asked for."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING, Any, ClassVar

import typer
from typer.core import TyperCommand

from jobctl.cli import complete
from jobctl.cli.options import command, group, job, option, switch
from jobctl.cli.parsing import Leaf, Offering, write_options
from jobctl.errors import UsageError

if TYPE_CHECKING:
    from jobctl.provider import Manifest


# The help text of a command, and the function that typer reads.
Made = tuple[str, Callable[..., None]]


class ProviderGroup(Offering):
    """One subcommand for each provider, and one for jobs that name theirs.

    What a verb is like, its subclass says: `passed` are the options that may stand before the
    provider, too, and `words` what follows the verb in the first line of its help.
    """

    passed: ClassVar[Sequence[inspect.Parameter]]
    words: ClassVar[str] = "[PROVIDER] JOB"

    @abstractmethod
    def made(self, name: str, provider: type[Manifest]) -> Made:
        """A provider's subcommand."""

    def made_for_job(self, own: Sequence[inspect.Parameter]) -> Made | None:  # noqa: ARG002
        """The command that takes jobs of any provider; `own` are the first one's own options."""
        return None

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, _ in complete.answering(ctx.info_name)]

    def offered(self, ctx: Any, incomplete: str) -> complete.Words:
        """What may be its first word: a provider that answers the verb, or a job."""
        if "/" in incomplete or incomplete.startswith("@"):
            if self.made_for_job([]) is not None:
                yield from complete.jobs(None)(ctx, incomplete)
        else:
            yield from complete.answering(ctx.info_name)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The options of a job that names its provider, then who the providers are."""
        write_options(self, ctx, formatter)
        with formatter.section("Providers"):
            indent = " " * formatter.current_indent
            names = fill(
                ", ".join(self.list_commands(ctx)),
                width=formatter.width,
                initial_indent=indent,
                subsequent_indent=indent,
                break_on_hyphens=False,
            )
            formatter.write(f"{names}\n\n")
            formatter.write_text(
                f"`jobctl {ctx.info_name} PROVIDER --help` tells what it calls a job, its own"
                " options, and an example; `jobctl providers` shows who is set up."
            )

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        word = args[0]
        if "/" in word or word.startswith("@") or word == "-":
            own = _own_options_of(word, ctx.info_name)
            made = self.made_for_job(own)
            if made is None:
                raise UsageError(
                    f"{ctx.info_name} wants the provider as a word of its own",
                    hint=f"see `jobctl {ctx.info_name} --help`",
                )
            return word, _leaf(word, *made), args
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        from jobctl import registry

        if ctx.resilient_parsing and not registry.known(cmd_name):
            return None
        provider = registry.manifest(cmd_name)
        return _leaf(cmd_name, *self.made(cmd_name, provider), short_help=provider.title)


class JobGroup(ProviderGroup):
    """A verb about one job, which may name its provider.

    Help says `what` it brings, with `more` words in its example, and for a job of any provider
    `text`.
    """

    verb: ClassVar[str]
    what: ClassVar[str]
    more: ClassVar[str]
    text: ClassVar[str]

    @abstractmethod
    def run(self, provider: str | None, options: dict[str, str | bool], **given: Any) -> None:
        """What the verb does; the provider is the word before the job, if there is one."""

    def options_of(self, provider: type[Manifest]) -> Sequence[inspect.Parameter]:  # noqa: ARG002
        """The verb's options for a provider, but for the provider's own."""
        return self.passed

    def made(self, name: str, provider: type[Manifest]) -> Made:
        text = (
            f"{provider.title}: {self.what}.\n\n"
            f"A job is {shape(provider)}, a full reference, its API URL,"
            " or `-` for standard input.\n\n"
            f"Example: jobctl {self.verb} {name} {provider.example} {self.more}"
        )
        others = [job(shape(provider), name), *self.options_of(provider)]
        return text, with_options(partial(self.run, name), own_options(provider, self.verb), others)

    def made_for_job(self, own: Sequence[inspect.Parameter]) -> Made:
        others = [job("JOB", None), *self.passed]
        return self.text, with_options(partial(self.run, None), own, others)


def _leaf(name: str, text: str, call: Callable[..., None], **more: Any) -> TyperCommand:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(
        name,
        help=text,
        cls=Leaf,
        context_settings={"help_option_names": ["-h", "--help"]},
        **more,
    )(call)
    made = typer.main.get_command(app)
    made.name = name
    return made  # type: ignore[return-value]


def add_verb(
    app: typer.Typer,
    name: str,
    group: type[ProviderGroup],
    help: str = "",
    alone: Callable[..., None] | None = None,
) -> None:
    """Add a verb to the program; `alone` is what it does without a provider, if anything."""
    verb = typer.Typer(
        cls=group,
        subcommand_metavar=group.words,
        callback=_without_a_provider(group) if alone is None else command(alone, group.passed),
        invoke_without_command=True,
        help=help,
    )
    app.add_typer(verb, name=name)


def _without_a_provider(group: type[ProviderGroup]) -> Callable[..., None]:
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    return command(
        _needs_a_provider, [context, *(one for one in group.passed if one.name != context.name)]
    )


def _needs_a_provider(context: typer.Context, **_: Any) -> None:
    if context.invoked_subcommand is None:
        # a variable of the shell may be unset: that must not look like success
        raise UsageError(
            f"{context.command_path} wants a provider, or jobs that name theirs",
            hint="such as `cognite 123` or `cognite/123`; `jobctl providers` shows who there is",
        )


def _own_options_of(word: str, verb: str) -> list[inspect.Parameter]:
    """The own options of the provider that a word names."""
    from jobctl import registry

    name = word.partition("/")[0]
    return own_options(registry.manifest(name), verb) if registry.known(name) else []


def own_options(provider: type[Manifest], verb: str) -> list[inspect.Parameter]:
    """The provider's own options of a verb."""
    own = [
        option(
            f"--{one.name} {one.metavar}",
            help=_sentence(one.help),
            autocompletion=complete.words(one.choices),
        )
        if one.metavar
        else switch(f"--{one.name}", help=_sentence(one.help))
        for one in provider.options
        if verb in one.verbs
    ]
    return [*group("What", *own)]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def with_options(
    run: Callable[..., None], own: Sequence[inspect.Parameter], others: Sequence[inspect.Parameter]
) -> Callable[..., None]:
    """A command that gets the values of the provider's own options as `options`."""

    def call(**given: Any) -> None:
        chosen = {one.name.replace("_", "-"): given.pop(one.name) for one in own}
        run(options={name: value for name, value in chosen.items() if value}, **given)

    arguments = [one for one in others if one.name in ("job", "jobs", "within")]
    return command(call, [*arguments, *own, *(one for one in others if one not in arguments)])


def shape(provider: type[Manifest]) -> str:
    """The parts of an id: `TASK[/VERSION]`."""
    return provider.shape().partition("/")[2]
