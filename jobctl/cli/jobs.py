"""`jobctl get` and `jobctl wait`."""

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from jobctl.cli.options import ONCE, SHOWING, WAITING, command, jobs, option, show_help_alone
from jobctl.cli.terminal import terminal
from jobctl.errors import UsageError
from jobctl.models import duration

_WAIT_HELP = """Wait for any mix of providers until every job has ended.

The exit code is that of the worst: 0 succeeded, 10 failed, 11 cancelled, 12 partial, 124 timeout;
`jobctl exit-codes` lists them all.

Example: jobctl wait cognite/123 modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5 --timeout 30m
"""


def _run(provider: str | None, extra: set[str], **given: Any) -> None:
    from jobctl.commands.look import Request, look

    options = {name.replace("_", "-"): given.pop(name) for name in extra}
    times = {
        name: None if given[name] is None else duration(given[name])
        for name in ("timeout", "interval", "outage", "allow_missing")
    }
    if times["interval"] == 0:
        raise UsageError("--interval must be longer than 0")
    waiting = given.pop("wait", True)
    if not waiting and (given["timeout"] or given["interval"]):
        raise UsageError("--timeout and --interval go with --wait")
    request = Request(
        jobs=given["jobs"],
        provider=provider,
        profile=given["profile"],
        overrides=_overrides(given["set_"] or []),
        options={name: value for name, value in options.items() if value},
        format="json" if given["json"] else given["output"].value,
        query=given["query"],
        columns=given["columns"].split(",") if given["columns"] else None,
        raw=given["raw"],
        show_signed_urls=given["show_signed_urls"],
        wait=waiting,
        timeout=times["timeout"],
        interval=times["interval"],
        outage=times["outage"] or 0.0,
        allow_missing=times["allow_missing"] or 0.0,
        exit_status=given.get("exit_status", False),
        partial_ok=given["partial_ok"],
        verbose=given["verbose"],
        quiet=given["quiet"],
        no_color=given["no_color"],
    )
    raise typer.Exit(look(request, terminal()))


def _overrides(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"--set {pair!r} is not NAME=VALUE")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


class ProviderGroup(TyperGroup):
    """One subcommand for each provider, made from the provider's data when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        from jobctl import registry

        return registry.names()

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        from jobctl import registry

        head, slash, rest = cmd_name.partition("/")
        if slash and head in registry.names():
            raise UsageError(
                f"{ctx.info_name} wants the provider as a word of its own",
                hint=f"jobctl {ctx.info_name} {head} {rest}",
            )
        if ctx.resilient_parsing and cmd_name not in registry.names():
            return None
        provider = registry.find(cmd_name)
        extra = [
            option(
                one.name.replace("-", "_"),
                str | None if one.metavar else bool,
                None if one.metavar else False,
                f"--{one.name}",
                help=one.help,
                **({"metavar": one.metavar} if one.metavar else {}),
            )
            for one in provider.options
        ]
        parts = "/".join(part.name.upper() for part in provider.ids if not part.optional)
        more = "".join(f"[/{part.name.upper()}]" for part in provider.ids if part.optional)
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(
            cmd_name,
            short_help=provider.title,
            help=f"{provider.title}: {(provider.__doc__ or '').splitlines()[0]}\n\n"
            f"A job is {parts}{more}, a full reference, its API URL, or `-` for standard input.\n\n"
            f"Service life: {provider.life}.\n\n"
            f"Example: jobctl get {cmd_name} {provider.example} --wait",
            context_settings={"help_option_names": ["-h", "--help"]},
        )(
            command(
                lambda **given: _run(cmd_name, {one.name for one in extra}, **given),
                [
                    jobs(f"{parts}{more}...", "The jobs to look at.", cmd_name),
                    *ONCE,
                    *WAITING,
                    *extra,
                    *SHOWING,
                ],
            )
        )
        made = typer.main.get_command(app)
        made.name = cmd_name
        return made  # type: ignore[return-value]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    get = typer.Typer(
        cls=ProviderGroup,
        callback=show_help_alone,
        invoke_without_command=True,
        help="Look at jobs once; with --wait until they have ended.",
    )
    app.add_typer(get, name="get")

    app.command("wait", help=_WAIT_HELP)(
        command(
            lambda **given: _run(None, set(), **given),
            [
                jobs("JOB...", "Full references or API URLs, or `-` for standard input.", None),
                *WAITING,
                *SHOWING,
            ],
        )
    )
