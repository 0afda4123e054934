"""The sandbox: the services' APIs on loopback, with jobs that move with the clock.

A module for each service, named like its provider but knowing nothing of it: the vendor's
documentation is the only thing the two share. Each module has

* `SCENARIOS`: the jobs it plays, and `ERRORS`: the jobs that answer a documented error;
* `settings(root)`: what the profile `sandbox` holds for it when it is served below `root`;
* `answer(request, path, lives)`: the service itself; `path` is the decoded path below its root.
"""

from __future__ import annotations

import functools
import importlib
import json
import pkgutil
from base64 import b64encode
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs

from jobctl.clock import Clock
from jobctl.models import Scenario

if TYPE_CHECKING:
    import httpx

__all__ = ["Lives", "Scenario", "Service", "grant", "respond", "service", "services"]

_NOT_SERVICES = frozenset({"huawei", "server"})


class Service(Protocol):
    """What each module of this folder offers."""

    SCENARIOS: tuple[Scenario, ...]
    ERRORS: tuple[Scenario, ...]

    def settings(self, root: str) -> Mapping[str, str]:
        """The settings a profile needs to talk to the service below `root`."""

    def answer(self, request: httpx.Request, path: str, lives: Lives) -> httpx.Response:
        """Answer one request."""


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


def service(name: str) -> Service:
    """The module that plays a service."""
    module: Any = importlib.import_module(f"{__name__}.{services()[name]}")
    return module  # type: ignore[no-any-return]


def grant(
    request: httpx.Request, client: tuple[str, str], token: str, scope: str | None = None
) -> httpx.Response:
    """A token endpoint's answer to client credentials, in the form or in the header (OAuth 2)."""
    told = {name: some[0] for name, some in parse_qs(request.content.decode("latin-1")).items()}
    pair = b64encode(":".join(client).encode()).decode()
    if request.method != "POST" or told.get("grant_type") != "client_credentials":
        return respond(400, {"error": "unsupported_grant_type"})
    in_form = (told.get("client_id"), told.get("client_secret")) == client
    if not in_form and request.headers.get("authorization") != f"Basic {pair}":
        words = "Invalid client secret provided.\r\nTrace ID: 0"
        return respond(401, {"error": "invalid_client", "error_description": words})
    if scope not in (None, told.get("scope")):
        return respond(400, {"error": "invalid_scope"})
    return respond(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})


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
