"""How the requests of a file are asked, and what their answers mean."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from jobctl import payload
from jobctl.auth.cache import TokenCache
from jobctl.declared import values
from jobctl.declared.errors import KINDS, PASSING, bare, fits_answers, matching
from jobctl.declared.filling import complete, filled_in
from jobctl.declared.mapping import find
from jobctl.declared.reply import Reply, body_of, reply_of
from jobctl.declared.setting import typed, value_of
from jobctl.declared.spec import Request, Rule, Spec, Way
from jobctl.declared.template import Template, word
from jobctl.declared.ways import account_of
from jobctl.errors import ConfigError, JobctlError, NotFoundError, UnavailableError, UsageError
from jobctl.models import JobRef, JobState
from jobctl.provider import Elsewhere, Provider, Refusal, ServiceError
from jobctl.provider.refusal import is_gateways

if TYPE_CHECKING:
    import httpx

_MOST_REQUESTS = 1000
_SILENCE = 5.0  # seconds after which nobody waits for a further event
_MOST_REDIRECTS = 5
_NO_SUCH_THING = (404, 410, 501)  # whoever says it: an older server may not know the question
_UNSUCCESSFUL = (JobState.FAILED, JobState.CANCELLED, JobState.PARTIAL)


class Names:
    """What fills the names of templates; settings are looked up when they are used."""

    def __init__(self, provider: Asking, told: Mapping[str, Any]) -> None:
        self.provider = provider
        self.told = told

    def get(self, name: str, /) -> Any:
        """What fills a name, None where nothing does."""
        if name in self.told:
            return self.told[name]
        return self.provider.setting(name) if name in self.provider.spec.known else None

    def and_(self, more: Mapping[str, Any]) -> Names:
        """The same with more names, which go before these."""
        return Names(self.provider, {**self.told, **more})


class Asking(Provider):
    """Requests as a file has them."""

    spec: ClassVar[Spec]
    rules: tuple[Rule, ...] = ()
    accepted = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = (*self.spec.rules, *self.spec.usual_rules)
        self._others: dict[object, Elsewhere] = {}

    def setting(self, name: str) -> Any:
        """The value of a setting, or what its default makes of others; None where nothing is."""
        found = value_of(self.spec, self.profile.get, name)
        return self.found(name) if found is None else found

    def names(self, ref: JobRef | None = None, more: Mapping[str, Any] | None = None) -> Names:
        """What templates of a job may name."""
        told = {} if ref is None else self.named(ref)
        ids = {name: typed(self.spec.types.get(name), text) for name, text in told.items()}
        return Names(self, {**ids, **(more or {})})

    def answer(
        self,
        request: Request,
        names: Names,
        *,
        body: Any = None,
        url: str | None = None,
        extra: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Reply:
        """What the service says to a request.

        `body` is the job's, for a request with an expression for its URL; `url` is that of a next
        page, which is asked as it is; `extra` are parameters by place: texts in query and header,
        JSON values in body.

        Raises:
            JobctlError: there is no answer, or it is an error.
        """
        from httpx import InvalidURL

        extra = extra or {}
        try:
            where = url or self._where(request, names, body)
            told = extra.get("query", {})
            if request.path and url is None and (query := self._query(request, names, told)):
                where += ("&" if "?" in where else "?") + query
            content, kind = self._content(request, names, extra.get("body", {}))
            headers = self._headers(request, names, extra.get("header", {}))
            if kind and "content-type" not in map(str.lower, headers):
                headers["Content-Type"] = kind
            response = self._send(request, where, headers, content)
        except (InvalidURL, UnicodeEncodeError):
            raise self.nonsense("names what nobody can ask for") from None
        return self._read(request, response, where)

    @classmethod
    def service_error(cls, body: Any, headers: Mapping[str, str]) -> ServiceError:
        said = super().service_error(body, headers)
        held = payload.mapping(body)
        usual = (said.code, payload.text(held.get("__type")), headers.get("x-amzn-errortype"))
        told = {name: payload.text(find(at, body)) for name, at in cls.spec.error.items()}
        code = told.get("code") or next((code for code in usual if code), None)
        return ServiceError(code and bare(code), told.get("message") or said.message)

    def meaning(self, response: httpx.Response, said: ServiceError) -> Refusal | None:
        if is_gateways(response):  # the rules of the file are about the service's own words
            return None
        rule = matching(self.rules, response, body_of(response), said.code, accepted=self.accepted)
        return rule and Refusal(KINDS[rule.kind], rule.hint, rule.kind in PASSING)

    def every(self, request: Request, names: Names, body: Any) -> Iterator[Names]:
        """The names of each request that one of the file stands for: one for each combination.

        Raises:
            UsageError: they are too many.
        """
        told = {name: values.something(find(at, body)) for name, at in request.names.items()}
        if any(value is None for value in told.values()):
            return
        lists = [value if isinstance(value, list) else [value] for value in told.values()]
        lists = [[one for one in some if not values.is_nothing(one)] for some in lists]
        number = 1
        for some in lists:
            number *= len(some)
        if number > _MOST_REQUESTS:
            raise UsageError(
                f"{self.title}: {number} requests for one answer are too many",
                hint=f"at most {_MOST_REQUESTS} are made",
                provider=self.name,
            )
        for chosen in itertools.product(*lists):
            yield names.and_(dict(zip(told, chosen, strict=True)))

    def with_further(
        self,
        request: Request,
        names: Names,
        body: Any,
        *,
        state: Callable[[Any], JobState],
        needed: Callable[[JobState], bool],
    ) -> tuple[Any, dict[str, JobctlError]]:
        """The body with the answers to further questions under their names, and what failed.

        Raises:
            JobctlError: one that is `needed` for a job in this state may be answered later.
        """
        lost: dict[str, JobctlError] = {}
        if not isinstance(body, dict):
            return body, lost
        for name, further in request.also.items():
            now = state(body)
            if not _is_asked(further, body, now):
                continue
            try:
                answers = [
                    self._picked(further, self.answer(further, one, body=body), one)
                    for one in self.every(further, names, body)
                ]
            except JobctlError as error:
                if error.transient and error.http_status not in _NO_SUCH_THING and needed(now):
                    raise
                lost[name] = error
                continue
            many = any(isinstance(find(at, body), list) for at in further.names.values())
            if answers or many:
                body = {**body, name: answers if many else answers[0]}
        return body, lost

    def _picked(self, request: Request, reply: Reply, names: Names) -> Any:
        """What `at` and `pick` choose of an answer.

        Raises:
            NotFoundError: there is nothing.
        """
        found = reply.document if request.at is None else find(request.at, reply.document)
        if request.pick:
            wanted = {field: text.text(names) for field, text in request.pick.items()}
            found = next(
                (
                    one
                    for one in values.members(found)
                    if isinstance(one, dict)
                    and all(word(one.get(field)) == text for field, text in wanted.items())
                ),
                None,
            )
        if (request.at is not None or request.pick) and values.is_nothing(found):
            if not isinstance(reply.document, list) and not payload.mapping(reply.document):
                raise self.nonsense("answered with nothing")
            raise NotFoundError(
                f"{self.title} has no such job",
                hint="check the id and the profile",
                provider=self.name,
                http_status=reply.response.status_code,
            )
        return found

    def _where(self, request: Request, names: Names, body: Any) -> str:
        from jobctl.http import joined

        if request.url is not None:
            found = find(request.url, body)
            if not isinstance(found, str) or not found:
                raise UnavailableError(f"{self.title} does not say where it is", provider=self.name)
            return joined(f"{self.root}/", found)
        path = (request.path or Template(("/",))).path(names)
        if path is None:
            lost = next(
                name for name in (request.path or Template(())).names if _lacks(names, name)
            )
            raise ConfigError(
                f"{self.name} needs {lost!r} for this, and nothing gives it",
                hint=f"see `jobctl providers show {self.name}`",
                provider=self.name,
            )
        return self._base(request, names) + path

    def _base(self, request: Request, names: Names) -> str:
        if request.base_url is None:
            return self.root
        from jobctl.http import check_url

        return check_url(complete(request.base_url.address(names) or ""), "base_url")

    def _query(self, request: Request, names: Names, extra: Mapping[str, str]) -> str:
        told: list[tuple[str, str]] = []
        for name, value in request.query.items():
            if isinstance(value, Template):
                filled = [value.text(names)]
            elif isinstance(value, list):
                filled = [one.text(names) for one in value]
            else:
                filled = [json.dumps(filled_in(value, names))]
            told += [(name, text) for text in filled if text is not None and name not in extra]
        told += extra.items()
        return "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in told)

    def _headers(self, request: Request, names: Names, extra: Mapping[str, str]) -> dict[str, str]:
        from jobctl.auth.header import sendable

        told = {name: text.text(names) for name, text in request.headers.items()}
        return {
            name: sendable(text, f"the header {name}")
            for name, text in (told | dict(extra)).items()
            if text is not None
        }

    def _content(
        self, request: Request, names: Names, extra: Mapping[str, Any]
    ) -> tuple[bytes | None, str]:
        if request.form is not None:
            told = {name: text.text(names) for name, text in request.form.items()}
            told |= {name: word(value) or json.dumps(value) for name, value in extra.items()}
            form = [(name, text) for name, text in told.items() if text is not None]
            return urlencode(form).encode(), "application/x-www-form-urlencoded"
        if not request.post:
            return None, ""
        body = filled_in(request.body if request.body is not None else {}, names)
        for name, value in extra.items():
            body = _put(body, name.split("."), value)
        return json.dumps(body, ensure_ascii=False).encode(), "application/json"

    def _send(
        self, request: Request, where: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Response:
        """The answer, from the service or from wherever else the request goes."""
        from jobctl.http import joined

        response = self._at(request, where, headers, content)
        for _ in range(_MOST_REDIRECTS if request.follow else 0):
            if not response.is_redirect or "location" not in response.headers:
                break
            where = joined(where, response.headers["location"])
            response = self._at(request._replace(base_url=None), where, {}, None)
        return response

    def _at(
        self, request: Request, where: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Response:
        from jobctl.http import origin_of, over_tls

        method = "GET" if content is None else "POST"
        where = over_tls(where, self.root)
        if request.base_url is not None:
            client, where = self._other(where, request.ways)
        elif where.startswith(f"{self.root}/") or origin_of(where) == origin_of(self.root):
            client = self.client
        else:
            place = origin_of(where)
            if place is None or place[0] != "https":
                raise UnavailableError(
                    f"{self.title} sends on to an address that is not https", provider=self.name
                )
            # another host sees neither credentials nor what the file says to its own
            headers = {}
            try:
                client, where = self._other(where, None)
            except ConfigError:  # what is wrong there is no setting of the user's
                raise self.nonsense("sends on to an address that nobody can ask") from None
        marks: dict[str, Any] = {"reads": True, "may_pass": partial(self._may_pass, request)}
        if request.is_stream:
            marks["silence"] = _SILENCE
        return client.request(method, where, headers=headers, content=content, extensions=marks)

    def _other(self, where: str, ways: tuple[Way, ...] | None) -> tuple[httpx.Client, str]:
        """A client for another host, with a sign-in of its own or none, and what to ask there."""
        from jobctl.http import origin_of

        key = (origin_of(where), ways is not None)
        if key not in self._others:
            if self._elsewhere is None:
                raise UnavailableError(f"{where} is on another host", provider=self.name)
            account = account_of(self.spec._replace(ways=ways or ()))
            self._others[key] = self._elsewhere(
                where, account.sign_in(self.profile, TokenCache()) if ways else None
            )
        client, root = self._others[key]
        parts = urlsplit(where)
        return client, root + parts.path + (f"?{parts.query}" if parts.query else "")

    def _read(self, request: Request, response: httpx.Response, where: str) -> Reply:
        from jobctl.http import origin_of, read_json

        if self._refusal(request, response) or not self.accepted:
            error = self.refuse(response)
            away = origin_of(str(response.url)) != origin_of(self.root)
            if away and response.status_code in (404, 410) and error.transient:
                # whoever keeps it there speaks for it, in whatever words
                error = error.instead(NotFoundError, error.message)
            raise error
        if request.is_unpacked:
            body = None
        elif request.whole or request.as_text:
            body = body_of(response)
        else:
            body = read_json(response)
        return reply_of(request, response, where, body)

    def _refusal(self, request: Request, response: httpx.Response) -> Refusal | None:
        """What the rules say of an answer to a request."""
        status = response.status_code
        self.accepted = status in request.accept if request.accept else 200 <= status <= 299
        self.rules = (*request.rules, *self.spec.rules, *self.spec.usual_rules)
        if self.accepted and not any(map(fits_answers, self.rules)):
            return None
        return self.meaning(response, self.service_error(body_of(response), response.headers))

    def _may_pass(self, request: Request, response: httpx.Response) -> bool:
        """Whether the same request may succeed a little later: the rules know more than a status.

        What comes with the status of an answer is judged when it is read.
        """
        refusal = self._refusal(request, response)
        if self.accepted:
            return False
        if refusal is not None:
            return bool(refusal.transient)
        return self.retryable(response.status_code, response.headers, response.content)


def _lacks(names: Names, name: str) -> bool:
    return word(names.get(name)) is None


def _put(body: Any, path: Sequence[str], value: Any) -> Any:
    """A copy of a body with a value at a path of names."""
    if not path:
        return value
    held = body if isinstance(body, dict) else {}
    return {**held, path[0]: _put(held.get(path[0]), path[1:], value)}


def _is_asked(request: Request, body: Any, state: JobState) -> bool:
    """Whether a further question is asked of a job in this state."""
    if request.when is None:
        return True
    if isinstance(request.when, str):
        return state.ended if request.when == "ended" else state in _UNSUCCESSFUL
    return values.holds(find(request.when, body))
