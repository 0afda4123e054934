"""What a provider file may hold, as a JSON Schema: read by the judge, by editors and by the guide.

Two keywords say more than JSON Schema can. `x-reads` tells what a text is: an `expression`
(JMESPath), a `template`, a regular expression (`pattern`), or a `path` (a template that begins
with a slash). `x-json` tells that a value is typed as JSON, where elsewhere a word is text as it
is written.
"""

from __future__ import annotations

from jobctl.config.toolbox import VALUES
from jobctl.declared.schema import (
    WORD,
    Schema,
    enum,
    expression,
    flag,
    keys,
    mapping,
    one_or_more,
    reading,
    several,
    template,
    text,
    whole,
    word,
)
from jobctl.declared.values import DIGITS, UNITS
from jobctl.models import JobState

NAME = r"[a-z][a-z0-9-]{0,63}"
_SETTING = r"[a-z][a-z0-9_]{0,63}"
_PART = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
_STATES = [state.value for state in JobState if state is not JobState.UNKNOWN]
KINDS = ("auth", "not-found", "throttled", "unavailable", "pending", "usage")

_TYPED = {"x-json": True, "x-reads": "template"}
_JSON: Schema = {"description": "a JSON value, its texts templates", **_TYPED}

_TIME = enum("the unit of a number, else what `times` says", *UNITS, DIGITS)
_SPAN = enum("the unit of a number", *UNITS)
_SHARE: Schema = {"type": "number", "exclusiveMinimum": 0, "description": "the number that is all"}

_QUERY = {
    "anyOf": [
        template("a parameter"),
        several(template("one of its values"), "the parameter is repeated"),
        {"type": "object", "description": "sent as JSON", **_TYPED},
    ]
}
_RULE = keys(
    "one kind of error: it fits where all that it names does",
    {
        "status": one_or_more(whole("an HTTP status", 100), "the HTTP status, or several"),
        "code": one_or_more(word("a code"), "the service's code, or several, compared bare"),
        "when": expression("a condition over the body"),
        "header": mapping(word("its text"), "headers with their texts"),
        "is": enum(
            "the kind of error; what is throttled or unavailable is asked again",
            *KINDS,
        ),
        "hint": text("what the user can do"),
    },
    "is",
)
_RULES = several(_RULE, "what errors mean; the first rule that fits counts")
_REQUEST: dict[str, Schema] = {
    "path": template("the path below `base_url`", "path"),
    "query": mapping(_QUERY, "the query's parameters"),
    "headers": mapping(template("its value"), "headers of this request"),
    "method": enum("POST, for a question that changes nothing", "GET", "POST"),
    "body": _JSON,
    "form": mapping(template("its value"), "fields of a form"),
    "graphql": text("the text of a GraphQL query, taken verbatim"),
    "variables": {"type": "object", "description": "the GraphQL query's variables", **_TYPED},
    "accept": one_or_more(whole("a status", 100), "statuses that are answers, else 200 to 299"),
    "answer": enum("what expressions see: the body, or the whole answer", "whole"),
    "at": expression("where in the answer the job or object is"),
    "pick": mapping(template("its text"), "the fields that choose among the elements at `at`"),
    "with": mapping(expression("over the job's body"), "names for templates, from the job", _PART),
    "errors": _RULES,
    "base_url": template("another host of the vendor"),
    "auth": {"$ref": "#/$defs/auth"},
}
_URL = {"url": expression("over the job's body: the whole URL")}
_FOLLOW = {"follow": flag("a redirect is followed, to another origin without credentials")}
_ALSO = {
    "also": mapping(
        keys(
            "a further question",
            {
                **_REQUEST,
                **_URL,
                "when": expression("`ended`, `unsuccessful`, or a condition over the body"),
            },
            minProperties=1,
        ),
        "further questions: their answers stand under these names in the job's body",
        _PART,
    )
}
_PAGING = keys(
    "how the next page is asked for",
    {
        "page": text("the parameter that counts pages"),
        "first": whole("the number of the first page"),
        "offset": text("the parameter that counts records"),
        "cursor": text("the parameter that takes a cursor"),
        "at": expression("where the answer has the next cursor"),
        "url": expression("where the answer has the next URL"),
        "link": enum("the Link header's relation", "next"),
        "size": text("the parameter that says how many records a page has"),
        "largest": whole("the most that it may say", 1),
        "more": expression("there is more only where this holds"),
        "in": enum("where the parameters stand", "query", "body", "header"),
    },
    minProperties=1,
)
_PAGES = {"paging": _PAGING, "total": expression("how many there are over all pages")}
_TEXTS = "an expression, or several: the first that gives text"
_MEANING: dict[str, Schema] = {
    "status": expression("the service's word"),
    "states": keys(
        "our state: the service's words for it",
        {
            state: {
                "anyOf": [WORD, several(WORD, "words")],
                "description": f"the words that mean {state}",
            }
            for state in _STATES
        },
    ),
    "when": keys(
        "what takes the place of succeeded: the first that holds",
        {state: expression(f"it is {state}") for state in ("failed", "cancelled", "partial")},
    ),
    "name": one_or_more(expression("over the body"), _TEXTS),
    "message": one_or_more(expression("over the body"), _TEXTS),
    "error_code": one_or_more(expression("over the body"), _TEXTS),
    "web": one_or_more(expression("over the body"), f"a page for people; {_TEXTS}"),
    **{
        time: reading(f"when the job was {time.partition('_')[0]}", unit=_TIME)
        for time in ("created_at", "started_at", "updated_at", "ended_at")
    },
    "duration_seconds": reading("how long it ran", unit=_SPAN),
    "times": {**_TIME, "description": "the unit of times that are numbers; s if left out"},
    "progress": keys(
        "how far it is",
        {
            "percent": reading("from 0 to 100, `42%` or `3/5`", of=_SHARE),
            **{
                count: expression(f"how many items: {count}")
                for count in ("total", "succeeded", "failed", "skipped", "pending")
            },
        },
    ),
    "failures": keys(
        "the items that failed",
        {
            "at": expression("the array or object of items"),
            **{
                name: one_or_more(expression("over an item"), _TEXTS)
                for name in ("id", "name", "message")
            },
        },
        "at",
    ),
    "detail": mapping(expression("over the body"), "further facts worth a look"),
    "warnings": several(
        keys(
            "a warning",
            {"when": expression("a condition"), "text": text("what is told then")},
            "when",
            "text",
        ),
        "what a person should be told",
    ),
}
_LIST = {
    **_REQUEST,
    "records": expression("where the answer has the jobs"),
    "ids": mapping(expression("over a record"), "where a record has the id's parts, if not `at`"),
    "within": several(text("an id part or a setting"), "what the list is of"),
    "look": flag("the list gives ids alone: each job is looked at"),
    "job": keys("the meaning of a record, where it differs from a job's", _MEANING),
    **_PAGES,
    "order": enum("which come first", "newest", "oldest"),
    "filters": keys(
        "what the service filters itself",
        {
            "state": keys(
                "for each state, the parameters that choose it",
                {state: mapping(template("its value"), "parameters") for state in _STATES},
            ),
            "since": mapping(template("{rfc3339}, {s} or {ms}"), "parameters of a time"),
        },
    ),
}
_RESULTS = {
    **_REQUEST,
    **_URL,
    **_FOLLOW,
    **_ALSO,
    "records": expression("where the answer has the records"),
    "one": flag("the value is one record, whatever it is"),
    "format": enum("a body of lines", "ndjson", "csv", "tsv"),
    "fields": expression("names for rows that are arrays"),
    "key": expression("what makes a record the same one"),
    "columns": several(text("a field, by its path"), "what a table shows of a record"),
    **_PAGES,
    "before_end": flag("a job that has not ended has some"),
}
_LOGS = {
    **_REQUEST,
    **_URL,
    **_FOLLOW,
    **_ALSO,
    "text": expression("where the answer has the text; else the body is it"),
    "format": enum("a body of events or lines", "events", "ndjson"),
    "order": enum("which come first", "newest", "oldest"),
    **_PAGES,
    "before_end": flag("a job that has not ended has some"),
}
_SECRET = "a setting or a template"
_GRANT = {
    name: template(what)
    for name, what in (
        ("token_url", "where tokens are had"),
        ("client_id", "the application"),
        ("client_secret", "the application's secret"),
        ("scope", "the scope to ask for"),
        ("audience", "the audience to ask for"),
    )
}
_LOGIN: dict[str, Schema] = {
    "path": template("the path below `base_url`", "path"),
    "url": template("the whole URL"),
    "method": enum("POST if left out", "GET", "POST"),
    "query": mapping(template("its value"), "the query's parameters"),
    "body": _JSON,
    "form": mapping(template("its value"), "fields of a form"),
    "basic": {"$ref": "#/$defs/basic"},
    "token": expression("where the answer has the token"),
    "expires_in": expression("how many seconds it lives"),
    "send": mapping(template("{token} is the new token"), "headers of every request"),
}
_WAY = keys(
    "a way of signing in",
    {
        "bearer": text("the setting that is a bearer token"),
        "headers": mapping(template(_SECRET), "headers of every request"),
        "query": mapping(template(_SECRET), "parameters of every request"),
        "basic": {"$ref": "#/$defs/basic"},
        "oauth2": keys(
            "OAuth 2, client credentials",
            {**_GRANT, "in": enum("where the secret goes", "header", "body")},
            "token_url",
            "client_id",
            "client_secret",
        ),
        "login": keys("a token for a name and a password", _LOGIN, "token"),
        "aws": keys(
            "Signature Version 4",
            {"service": text("the signing name"), "region": template("the region")},
            "service",
        ),
        "google": keys(
            "as gcloud signs in",
            {"scopes": one_or_more(text("a scope"), "the scopes to ask for")},
        ),
        "azure": keys("as az signs in", {"scope": template("the scope to ask for")}, "scope"),
        "oci": keys("as the oci tool signs in", {}),
        "huawei": keys("AK/SK or IAM", {"service": text("the name of the service")}),
    },
    minProperties=1,
    maxProperties=1,
)
_BASIC = {
    "anyOf": [
        text("the setting that is `user:password`"),
        keys(
            "a user and a password",
            {"user": template("the user"), "password": template("the password")},
            "user",
            "password",
        ),
    ],
    "description": "basic authentication",
}
_SETTINGS = {
    "anyOf": [
        word("its default, a template", **{"x-reads": "template"}),
        keys(
            "a setting",
            {
                "help": text("what it is"),
                "env": several(text("a variable"), "the vendor's variables"),
                "default": template("what it is where nothing gives it"),
                "secret": flag("it is never shown"),
                "optional": flag("nothing needs it"),
                "pattern": text(
                    "what a vendor's variable looks like, to count", **{"x-reads": "pattern"}
                ),
                "tool": enum("what a vendor's tool keeps in its file", *VALUES),
                "choices": several(WORD, "the words it may be"),
                "type": enum("what it is in a body", "string", "integer", "number", "boolean"),
            },
        ),
    ],
    "description": "a setting",
}
_IDS = keys(
    "a part of the id",
    {
        "name": text("its name", pattern=f"^{_PART}$"),
        "help": text("what it is"),
        "pattern": text("its form; repeated groups are possessive", **{"x-reads": "pattern"}),
        "example": word("one that could be"),
        "optional": flag("a job is named without it, too"),
        "rest": flag("it takes all that is left over, slashes too"),
        "type": enum("what it is in a body", "string", "integer"),
        "at": expression("over the job: where it tells this part; one of another job is none"),
    },
    "name",
)
_ANSWER = keys(
    "what the service says",
    {
        "status": whole("the HTTP status, 200 if left out", 100),
        "headers": mapping(WORD, "its headers"),
        "body": {"description": "its body; a text is the body as it is", "x-json": True},
        "file": text("a file beside this one that holds the body"),
    },
)
_EXAMPLE = keys(
    "an example, for checks, the sandbox and tests",
    {
        "id": word("the id of a job that is looked at"),
        "list": {"type": ["string", "null"], "description": "what is listed within"},
        "results": word("the id of a job whose results are asked for"),
        "logs": word("the id of a job whose logs are asked for"),
        "settings": mapping(WORD, "settings of this example"),
        "answers": several(_ANSWER, "what the service says to one request after another"),
        "expect": {"description": "what must come of it", "x-json": True},
    },
    "answers",
)

LANGUAGE: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A provider of jobctl",
    "$defs": {"auth": one_or_more(_WAY, "how to sign in"), "basic": _BASIC},
    **keys(
        "A service whose jobs jobctl can look at.",
        {
            "title": text("what people call the service"),
            "docs": text("the vendor's page"),
            "life": text("how long the service will be there"),
            "account": text("the section of a profile", pattern=f"^{NAME}$"),
            "settings": mapping(_SETTINGS, "what can be set", _SETTING),
            "auth": {"$ref": "#/$defs/auth"},
            "headers": mapping(template("its value"), "headers of every request"),
            "ids": several(_IDS, "the parts of an id, in their order", minItems=1),
            "pages": several(
                word(
                    "such as `https://ci.example/{repo}/runs/{run}`; a path is on base_url's host"
                ),
                "the addresses of a job's page for people, that may be pasted as the job",
            ),
            "get": one_or_more(
                keys("a request", {**_REQUEST, **_ALSO}, minProperties=1),
                "the request that looks at a job",
            ),
            "job": keys("what the answer means", _MEANING, "status", "states"),
            "list": keys("the request that lists jobs", _LIST, minProperties=1),
            "results": one_or_more(
                keys("a request", _RESULTS, minProperties=1),
                "the requests for what a job produced",
            ),
            "logs": one_or_more(
                keys("a request", _LOGS, minProperties=1), "the requests for what a job wrote"
            ),
            "errors": _RULES,
            "error": keys(
                "where the words of an error are",
                {"message": expression("the message"), "code": expression("the code")},
            ),
            "pace": keys(
                "the pauses between two looks",
                {"first": word("the shortest"), "longest": word("the longest")},
            ),
            "examples": several(_EXAMPLE, "what the service says, and what becomes of it"),
        },
        "title",
        "ids",
        "get",
        "job",
    ),
}
