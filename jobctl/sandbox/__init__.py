"""The sandbox: the services' APIs on loopback, with jobs that move with the clock.

A module for each service, named like its provider but knowing nothing of it: the vendor's
documentation is the only thing the two share. Each module has

* `SCENARIOS`: the jobs it plays, and `ERRORS`: the jobs that answer a documented error;
* `ways(root)`: by the name of each way of signing in, the settings for it when it is served below
  `root`; `settings(root)`: those that the profile `sandbox` holds, `first_of` the ways;
* `answer(request, path, lives)`: the service itself; `path` is the decoded path below its root.
"""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from jobctl.clock import Clock
from jobctl.models import Scenario

if TYPE_CHECKING:
    import httpx

__all__ = [
    "Lives",
    "Scenario",
    "Service",
    "SignedIn",
    "first_of",
    "marked",
    "respond",
    "service",
    "services",
]

_NOT_SERVICES = frozenset({"huawei", "identity", "server"})


class Service(Protocol):
    """What each module of this folder offers."""

    SCENARIOS: tuple[Scenario, ...]
    ERRORS: tuple[Scenario, ...]

    def settings(self, root: str) -> Mapping[str, str]:
        """The settings a profile needs to talk to the service below `root`."""

    def answer(self, request: httpx.Request, path: str, lives: Lives) -> httpx.Response:
        """Answer one request."""


class SignedIn(Service, Protocol):
    """A service that asks whoever asks it to sign in."""

    def ways(self, root: str) -> Mapping[str, Mapping[str, str]]:
        """The settings for each way of signing in, those of `settings` first."""


Answering = Callable[["httpx.Request", str, "Lives"], "httpx.Response"]


def first_of(
    ways: Callable[[str], Mapping[str, Mapping[str, str]]],
) -> Callable[[str], Mapping[str, str]]:
    """The `settings` of a service with these `ways`: those of the first."""
    return lambda root: next(iter(ways(root).values()))


def marked(answer: Answering, headers: Mapping[str, str]) -> Answering:
    """The same service, which gives these headers with every answer."""

    def answer_so(request: httpx.Request, path: str, lives: Lives) -> httpx.Response:
        response = answer(request, path, lives)
        response.headers.update(headers)
        return response

    return answer_so


class Lives:
    """The lives of the sandbox's jobs by a clock: a first look begins one."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._first: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def age(self, job: str) -> float:
        """Seconds in the life of a job; looking at it starts its life."""
        with self._lock:
            now = self.clock.now()
            if job not in self._first:
                self._first[job] = (now, self.clock.wall())
            return max(0.0, now - self._first[job][0])

    def born(self, job: str) -> float:
        """When the life of a job began, in seconds since 1970."""
        self.age(job)
        return self._first[job][1]


@functools.cache
def services() -> dict[str, str]:
    """Name of each service -> name of its module, read from this folder."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return {name.replace("_", "-"): name for name in names if name not in _NOT_SERVICES}


def service(name: str) -> SignedIn:
    """The module that plays a service."""
    module: Any = importlib.import_module(f"{__name__}.{services()[name]}")
    return module  # type: ignore[no-any-return]


def respond(
    status: int, body: object = None, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """An answer: JSON for any object, a string as HTML, nothing for None."""
    import httpx

    if body is None:
        return httpx.Response(status, headers=headers)
    if isinstance(body, str):
        return httpx.Response(
            status, headers={"Content-Type": "text/html"} | dict(headers or {}), text=body
        )
    content = json.dumps(body, ensure_ascii=False).encode()
    return httpx.Response(
        status, headers={"Content-Type": "application/json"} | dict(headers or {}), content=content
    )
