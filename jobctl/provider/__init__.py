"""The contract of a provider: what a service must be able to answer, and what it is, as data."""

from __future__ import annotations

import functools
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, unquote, urlsplit

from jobctl import payload, record
from jobctl.config import LIMITS, Profile, Setting
from jobctl.errors import (
    ConfigError,
    JobctlError,
    JobFailedError,
    NotReadyError,
    UnavailableError,
    Unsupported,
    UsageError,
)
from jobctl.models import Card, Job, JobRef, JobState, Page, Query, Record
from jobctl.provider.parts import Answer, IdPart, Listing, Option
from jobctl.provider.refusal import (
    Refusal,
    ServiceError,
    by_status,
    read_error,
    shown,
    told,
)

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache

__all__ = ["Answer", "IdPart", "Listing", "Option", "Provider", "Refusal", "ServiceError"]


class Provider(ABC):
    """One job API: data first, then `auth` and `get`; `list` and `results` where the service can.

    `listing` says what its list can do, `unlisted` what helps where there is none. `fields` are the
    top-level fields that its records may have, `columns` what a table shows of them, by path, and
    `largest_page` is how many records a page of results may have at most, None where all come at
    once.

    An instance belongs to one thread: it owns its client. `waiting` tells that the job will be
    asked again, so that a provider may leave out what only the last look needs.
    """

    title: ClassVar[str]
    docs: ClassVar[str]
    life: ClassVar[str]
    account: ClassVar[str]
    ids: ClassVar[tuple[IdPart, ...]]
    example: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]]
    options: ClassVar[tuple[Option, ...]] = ()
    vendor_files: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[Mapping[str, JobState]]
    paths: ClassVar[tuple[str, ...]]
    secrets: ClassVar[tuple[str, ...]] = ()
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {}
    pace: ClassVar[tuple[float, float]] = (1.0, 60.0)
    listing: ClassVar[Listing | None] = None
    unlisted: ClassVar[str] = "a job is known by the id it was started with"
    fields: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[tuple[str, ...]] = ()
    largest_page: ClassVar[int | None] = None

    def __init__(
        self,
        profile: Profile,
        client: httpx.Client,
        *,
        options: Mapping[str, str | bool] | None = None,
        waiting: bool = False,
    ) -> None:
        self.profile = profile
        self.client = client
        self.chosen = options or {}
        self.waiting = waiting

    @classmethod
    def name(cls) -> str:
        """The word users type: the module's name, with `-` for `_`."""
        return cls.__module__.rpartition(".")[2].replace("_", "-")

    @classmethod
    def all_settings(cls) -> tuple[Setting, ...]:
        """The provider's settings and those that every provider has."""
        return cls.settings + LIMITS

    @classmethod
    @abstractmethod
    def base_url(cls, profile: Profile) -> str:
        """The URL below which the service's paths lie.

        Raises:
            ConfigError: a setting it is made of is missing or unusable.
        """

    @classmethod
    @abstractmethod
    def auth(cls, profile: Profile, cache: TokenCache) -> httpx.Auth:
        """The way requests are signed in.

        Raises:
            ConfigError: no complete set of credentials is configured.
        """

    @abstractmethod
    def get(self, ref: JobRef) -> Job:
        """Look at a job once.

        Raises:
            JobctlError: there was no proper answer.
        """

    def list(self, query: Query, cursor: str | None = None) -> Page[Job]:  # noqa: ARG002
        """A page of the jobs that the service lists: the first, or the one a cursor names.

        Raises:
            Unsupported: the service has no list.
            JobctlError: there was no proper answer.
        """
        raise Unsupported(f"{self.title} cannot list jobs", hint=self.unlisted)

    def results(self, ref: JobRef, cursor: str | None = None, size: int = 100) -> Page[Record]:  # noqa: ARG002
        """A page of what a job produced, of at most `size` records where the service has pages.

        Raises:
            Unsupported: the service gives no results.
            NotReadyError: there are none yet.
            JobctlError: there was no proper answer.
        """
        raise Unsupported(f"{self.title} gives no results", hint=f"see {self.docs}")

    @classmethod
    def card(cls, record: Any) -> Card:
        """What a person sees of one record, any JSON value: its fields, as far as it has some."""
        return Card(facts=payload.mapping(record))

    def fits(self, job: Job) -> bool:  # noqa: ARG002 - for those that have options
        """Whether a listed job is as the provider's options want it: services may ignore them."""
        return True

    # What follows serves every provider alike.

    @functools.cached_property
    def root(self) -> str:
        """The URL below which the service's paths lie."""
        return self.base_url(self.profile)

    @classmethod
    def headers(cls, profile: Profile) -> dict[str, str]:  # noqa: ARG003 - for those that have some
        """Headers for every request, besides the usual ones."""
        return {}

    @classmethod
    def retryable(cls, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the same request may succeed a little later."""
        from jobctl.http import is_retried

        return is_retried(status, headers, body)

    @classmethod
    def refused(cls, response: httpx.Response) -> bool:
        """Whether an answer is an error: some services tell errors with the status 200, too."""
        return response.status_code != 200

    @classmethod
    def word(cls, status: str) -> str:
        """A status word as the states table spells it."""
        return status.strip().upper()

    @classmethod
    def service_error(cls, body: Any) -> ServiceError:
        """What an error body says, in any of the spellings that services use."""
        return told(body)

    @classmethod
    def check(cls, ref: JobRef) -> JobRef:
        """The reference, if it can be a job of this provider.

        Raises:
            UsageError: a part is missing, is one too many, or does not look like an id.
        """
        least = sum(not part.optional for part in cls.ids)
        if not least <= len(ref.parts) <= len(cls.ids):
            raise UsageError(
                f"{str(ref)!r} is no job of {cls.name()}",
                hint=f"a job of {cls.name()} is {cls.shape()}, e.g. {cls.name()}/{cls.example}",
            )
        for part, text in zip(cls.ids, ref.parts, strict=False):
            if not re.fullmatch(part.pattern, text, re.ASCII):
                raise UsageError(
                    f"{text!r} is not a {part.name} of {cls.name()}: {part.help}",
                    hint=f"for example {cls.name()}/{cls.example}",
                )
        return ref

    @classmethod
    def shape(cls) -> str:
        """The form of a reference: `modelarts/TASK[/VERSION]`."""
        return cls.name() + "".join(
            f"[/{part.name.upper()}]" if part.optional else f"/{part.name.upper()}"
            for part in cls.ids
        )

    @classmethod
    def find(cls, url: str) -> tuple[str, dict[str, str]] | None:
        """What stands before the path of a job's API URL, and the names in it; None for others."""
        address = url.partition("?")[0].partition("#")[0].rstrip("/")
        for path in cls.paths:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
            found = re.fullmatch(f"(.*?){pattern}", address)
            if found:
                return found[1], {name: unquote(text) for name, text in found.groupdict().items()}
        return None

    def ref_of_url(self, url: str) -> JobRef:
        """The job that an API URL names.

        Raises:
            UsageError: it is not the URL of a job, or not of this profile's service: credentials
                must not leave it, and another project's job may bear the same id.
        """
        base = self.root
        found = self.find(url)
        if found is None:
            raise UsageError(
                "that URL is not the API URL of a job",
                hint=f"a job of {self.name()} lies at {base}{self.paths[0]}",
            )
        root, names = found
        if _place(root) != _place(base):
            raise UsageError(
                f"that URL is not of {base}, the service of profile {self.profile.name!r}",
                hint="choose its profile with --profile: credentials go to their own service only",
            )
        ids = [part.name for part in self.ids]
        for name in names.keys() - ids:
            ours = self.profile.get(name)
            if ours not in (None, names[name]):
                raise UsageError(
                    f"that URL is of {name} {names[name]!r}, the profile of {ours!r}",
                    hint=f"choose its profile with --profile, or --set {name}={names[name]}",
                )
        return self.check(JobRef(self.name(), tuple(names[name] for name in ids if name in names)))

    def path_names(self) -> dict[str, str]:
        """What fills the names in `paths` besides the parts of the id: settings of that name."""
        return {}

    def url(self, ref: JobRef) -> str:
        """The API URL of a job.

        Raises:
            ConfigError: a setting would walk up the path.
        """
        least = sum(not part.optional for part in self.ids)
        return self.address(self.paths[len(ref.parts) - least], ref.parts)

    def address(self, path: str, parts: Sequence[str] = ()) -> str:
        """The URL of a path whose names stand for settings and leading parts of an id.

        Each is percent-encoded once.

        Raises:
            ConfigError: one would walk up the path.
        """
        names = self.path_names()
        names.update(zip((part.name for part in self.ids), parts, strict=False))
        for name, text in names.items():
            if text in (".", ".."):
                raise ConfigError(f"{name} cannot be {text!r}", provider=self.name())
        return self.root + path.format_map(
            {name: quote(text, safe="") for name, text in names.items()}
        )

    def fetch(
        self,
        url: str,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET a JSON object.

        Raises:
            JobctlError: the answer is an error, or not a JSON object.
        """
        from jobctl.http import read_json

        response = self.ask(url, query, headers)
        body = read_json(response)
        if not isinstance(body, dict):
            raise self.nonsense(f"answered with a JSON {_json_type(body)}, not an object")
        return Answer(body, response.content)

    def ask(
        self,
        url: str,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """GET whatever it is.

        Raises:
            JobctlError: the answer is an error.
        """
        encoded = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in query)
        response = self.client.get(f"{url}?{encoded}" if encoded else url, headers=headers)
        if self.refused(response):
            raise self.refuse(response)
        return response

    def unpack(self, response: httpx.Response, name: str, key: str) -> record.Unpacked:
        """The records of an answer: those of its array `name`, each identified by the field `key`.

        Raises:
            UnavailableError: it is no JSON object with such an array; it may pass.
        """
        from jobctl.http import read_json

        try:
            return record.unpack(response.content, name, key)
        except (ValueError, RecursionError):
            read_json(response)
            raise self.nonsense(f"answered without an array {name!r}") from None

    def waiting_for(self, ref: JobRef) -> str:
        """The command that waits for a job."""
        profile = "" if self.profile.name == "default" else f" --profile {self.profile.name}"
        return f"jobctl wait {ref}{profile}"

    def foreword(self, job: Job, *, empty: bool) -> tuple[str, ...]:
        """What a person should know before the results of a job, which may be none.

        Raises:
            NotReadyError: there are none yet.
            JobFailedError: there are none, for the job failed.
        """
        cause = f": {job.message}" if job.message else ""
        if not job.state.ended:
            if empty:
                how = f"unknown ({job.status})" if job.state is JobState.UNKNOWN else job.state
                raise NotReadyError(
                    f"{job.ref} is {how} and has no results yet{cause}",
                    hint=self.waiting_for(job.ref),
                    provider=self.name(),
                )
            how = (
                f"its status is {job.status}"
                if job.state is JobState.UNKNOWN
                else f"it is {job.state}"
            )
            return (f"{how}: these are its results so far",)
        if job.state is JobState.CANCELLED:
            return ("it was cancelled",)
        if job.state is not JobState.FAILED:
            return ()
        if empty:
            raise JobFailedError(
                f"{job.ref} failed and has no results{cause}", provider=self.name()
            )
        return (f"it failed{cause}",)

    def nonsense(self, what: str) -> UnavailableError:
        """The error for an answer that is no answer to the question; it may pass."""
        return UnavailableError(f"{self.title} {what}", provider=self.name(), transient=True)

    def refuse(self, response: httpx.Response) -> JobctlError:
        """The error that an answer stands for: by `refusals`, else by its HTTP status."""
        from jobctl.http import request_id, retry_after

        status = response.status_code
        body, words = read_error(response)
        said = self.service_error(body)
        keys = ((status, said.code), (None, said.code), (status, None))
        refusal = next((self.refusals[key] for key in keys if key in self.refusals), None)
        refusal = refusal or by_status(status, self.account)
        code = f" ({said.code})" if said.code and said.code != str(status) else ""
        message = shown(said.message) if said.message else words
        return refusal.error(
            f"{self.title} answered {status}{code}" + (f": {message}" if message else ""),
            hint=refusal.hint,
            provider=self.name(),
            http_status=status,
            request_id=request_id(response.headers)
            or payload.text(payload.mapping(body).get("request_id")),
            transient=self.retryable(status, response.headers, response.content),
            retry_after=retry_after(response.headers),
        )

    def state(self, status: str | None) -> JobState:
        """Our word for the service's: the profile's `states`, else the table, else unknown."""
        if status is None:
            return JobState.UNKNOWN
        word = self.word(status)
        chosen = {self.word(theirs): ours for theirs, ours in self.profile.states.items()}
        return chosen.get(word) or self.states.get(word, JobState.UNKNOWN)

    def only_word(self, states: frozenset[JobState]) -> str | None:
        """The one status word that can mean any of the states; None where several can."""
        words = {*self.states, *map(self.word, self.profile.states)}
        meant = [word for word in words if self.state(word) in states]
        return meant[0] if len(meant) == 1 and JobState.UNKNOWN not in states else None


def _place(url: str) -> tuple[str, str, int | None, str]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ("", "", None, url)
    return (parts.scheme.lower(), (parts.hostname or "").lower(), port, parts.path.rstrip("/"))


def _json_type(body: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(body), "null")
