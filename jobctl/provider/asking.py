"""How a service is asked, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import quote

from jobctl import payload, record
from jobctl.errors import STRANGER, JobctlError, UnavailableError, UsageError
from jobctl.models import Page, Record
from jobctl.provider.addresses import Addresses
from jobctl.provider.paging import COUNTED, Cursor, Paging, Part
from jobctl.provider.parts import Document
from jobctl.provider.path import match
from jobctl.provider.refusal import (
    FOREIGN,
    Refusal,
    ServiceError,
    by_status,
    is_foreign,
    read_error,
    shown,
    told,
)

if TYPE_CHECKING:
    import httpx

_T = TypeVar("_T")

LIST_PAGES, RESULT_PAGES = 2_000, 100_000  # a list is kept whole, results pass through


class Asking(Addresses):
    """Questions to a service; an instance belongs to one thread, for it owns its client."""

    pages_of: ClassVar[Mapping[str, tuple[Paging, str]]] = {}
    """How paths are asked for pages, and the name of the array of records in the answer."""

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
    def service_error(cls, body: Any, headers: Mapping[str, str]) -> ServiceError:  # noqa: ARG003
        """What an error body says, in any of the spellings that services use."""
        return told(body)

    def fetch(
        self,
        url: str,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Document:
        """Ask for a JSON object.

        Raises:
            JobctlError: the answer is an error, or not a JSON object.
        """
        from jobctl.http import read_json

        response = self.ask(url, query, headers)
        body = read_json(response)
        if not isinstance(body, dict):
            raise self.nonsense(f"answered with a JSON {_json_type(body)}, not an object")
        return Document(body, response.content)

    def ask(
        self,
        url: str,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Ask: by GET, or by a POST of a JSON value or a form, for questions that change nothing.

        Raises:
            UsageError: there is no such address: a setting, say, is too long for one.
            JobctlError: the answer is an error.
        """
        from jobctl.http import read_url

        encoded = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in query)
        place = read_url(f"{url}?{encoded}" if encoded else url)
        if place is None:
            raise UsageError(
                "nobody can be asked at such an address",
                hint="a setting or a part of the id is too long for one",
            )
        if json is None and form is None:
            response = self.client.send(self.client.build_request("GET", place, headers=headers))
        else:
            # so marked it is retried, recorded and replayed like a GET
            marks = {"reads": True}
            response = self.client.post(
                place, headers=headers, json=json, data=form, extensions=marks
            )
        if self.refused(response):
            raise self.refuse(response)
        return response

    def unpack(self, response: httpx.Response, name: str, key: str) -> Part[Record]:
        """The records of an answer: those of its array `name`, each identified by the field `key`.

        Raises:
            UnavailableError: it is no JSON object with such an array; it may pass.
        """
        try:
            found = record.unpack(response.content, name, key)
        except (ValueError, RecursionError):
            from jobctl.http import read_json

            read_json(response)
            raise self.nonsense(f"answered without an array {name!r}") from None
        return Part(found.records, found.keys, payload.count(found.total))

    def paged(
        self,
        paging: Paging,
        cursor: Cursor,
        fetch: Callable[[Cursor], Part[_T]],
        most: int = RESULT_PAGES,
    ) -> Page[_T]:
        """The page at a cursor; empty ones that name a next one are passed over.

        Raises:
            UnavailableError: the pages go on for ever.
        """
        while True:
            self.guard(cursor, most)
            part = fetch(cursor)
            if part.next and part.next == cursor.at:
                raise self.nonsense("names the same page as the next one for ever", None)
            following = paging.after(cursor, part)
            upcoming = None if part.records or paging.kind in COUNTED else next(following, None)
            if upcoming is None:
                return part.page(following)
            cursor = upcoming

    def next_page(self, response: httpx.Response) -> tuple[bool, str | None]:
        """Whether anything tells of pages after the one that came, and the URL of the next, if any.

        That is the header Link, RFC 8288, or what is known of the path; the URL may lead anywhere.
        """
        if response.links:
            from jobctl.http import joined

            link = response.links.get("next", {}).get("url")
            return True, joined(str(response.url), link) if link else None
        for path, (paging, key) in self.pages_of.items():
            found = match((path,), str(response.url))
            if found and found[0] == self.root:
                part = self.unpack(response, key, "id")
                return True, paging.following(str(response.url), part)
        return False, None

    def guard(self, cursor: Cursor, most: int) -> None:
        """See that a page is one of those that the setting `max_pages` allows, else `most`.

        Raises:
            UnavailableError: it is not; the service goes on and on.
        """
        most = int(self.profile.get("max_pages") or most)
        if cursor.page >= most:
            raise UnavailableError(
                f"{self.title} has more than {most} pages",
                hint="raise the setting max_pages if that can be",
            )

    @contextmanager
    def taking(self, what: str) -> Iterator[None]:
        """Take an answer apart; where that cannot be done, it is none.

        Raises:
            UnavailableError: what is done in here found it broken.
        """
        try:
            yield
        except (ValueError, RecursionError) as error:
            raise self.nonsense(f"answered with {what} that cannot be read: {error}") from error

    def nonsense(self, what: str, hint: str | None = STRANGER) -> UnavailableError:
        """The error for an answer that is no answer to the question; it may pass."""
        return UnavailableError(
            f"{self.title} {what}", hint=hint, transient=True, unreached=hint is not None
        )

    def meaning(self, response: httpx.Response, said: ServiceError) -> Refusal | None:
        """What an error answer means to this service in particular: by `refusals`."""
        status = response.status_code
        keys: list[tuple[int | None, str | None]] = []
        if said.code:
            keys += [(status, said.code), (None, said.code)]
        if not is_foreign(response):
            keys.append((status, None))
        return next((self.refusals[key] for key in keys if key in self.refusals), None)

    def refuse(self, response: httpx.Response) -> JobctlError:
        """The error that an answer stands for: by `refusals`, else by its HTTP status."""
        from jobctl.http import request_id, retry_after

        status = response.status_code
        body, words = read_error(response)
        said = self.service_error(body, response.headers)
        usual = FOREIGN if is_foreign(response) else by_status(status, self.account.name)
        refusal = self.meaning(response, said) or usual
        code = f" ({said.code})" if said.code and said.code != str(status) else ""
        message = shown(said.message) if said.message else words
        transient = refusal.transient
        if transient is None:
            # nothing at all, as a 204 brings, is no more an answer than a 5xx
            transient = self.retryable(status, response.headers, response.content) or (
                not 300 <= status < 500 and issubclass(refusal.error, UnavailableError)
            )
        return refusal.error(
            f"{self.title} answered {status}{code}" + (f": {message}" if message else ""),
            hint=refusal.hint,
            http_status=status,
            request_id=request_id(response.headers)
            or payload.text(payload.mapping(body).get("request_id")),
            transient=transient,
            unreached=refusal is FOREIGN,
            retry_after=retry_after(response.headers, status=status),
        )


def _json_type(body: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(body), "null")
