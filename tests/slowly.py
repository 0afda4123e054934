"""What repeats a thing for further formats, signals and the like: programs take their time."""

from typing import Any

import pytest


def others(*values: Any) -> list[Any]:
    """The same once more for each of these, among the slow tests; of tuples for their members."""
    return [
        pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=pytest.mark.slow)
        for one in values
    ]
