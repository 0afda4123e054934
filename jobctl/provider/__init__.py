"""The contract of a provider: what a service must be able to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

from jobctl.config import Profile
from jobctl.errors import JobctlError, NotFoundError, UnavailableError, Unsupported
from jobctl.masking.documents import mask_error, masked_job, masked_jobs, masked_notes
from jobctl.models import Card, Job, JobRef, JobState, LogPart, Page, Query, Record
from jobctl.provider.asking import LIST_PAGES, RESULT_PAGES
from jobctl.provider.manifest import Manifest
from jobctl.provider.paging import Cursor, Paging, Part
from jobctl.provider.parts import Document, Elsewhere, IdPart, Listing, Option
from jobctl.provider.reading import Reading
from jobctl.provider.refusal import Refusal, ServiceError

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.clock import Clock

__all__ = [
    "LIST_PAGES",
    "RESULT_PAGES",
    "Cursor",
    "Document",
    "Elsewhere",
    "IdPart",
    "Listing",
    "Manifest",
    "Option",
    "Paging",
    "Part",
    "Provider",
    "Refusal",
    "ServiceError",
]


class Provider(Reading):
    """One job API: its `Manifest`, how to sign in, and the questions that the service answers.

    Commands ask `get`, `list`, `results`, `logs` and `probe`; a provider answers `look`, and `jobs`
    and `records` where the service can. `waiting` tells that the job will be asked again, so that a
    provider may leave out what only the last look needs; `elsewhere` makes a client for another
    host.
    """

    def __init__(
        self,
        profile: Profile,
        client: httpx.Client,
        *,
        options: Mapping[str, str | bool] | None = None,
        waiting: bool = False,
        elsewhere: Callable[[str, httpx.Auth | None], Elsewhere] | None = None,
    ) -> None:
        self.profile = profile
        self.client = client
        self._elsewhere = elsewhere
        self.chosen = options or {}
        self.waiting = waiting
        self._pause = 0.0
        client.event_hooks = {"response": [self._heed]}

    @final
    def get(self, ref: JobRef) -> Job:
        """Look at a job once.

        Raises:
            JobctlError: there was no proper answer.
        """
        self._pause = 0.0
        with self._telling():
            return replace(masked_job(self.look(ref), ref), pause=self._pause)

    @final
    def list(self, query: Query, cursor: str | None = None) -> Page[Job]:
        """A page of the jobs that the service lists: the first, or the one a cursor names.

        Raises:
            Unsupported: the service has no list.
            JobctlError: there was no proper answer.
        """
        with self._telling():
            return masked_jobs(self.jobs(query, cursor))

    @final
    def results(self, ref: JobRef, cursor: str | None = None, size: int = 100) -> Page[Record]:
        """A page of what a job produced, of at most `size` records where the service has pages.

        Raises:
            Unsupported: the service gives no results.
            NotReadyError: there are none yet.
            JobctlError: there was no proper answer.
        """
        with self._telling():
            return masked_notes(self.records(ref, cursor, size))

    @final
    def logs(self, ref: JobRef, cursor: str | None = None) -> Page[LogPart]:
        """A page of what a job wrote, its lines in the order of time.

        Raises:
            Unsupported: the service gives no logs.
            NotReadyError: there are none yet.
            JobctlError: there was no proper answer.
        """
        with self._telling():
            return masked_notes(self.lines(ref, cursor))

    @final
    def probe(self) -> str | None:
        """Ask for as little as tells whether the service takes these credentials.

        The value is whom it takes them for, where it tells.

        Raises:
            JobctlError: the service does not take them, or gave no proper answer.
        """
        with self._telling():
            return self.caller()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Every error of a provider leaves it through here, masked."""
        try:
            yield
        except JobctlError as error:
            error.provider = error.provider or self.name
            mask_error(error)
            raise

    def _heed(self, response: httpx.Response) -> None:
        if response.is_success and "retry-after" in response.headers:
            from jobctl.http import retry_after

            self._pause = max(self._pause, retry_after(response.headers) or 0.0)

    def asks_again(self, state: JobState) -> bool:
        """Whether a job in this state is looked at anew rather than told with something lacking.

        A wait can ask again, and what it lacks may be what makes a success none.
        """
        return self.waiting and state is JobState.SUCCEEDED

    # What a provider says for itself.

    @classmethod
    def auth(
        cls, profile: Profile, cache: TokenCache, clock: Clock | None = None
    ) -> httpx.Auth | None:
        """The way requests are signed in: the account's.

        Raises:
            ConfigError: no complete set of credentials is configured.
        """
        return cls.account.sign_in(profile, cache, clock)

    @classmethod
    def headers(cls, profile: Profile) -> dict[str, str]:  # noqa: ARG003 - for those that have some
        """Headers for every request, besides the usual ones."""
        return {}

    @classmethod
    def player(cls) -> Any:
        """What plays the service in the sandbox, where the provider brings it along; else None.

        It offers what each module of `jobctl.sandbox` does.
        """
        return None

    def read(self, job: Job, body: Mapping[str, Any]) -> Job:  # noqa: ARG002
        """A job of which reference, status and URL are known, with all else that its body tells."""
        return job

    def look(self, ref: JobRef) -> Job:
        """What `get` gives."""
        return self.read(*self.seen(ref))

    def caller(self) -> str | None:
        """What `probe` gives.

        It asks for a list of one job where that needs no place, else for the job of the example:
        one that is not there was looked for by somebody who may.
        """
        if self.listing is not None and not self.listing.within[0]:
            self.jobs(Query(size=1), None)
            return None
        try:
            self.look(JobRef.parse(self.example, self.name))
        except NotFoundError:
            pass
        except UnavailableError as error:
            if error.http_status not in (400, 422):  # no such id, in the words of some
                raise
        return None

    def jobs(self, query: Query, cursor: str | None) -> Page[Job]:  # noqa: ARG002
        """What `list` gives."""
        raise Unsupported(f"{self.title} cannot list jobs", hint=self.unlisted)

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:  # noqa: ARG002
        """What `results` gives."""
        raise Unsupported(f"{self.title} gives no results", hint=f"see {self.docs}")

    def lines(self, ref: JobRef, cursor: str | None) -> Page[LogPart]:  # noqa: ARG002
        """What `logs` gives."""
        raise Unsupported(f"{self.title} gives no logs", hint=f"see {self.docs}")

    @classmethod
    def card(cls, record: Mapping[str, Any]) -> Card:
        """What a person sees of one record, by its fields, as far as it has some."""
        return Card(facts=record)

    def fits(self, job: Job) -> bool:  # noqa: ARG002 - for those that have options
        """Whether a listed job is as the provider's options want it: services may ignore them."""
        return True
