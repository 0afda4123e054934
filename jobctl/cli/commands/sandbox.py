"""`jobctl sandbox`."""

from typing import Annotated

import typer

from jobctl.cli.parsing import Leaf
from jobctl.cli.showing import speed as speed_of
from jobctl.cli.terminal import terminal


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""

    @app.command("sandbox", cls=Leaf)
    def _sandbox(
        port: Annotated[
            int,
            typer.Option(
                "--port", metavar="N", min=0, max=65535, help="The port; 0 for any free one."
            ),
        ] = 0,
        speed: Annotated[
            str, typer.Option("--speed", metavar="Nx", help="How fast the jobs' time passes.")
        ] = "1x",
        errors: Annotated[
            bool, typer.Option("--errors", help="List the jobs that answer a documented error.")
        ] = False,
        ways: Annotated[
            bool, typer.Option("--ways", help="List each way of signing in to a service.")
        ] = False,
    ) -> None:
        from jobctl.commands.sandbox import serve

        serve(terminal(), port=port, speed=speed_of(speed), errors=errors, ways=ways)
