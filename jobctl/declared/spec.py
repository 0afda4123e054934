"""What a provider file means, as values: no text of the file is looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from jobctl.config import Setting
from jobctl.declared.template import Template
from jobctl.expression import Expression
from jobctl.models import JobState
from jobctl.provider import IdPart

_NONE: Mapping[Any, Any] = MappingProxyType({})


class Rule(NamedTuple):
    """What an error means: it fits where all that is told does; `kind` is one of `KINDS`."""

    kind: str
    statuses: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()
    when: Expression | None = None
    headers: Mapping[str, str] = _NONE
    hint: str | None = None


# As botocore's retries and its own errors have them.
_THROTTLING = """
    Throttling ThrottlingException ThrottledException RequestThrottledException RequestThrottled
    TooManyRequestsException ProvisionedThroughputExceededException RequestLimitExceeded SlowDown
    TransactionInProgressException BandwidthLimitExceeded LimitExceededException
    PriorRequestNotComplete EC2ThrottledException
"""
_SIGNED_WRONG = (
    "InvalidSignatureException SignatureDoesNotMatch RequestExpired RequestTimeTooSkewed"
)
_REFUSING = """
    InvalidClientTokenId InvalidAccessKeyId UnrecognizedClientException AuthFailure
    AccessDenied AccessDeniedException UnauthorizedOperation MissingAuthenticationToken
    MissingAuthenticationTokenException IncompleteSignature NotAuthorized
"""
_WRONG_TIME = "the secret key or this machine's clock is wrong: `jobctl doctor` tells"
_EXPIRED = "the session is over: sign in again, such as with `aws sso login`"
AWS_RULES = (
    Rule("throttled", codes=frozenset(_THROTTLING.split())),
    Rule("auth", codes=frozenset({"ExpiredToken", "ExpiredTokenException"}), hint=_EXPIRED),
    Rule("auth", codes=frozenset(_SIGNED_WRONG.split()), hint=_WRONG_TIME),
    Rule("auth", codes=frozenset(_REFUSING.split())),
    Rule("not-found", codes=frozenset({"ResourceNotFoundException"})),
)


class Way(NamedTuple):
    """A way of signing in: its kind, and what stands below it, templates and expressions read."""

    kind: str
    told: Any


class Paging(NamedTuple):
    """How the next page is asked for.

    `kind` is `page`, `offset`, `cursor`, `url` or `link`; `name` the parameter that takes where a
    page begins, `at` where the answer has it, `first` the number of the first page; `size` the
    parameter that says how many records a page has, at most `largest`; `place` is `query`, `body`
    or `header`.
    """

    kind: str
    name: str = ""
    at: Expression | None = None
    first: int = 1
    size: str | None = None
    largest: int | None = None
    more: Expression | None = None
    place: str = "query"


class Request(NamedTuple):
    """A question: texts are templates; of `body`, `query` and `variables` those inside, too.

    `path` or `url` says where it goes. `accept` are the statuses that are answers, None for 200 to
    299; `whole` tells that expressions see status, headers and body. `also` are further questions,
    by the name their answers get; `when` says of one of those whether it is asked at all. The
    answer is JSON, unless it is taken `as_text`, or `is_unpacked` without being decoded; one that
    `is_stream` may go on for ever.
    """

    path: Template | None = None
    url: Expression | None = None
    query: Mapping[str, Any] = _NONE
    headers: Mapping[str, Template] = _NONE
    post: bool = False
    body: Any = None
    form: Mapping[str, Template] | None = None
    accept: frozenset[int] | None = None
    whole: bool = False
    at: Expression | None = None
    pick: Mapping[str, Template] = _NONE
    names: Mapping[str, Expression] = _NONE
    rules: tuple[Rule, ...] = ()
    base_url: Template | None = None
    ways: tuple[Way, ...] | None = None
    follow: bool = False
    also: Mapping[str, Request] = _NONE
    when: Expression | str | None = None
    as_text: bool = False
    is_stream: bool = False
    is_unpacked: bool = False


class Field(NamedTuple):
    """Where something stands: the first of the expressions that gives anything, and its unit."""

    places: tuple[Expression, ...]
    unit: str | float | None = None


class Meaning(NamedTuple):
    """What an answer says of a job; `states` maps words in small letters, `*` all the others."""

    status: Expression
    states: Mapping[str, JobState]
    when: Mapping[JobState, Expression] = _NONE
    texts: Mapping[str, Field] = _NONE
    times: Mapping[str, Field] = _NONE
    duration: Field | None = None
    percent: Field | None = None
    counts: Mapping[str, Expression] = _NONE
    failures: tuple[Expression, Mapping[str, Field]] | None = None
    detail: Mapping[str, Expression] = _NONE
    warnings: tuple[tuple[Expression, str], ...] = ()

    @property
    def reached(self) -> set[JobState]:
        """The states that a job can be in."""
        known = set(self.states.values())
        return known | self.when.keys() if JobState.SUCCEEDED in known else known


class Pages(NamedTuple):
    """A request whose answer comes in pages; `total` is how many there are over all of them."""

    request: Request
    paging: Paging | None = None
    total: Expression | None = None


class Listing(NamedTuple):
    """How jobs are listed; `within` names what the list is of."""

    pages: Pages
    records: Expression
    ids: Mapping[str, Expression]
    within: tuple[str, ...]
    look: bool
    meaning: Meaning
    newest_first: bool | None
    states: Mapping[JobState, Mapping[str, Template]] = _NONE
    since: Mapping[str, Template] = _NONE


class Source(NamedTuple):
    """A request for results or logs, and how its answer is read.

    `format` is one of a body of lines; `one` takes the value for one record; `fields` names the
    columns of rows that are arrays; `newest_first` turns lines round; `path` are the names that
    lead to records which can be taken out undecoded.
    """

    pages: Pages
    value: Expression | None = None
    one: bool = False
    format: str | None = None
    fields: Expression | None = None
    key: Expression | None = None
    before_end: bool = False
    newest_first: bool = False
    path: tuple[str, ...] | None = None

    @property
    def early(self) -> bool:
        """Whether it can be asked without a look at the job."""
        request = self.pages.request
        return self.before_end and not (request.names or request.url or request.also)


class Example(NamedTuple):
    """What the service says to one request after another, and what must come of it.

    `kind` is `id`, `list`, `results` or `logs`, `of` the job or what is listed within.
    """

    kind: str
    of: str
    answers: tuple[Mapping[str, Any], ...]
    settings: Mapping[str, str] = _NONE
    expect: Any = None
    place: str = ""


class Spec(NamedTuple):
    """A provider as its file says.

    `told` is where the answer to a look tells parts of the id, `folder` where the file lies.
    """

    name: str
    title: str
    docs: str
    life: str
    account: str
    settings: tuple[Setting, ...]
    defaults: Mapping[str, Template]
    types: Mapping[str, str]
    ways: tuple[Way, ...]
    headers: Mapping[str, Template]
    ids: tuple[IdPart, ...]
    told: Mapping[str, Expression]
    get: tuple[Request, ...]
    meaning: Meaning
    listing: Listing | None = None
    results: tuple[Source, ...] = ()
    columns: tuple[str, ...] = ()
    logs: tuple[Source, ...] = ()
    rules: tuple[Rule, ...] = ()
    error: Mapping[str, Expression] = _NONE
    pace: tuple[float, float] = (1.0, 60.0)
    examples: Sequence[Example] = ()
    pages: tuple[str, ...] = ()
    folder: Path = Path()

    @property
    def known(self) -> frozenset[str]:
        """The names of the settings."""
        return frozenset(one.name for one in self.settings)

    def requires(self, name: str) -> bool:
        """Whether a setting must be there, whatever it is for."""
        return any(one.required for one in self.settings if one.name == name)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of signing in."""
        return frozenset(way.kind for way in self.ways)

    @property
    def usual_rules(self) -> tuple[Rule, ...]:
        """What errors mean wherever one signs in like that."""
        return AWS_RULES if "aws" in self.kinds else ()
