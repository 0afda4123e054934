"""`sandbox`: serve the built-in services until stopped."""

import shlex
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress

from jobctl import registry, sandbox
from jobctl.clock import Clock
from jobctl.commands import Terminal
from jobctl.config import sandbox_profile, variable
from jobctl.errors import ReaderGone, UsageError
from jobctl.render import table_rows
from jobctl.render.table import Fit
from jobctl.sandbox.server import serving


def serve(terminal: Terminal, *, port: int, speed: float, errors: bool) -> None:
    """Serve on loopback, show what there is, and wait for a signal.

    Raises:
        UsageError: the port is taken.
    """
    with ExitStack() as stack:
        try:
            served = stack.enter_context(serving(port, sandbox.Lives(Clock(speed))))
        except OSError as error:
            raise UsageError(
                f"port {port} of 127.0.0.1 cannot be used: {error.strerror}", hint="try --port 0"
            ) from None
        with suppress(ReaderGone):  # who asks it may know the port
            _show(terminal, served.root, errors=errors)
            terminal.out.flush()
        threading.Event().wait()


def _show(terminal: Terminal, root: str, *, errors: bool) -> None:
    services = {name: sandbox.service(name) for name in sandbox.services()}
    jobs = [
        (f"{name}/{one.id}", one.plays)
        for name, service in services.items()
        for one in (service.ERRORS if errors else service.SCENARIOS)
    ]
    terminal.out.write("To ask it from another terminal:\n\n")
    for name, service in services.items():
        for setting, value in service.settings(f"{root}/{name}").items():
            terminal.out.write(f"export {variable(name, setting)}={shlex.quote(value)}\n")
    terminal.out.write("\n")
    if not errors:
        terminal.out.write("Jobs that answer the documented errors are listed with --errors.\n\n")
    # references are there to be copied
    table_rows(
        terminal.out, ("JOB", "PLAYS"), jobs, fit=Fit(prose=("PLAYS",)), environ=terminal.environ
    )
    terminal.out.write(
        "\nOr to sign in, for as long as it is served here (--port keeps the address): what is\n"
        "asked for is above. Where there is no keyring, add --insecure-storage.\n\n"
    )
    for name, service in services.items():
        terminal.out.write(f"{_login(name, service.settings(f'{root}/{name}'))}\n")


def _login(name: str, values: Mapping[str, str]) -> str:
    """The command that signs in to a service of the sandbox, without its secrets."""
    provider = registry.manifest(name)
    settings = {one.name: one for one in provider.all_settings()}
    profile = sandbox_profile(provider.sections(), values)
    way = provider.account.way(profile)
    plain = {key: value for key, value in values.items() if not settings[key].secret}
    words = ["jobctl", "auth", "login", name, *(["--auth", way.name] if way else [])]
    words += [word for key, value in plain.items() for word in ("--set", f"{key}={value}")]
    return shlex.join(words)
