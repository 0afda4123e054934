"""What a file says of requests, read once: where they go, what they hold, how answers come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from jobctl.declared.filling import Verbatim
from jobctl.declared.meaning import meaning_of
from jobctl.declared.names import Scope, expression, several, used
from jobctl.declared.spec import Listing, Pages, Paging, Request, Rule, Source, Way
from jobctl.expression import Expression
from jobctl.models import JobState
from jobctl.provider import IdPart

_KINDS = ("page", "offset", "cursor", "url", "link")
_PLAIN = re.compile(r"@|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_WHEN = ("ended", "unsuccessful")


def _expression(told: Mapping[str, Any], name: str) -> Expression | None:
    return expression(told[name]) if name in told else None


def _numbers(told: Any) -> frozenset[int]:
    return frozenset(several(told))


def request_of(told: Mapping[str, Any], scope: Scope) -> Request:
    """A request."""
    names = {str(name): expression(text) for name, text in told.get("with", {}).items()}
    inner = scope.and_(*names)
    for one, other in (("path", "url"), ("body", "form"), ("body", "graphql"), ("form", "graphql")):
        if one in told and other in told:
            scope.say(_key(told, other), f"a request has {one} or {other}, not both")
    if told and not {"path", "url"} & told.keys():
        scope.say(next(iter(told)), "a request lacks 'path'")
    if "pick" in told and "at" not in told:
        scope.say(_key(told, "pick"), "'pick' chooses among the elements at 'at', which is lacking")
    if "variables" in told and "graphql" not in told:
        scope.say(_key(told, "variables"), "'variables' are those of 'graphql', which is lacking")
    body = inner.json(told["body"]) if "body" in told else None
    if "graphql" in told:
        variables = inner.json(told.get("variables", {}))
        body = {"query": Verbatim(told["graphql"]), "variables": variables}
    form = inner.templates(told["form"]) if "form" in told else None
    when = told.get("when")
    return Request(
        path=inner.template(told["path"], public=True) if "path" in told else None,
        url=_expression(told, "url"),
        query={str(name): inner.json(value) for name, value in told.get("query", {}).items()},
        headers=inner.templates(told.get("headers")),
        post=told.get("method", "POST" if body is not None or form is not None else "") == "POST",
        body=body,
        form=form,
        accept=_numbers(told["accept"]) if "accept" in told else None,
        whole="answer" in told,
        at=_expression(told, "at"),
        pick=inner.templates(told.get("pick")),
        names=names,
        rules=rules_of(told.get("errors")),
        base_url=inner.host(told["base_url"]) if "base_url" in told else None,
        ways=ways_of(told["auth"], scope) if "auth" in told else None,
        follow=told.get("follow", False),
        also={str(name): request_of(one, scope) for name, one in told.get("also", {}).items()},
        when=str(when) if when in _WHEN else _expression(told, "when"),
    )


def _key(told: Mapping[str, Any], name: str) -> str:
    """A key of the file as it stands there, with its place."""
    return next(key for key in told if key == name)


def rules_of(told: Sequence[Mapping[str, Any]] | None) -> tuple[Rule, ...]:
    """What errors mean."""
    return tuple(
        Rule(
            str(one["is"]),
            _numbers(one.get("status")),
            frozenset(str(code) for code in several(one.get("code"))),
            _expression(one, "when"),
            {name.lower(): str(text) for name, text in one.get("header", {}).items()},
            one.get("hint"),
        )
        for one in told or ()
        if "is" in one
    )


def ways_of(told: Any, scope: Scope) -> tuple[Way, ...]:
    """The ways of signing in, the first first."""
    return tuple(
        Way(str(kind), _way(kind, below, scope))
        for one in several(told)
        for kind, below in one.items()
    )


def _way(kind: str, told: Any, scope: Scope) -> Any:
    if isinstance(told, str):
        # `bearer` and `basic` name a setting
        if told not in scope.known:
            scope.say(told, f"there is no setting {str(told)!r}")
        return str(told)
    if kind == "login":
        send = told.get("send", {"Authorization": "Bearer {token}"})
        return {
            **{key: scope.json(told[key]) for key in ("query", "body", "form") if key in told},
            **({"path": scope.template(told["path"], public=True)} if "path" in told else {}),
            **({"url": scope.host(told["url"])} if "url" in told else {}),
            "post": told.get("method", "POST") == "POST",
            "basic": _way("basic", told["basic"], scope) if "basic" in told else None,
            "token": _expression(told, "token"),
            "expires_in": _expression(told, "expires_in"),
            "send": scope.and_("token").templates(send),
        }
    if kind == "google":
        return tuple(several(told.get("scopes")))
    if kind == "aws":
        region = told.get("region", "{region}")
        return {"service": told.get("service"), "region": scope.template(region)}
    if kind == "oauth2":
        place = told.get("token_url")
        return {
            **{key: scope.template(text) for key, text in told.items() if key != "in"},
            **({} if place is None else {"token_url": scope.host(place)}),
            "in": told.get("in", "body"),
        }
    return {str(key): scope.template(text) for key, text in told.items()}


def paging_of(told: Mapping[str, Any], scope: Scope) -> Paging | None:
    """How the next page is asked for."""
    kinds = [kind for kind in _KINDS if kind in told]
    if len(kinds) != 1:
        scope.say(next(iter(told), ""), f"paging is one of {', '.join(_KINDS)}")
        return None
    kind = kinds[0]
    if kind == "cursor" and "at" not in told:
        scope.say(_key(told, "cursor"), "a cursor wants 'at': where the answer has the next one")
    return Paging(
        kind,
        "" if kind in ("url", "link") else str(told[kind]),
        _expression(told, "url" if kind == "url" else "at"),
        told.get("first", 1),
        told.get("size"),
        told.get("largest"),
        _expression(told, "more"),
        told.get("in", "query"),
    )


def pages_of(told: Mapping[str, Any], scope: Scope) -> Pages:
    """A request whose answer comes in pages."""
    paging = paging_of(told["paging"], scope) if "paging" in told else None
    return Pages(request_of(told, scope), paging, _expression(told, "total"))


def listing_of(
    told: Mapping[str, Any],
    job: Mapping[str, Any],
    ids: Sequence[IdPart],
    at: Mapping[str, Expression],
    scope: Scope,
) -> Listing:
    """How jobs are listed; `job` and `at` are what the file says of a job looked at."""
    pages = pages_of(told, scope)
    parts = [part.name for part in ids]
    within = tuple(map(str, told.get("within", ())))
    for name in told.get("within", ()):
        if name not in scope.known:
            scope.say(name, f"there is no {str(name)!r}")
    if "within" not in told:
        named = set(used(tuple(pages.request)))
        within = tuple(name for name in parts if name in named)
    for name in told.get("ids", {}):
        if name not in parts:
            scope.say(name, f"there is no id part {str(name)!r}")
    filters = told.get("filters", {})
    return Listing(
        pages,
        expression(told.get("records", "@")),
        {
            **{name: expression(f'"{name}"') for name in parts},
            **at,
            **{name: expression(text) for name, text in told.get("ids", {}).items()},
        },
        within,
        told.get("look", False),
        meaning_of({**job, **told.get("job", {})}, scope.mistakes),
        {"newest": True, "oldest": False}.get(told.get("order", "")),
        {
            JobState(state): scope.templates(chosen)
            for state, chosen in filters.get("state", {}).items()
        },
        scope.and_("rfc3339", "s", "ms").templates(filters.get("since")),
    )


def source_of(told: Mapping[str, Any], scope: Scope, *, logs: bool) -> Source:
    """A request for results, or for logs."""
    at = "records" if "records" in told else "text"
    is_plain = not {"one", "fields", "answer", "text"} & told.keys()
    pages = pages_of(told, scope)
    as_text = "format" in told or (logs and "text" not in told)
    is_stream = told.get("format") == "events"
    path = _plain(told) if is_plain and not as_text else None
    request = pages.request._replace(
        as_text=as_text, is_stream=is_stream, is_unpacked=path is not None
    )
    pages = pages._replace(request=request)
    return Source(
        pages,
        _expression(told, at),
        told.get("one", False),
        told.get("format"),
        _expression(told, "fields"),
        _expression(told, "key"),
        told.get("before_end", False),
        told.get("order") == "newest",
        path,
    )


def _plain(told: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The names that lead to the records, if their expression is nothing but a path.

    None, too, where another expression looks at them.
    """
    text = told.get("records", "@").strip()
    if not _PLAIN.fullmatch(text):
        return None
    names = () if text == "@" else tuple(text.split("."))
    paging = told.get("paging", {})
    others = [told.get("total"), *(paging.get(key) for key in ("at", "url", "more"))]
    looks = [one for one in others if one is not None and (not names or names[0] in one)]
    return None if looks else names
