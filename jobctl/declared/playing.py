"""The examples of a file as a service of the sandbox."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from jobctl.declared import examples
from jobctl.declared.spec import Example, Spec
from jobctl.errors import JobctlError
from jobctl.models import Scenario

if TYPE_CHECKING:
    from jobctl.provider import Provider

Key = tuple[str, str, str, bytes]


class _Scene(NamedTuple):
    """What one example asked, in its order, and what it was answered."""

    keys: tuple[Key, ...]
    answers: tuple[httpx.Response, ...]


class Player:
    """Plays a file's examples: each request of one gets the answers that it got there, in turn.

    What is asked, and in which order, is found out by playing the examples once. The last answer
    to a request stays.
    """

    def __init__(self, cls: type[Provider], spec: Spec) -> None:
        self._spec = spec
        self._scenes: list[_Scene] = []
        self._asked: Counter[Key] = Counter()
        self._lock = Lock()
        shown: dict[bool, dict[str, Scenario]] = {False: {}, True: {}}
        for example in spec.examples:
            script = _Listening(example, spec)
            with suppress(JobctlError, OSError):
                examples.play(cls, spec, example, script)
            self._scenes.append(_Scene(tuple(script.keys), tuple(script.answers)))
            if example.kind != "list":
                is_error = isinstance(example.expect, dict) and "error" in example.expect
                shown[is_error].setdefault(example.of, Scenario(example.of, _plot(example)))
        self.SCENARIOS = tuple(shown[False].values())
        self.ERRORS = tuple(shown[True].values())

    def settings(self, root: str) -> dict[str, str]:
        """The settings that a profile needs to talk to the service below `root`."""
        told: dict[str, str] = {}
        for example in self._spec.examples:
            told = {**example.settings, **told}
        return examples.made_up(self._spec, told) | {"base_url": root}

    def answer(self, request: httpx.Request, path: str, lives: object) -> httpx.Response:  # noqa: ARG002
        """What the examples say to a request."""
        key = _key(request, path)
        with self._lock:
            turn = self._asked[key]
            self._asked[key] += 1
        for scene in self._scenes:
            turns = [at for at, asked in enumerate(scene.keys) if asked == key]
            if turns:
                one = scene.answers[turns[min(turn, len(turns) - 1)]]
                return httpx.Response(one.status_code, headers=one.headers, content=one.content)
        return httpx.Response(404, json={"message": "no example of the file asks for this"})


class _Listening(examples.Script):
    """A script that remembers what it was asked."""

    def __init__(self, example: Example, spec: Spec) -> None:
        super().__init__(example, spec.folder)
        self.keys: list[Key] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        self.keys.append(_key(request, request.url.path))
        return response


def _key(request: httpx.Request, path: str) -> Key:
    """What makes two requests the same question, whatever the host."""
    query = request.url.query.decode("ascii", "replace")
    return (request.method, path, query, request.content)


def _plot(example: Example) -> str:
    """What an example plays, in words."""
    expect: Any = example.expect
    told: Mapping[str, Any] = expect if isinstance(expect, dict) else {}
    end = told.get("error") or told.get("state") or json.dumps(told)
    what = {"results": "its results", "logs": "its logs"}.get(example.kind, str(end))
    several = len(example.answers) > 1 and example.kind == "id"
    return f"{len(example.answers)} answers, at last {what}" if several else what
