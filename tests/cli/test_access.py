"""The connections of a command, and of looks that outlast it."""

import os

import pytest

from jobctl.commands import Shared
from jobctl.commands.access import Choice
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice


def test_a_look_that_outlasts_its_command_leaves_no_connection(
    account: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Shared()
    with opened(Choice(shared, os.environ, Voice(shared, pytest.fail))) as access:
        clients = [access.client(access.account("cognite"))]
        assert [one.is_closed for one in clients] == [False]
    clients.append(access.client(access.account("cognite")))
    assert [one.is_closed for one in clients] == [True, True]
