"""A command line in the process of the test."""

import gc
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from jobctl.cli import main


class Ran(NamedTuple):
    """What a command line left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err.splitlines()[-1])["error"]


Run = Callable[..., Ran]


def command_line(capfd: pytest.CaptureFixture[str]) -> Run:
    """What runs a command line in this process."""

    def run(*words: str) -> Ran:
        capfd.readouterr()
        garbage = gc.get_threshold()
        code = main(words)
        gc.set_threshold(*garbage)
        return Ran(int(code), *capfd.readouterr())

    return run
