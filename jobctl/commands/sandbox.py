"""`sandbox`: serve the built-in services until stopped."""

import shlex
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress

from jobctl import registry, sandbox
from jobctl.clock import Clock
from jobctl.commands import Terminal
from jobctl.config import variable
from jobctl.errors import ReaderGone, UsageError
from jobctl.render.table import plain_table
from jobctl.sandbox.server import serving


def _for_ever() -> None:
    threading.Event().wait()


def serve(
    terminal: Terminal,
    *,
    port: int = 0,
    speed: float = 1.0,
    errors: bool = False,
    ways: bool = False,
    wait: Callable[[], object] = _for_ever,
) -> None:
    """Serve on loopback, show what there is, and `wait`: for a signal.

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
            if ways:
                _show_ways(terminal, served.root)
            else:
                _show(terminal, served.root, errors=errors)
            terminal.out.flush()
        wait()


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
    if terminal.out.isatty():
        # references are there to be copied, and no narrow column may cut them
        terminal.out.writelines(f"{job}\n    {plays}\n" for job, plays in jobs)
    else:
        terminal.out.writelines(plain_table(("JOB", "PLAYS"), jobs))
    terminal.out.write(
        "\nOr to sign in, for as long as it is served here (--port keeps the address):\n"
        "what is asked for is above. Where there is no keyring, add --insecure-storage.\n"
        "Other ways of signing in are listed with --ways.\n\n"
    )
    for name, service in services.items():
        way, settings = next(iter(service.ways(f"{root}/{name}").items()))
        terminal.out.write(f"{_login(name, way, settings)[0]}\n")


def _show_ways(terminal: Terminal, root: str) -> None:
    """Each way of signing in: a line to copy, and what it asks for."""
    for name in sandbox.services():
        for way, settings in sandbox.service(name).ways(f"{root}/{name}").items():
            line, asked = _login(name, way, settings)
            told = "".join(f"  {one}: {value}\n" for one, value in asked.items())
            terminal.out.write(f"{line}\n{told}\n")


def _login(name: str, way: str, values: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The command that signs in to a service of the sandbox, and what it asks for: secrets."""
    secret = {one.name for one in registry.manifest(name).all_settings() if one.secret}
    words = ["jobctl", "auth", "login", name, "--auth", way]
    for setting, value in values.items():
        words += ["--set", f"{setting}={value}"] if setting not in secret else []
    return shlex.join(words), {one: values[one] for one in values if one in secret}
