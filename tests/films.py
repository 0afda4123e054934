"""The least provider there is, and a service that it asks: what the base class does by itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import httpx

from jobctl.accounts import Account
from jobctl.config import Setting, sandbox_profile
from jobctl.models import Job, JobState
from jobctl.provider import IdPart, Manifest, Provider

ROOT = "http://127.0.0.1:1"


class About(Manifest):
    """Films of studios."""

    name = "films"
    title = "Films"
    summary = "films of studios"
    docs = "https://films.example"
    life = "in service"
    account = Account("films")
    ids = (IdPart("studio", "a word"), IdPart("film", "a number", optional=True))
    example = "ufa/1"
    prefix = "/api"
    paths = ("/api/{region}/{studio}", "/api/{region}/{studio}/films/{film}")
    settings = (Setting("base_url", "where it lies"), Setting("region", "where it is"))
    states: ClassVar[Mapping[str, JobState]] = {"ROLLING": JobState.RUNNING}
    id_fields: ClassVar[Mapping[str, str]] = {"studio": "studio", "film": "id"}


class Films(About, Provider):
    """See `About`."""

    def read(self, job: Job, body: Mapping[str, Any]) -> Job:
        return replace(job, name=body.get("title"))


class Service:
    """Gives each answer once, the last for ever; what it was asked is kept."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers or [{}])
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


def films(service: Service, **values: str) -> Films:
    """The provider with these settings, over a service."""
    profile = sandbox_profile(Films.sections(), {"base_url": ROOT, "region": "eu"} | values)
    return Films(profile, httpx.Client(transport=httpx.MockTransport(service)))
