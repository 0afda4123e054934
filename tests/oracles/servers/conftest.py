"""How jobctl is run against a server."""

import pytest
from commanding import Run, command_line


@pytest.fixture
def jobctl(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""
    return command_line(capfd)
