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
        self._told: dict[str, str] = {}
        for example in spec.examples:
            self._told = {**example.settings, **self._told}
        shown: dict[bool, dict[tuple[str, str], Scenario]] = {False: {}, True: {}}
        for example in spec.examples:
            script = _Listening(example, spec)
            with suppress(JobctlError, OSError):
                # whoever asks the sandbox has one set of settings for all examples
                examples.play(cls, spec, example._replace(settings=self._told), script)
            self._scenes.append(_Scene(tuple(script.keys), tuple(script.answers)))
            if example.kind != "list":
                verb = "get" if example.kind == "id" else example.kind
                is_error = isinstance(example.expect, dict) and "error" in example.expect
                scenario = Scenario(example.of, _plot(example), verb)
                shown[is_error].setdefault((verb, example.of), scenario)
        self.SCENARIOS = tuple(shown[False].values())
        # of two examples of one job the sandbox plays the first
        self.ERRORS = tuple(one for key, one in shown[True].items() if key not in shown[False])

    def settings(self, root: str) -> dict[str, str]:
        """The settings that a profile needs to talk to the service below `root`."""
        return examples.made_up(self._spec, self._told) | {"base_url": root}

    def answer(self, request: httpx.Request, path: str, lives: object) -> httpx.Response:  # noqa: ARG002
        """What the examples say to a request."""
        key = _key(request, path)
        with self._lock:
            turn = self._asked[key]
            self._asked[key] += 1
        for scene in self._scenes:
            turns = [at for at, asked in enumerate(scene.keys) if asked == key]
            if turns:
                # of a look the last answer stays, whatever is asked
                one = scene.answers[min(turns[min(turn, len(turns) - 1)], len(scene.answers) - 1)]
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
