"""What accounts have in common whose services take OAuth 2 tokens: settings, and ways to have one.

An account's `Grants` say where tokens are had; see `jobctl.auth` for the flows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from jobctl.accounts import Need, Way, credential
from jobctl.config import Kind, Profile, Setting
from jobctl.config.references import argv

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.auth.device import Endpoints
    from jobctl.auth.federated import Issuer
    from jobctl.auth.oauth import Application
    from jobctl.clock import Clock

TOKEN_COMMAND = Setting(
    "token_command",
    "a command that prints a token and its end as JSON, as kubectl's plug-ins do; run without"
    " a shell",
    kind=Kind.COMMAND,
    check=argv,
)


def _check_request_url(text: str, name: str) -> None:
    from jobctl.http import check_url

    # this one has a query, which is part of it
    place = urlsplit(text)._replace(query="")
    check_url(place.geturl(), name)


# What names the identity of a CI job or a workload, the nearest to it first.
ID_TOKEN = (
    credential("id_token", "an ID token of this job, such as env:NAME of GitLab's id_tokens"),
    Setting("id_token_file", "a file with an ID token", ("AZURE_FEDERATED_TOKEN_FILE",)),
    Setting(
        "id_token_request_url",
        "where a job asks for its ID token, as GitHub has it",
        ("ACTIONS_ID_TOKEN_REQUEST_URL",),
        check=_check_request_url,
    ),
    credential(
        "id_token_request_token",
        "what is shown at id_token_request_url",
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN",),
    ),
    Setting("id_token_audience", "for whom an ID token is asked for at id_token_request_url"),
)
_ID_TOKENS = ("id_token", "id_token_file", "id_token_request_url")


def _id_token_needs(profile: Profile) -> tuple[Need, ...]:
    """What is needed besides, where the job asks for its ID token."""
    return ("id_token_request_token",) if _nearest(profile) == "id_token_request_url" else ()


def _id_token(profile: Profile, audience: str | None) -> tuple[Issuer | Callable[[], str], str]:
    """Where the ID token is from, and what tells it from others; `audience` is the usual one.

    Raises:
        ConfigError: the URL to ask cannot be used.
    """
    from jobctl.auth.federated import Issuer
    from jobctl.config.references import resolve

    name = _nearest(profile)
    if name == "id_token":
        token = profile.require(name)
        return (lambda: token), token
    value, place = profile.require(name), _place(profile, name)
    if name == "id_token_file":
        where = f"{place}: {name}"
        return (lambda: resolve(f"file:{value}", where, {}, profile.folder)), value
    token = profile.require("id_token_request_token")
    return Issuer(value, token, profile.get("id_token_audience") or audience), token


def _nearest(profile: Profile) -> str:
    """The setting that gives the ID token: of those of the nearest place the first."""
    given = profile.nearest(_ID_TOKENS)
    return next((one for one in _ID_TOKENS if one in given), _ID_TOKENS[0])


def _external(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.external import External
    from jobctl.config.references import output

    command = profile.require("token_command")
    what = f"{_place(profile, 'token_command')}: token_command"
    return External(
        command, lambda: output(command, what, profile.environ, profile.patience), cache, clock
    )


def _place(profile: Profile, name: str) -> str:
    origin = profile.origin(name)
    return origin.place if origin else name


EXTERNAL = Way(
    "external",
    "a command that prints a token, as kubectl's plug-ins do",
    ("token_command",),
    _external,
)


class Grants(NamedTuple):
    """How an account's applications, people and jobs have tokens: its ways of that kind.

    `token_url` is where applications and jobs have them, `endpoints` where people do; `wanted`
    gives the scope and the audience to ask for, where it is a person or not. One that shows its
    secret `in_header` shows it there for people and jobs, too, if it has one. `asked_with` goes
    with the question for a code; `exchanged_for` is the usual audience of ID tokens.
    """

    token_url: Callable[[Profile], str]
    endpoints: Callable[[Profile], Endpoints]
    wanted: Callable[[Profile, bool], tuple[str | None, str | None]]
    in_header: bool = False
    asked_with: Mapping[str, str] | None = None
    exchanged_for: Callable[[Profile], str | None] = lambda _: None

    def application(self, profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
        """The flow of an application."""
        from jobctl.auth.oauth import ClientCredentials

        scope, audience = self.wanted(profile, False)
        return ClientCredentials(
            self.token_url(profile),
            profile.require("client_id"),
            profile.require("client_secret"),
            scope=scope,
            audience=audience,
            in_header=self.in_header,
            cache=cache,
            clock=clock,
        )

    def person(self, *needs: Need) -> Way:
        """The way of a person who signs in with a browser."""
        what = "a person, who signs in with a browser once: jobctl auth login"
        whose = ("client_id",)
        return Way(
            "device_code", what, needs, self._person, asked=True, interactive=True, whose=whose
        )

    def job(
        self, *needs: Need, further: Callable[[Profile], tuple[Need, ...]] = lambda _: ()
    ) -> Way:
        """The way of a CI job or a workload, which needs an ID token besides."""
        return Way(
            "federated",
            "the identity of a CI job or a workload, which an application trusts",
            (*needs, _ID_TOKENS),
            self._job,
            further=lambda profile: (*further(profile), *_id_token_needs(profile)),
            asked=True,
            whose=("client_id",),
        )

    def _person(self, profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
        from jobctl.auth.device import DeviceCode

        scope, audience = self.wanted(profile, True)
        return DeviceCode(
            self.endpoints(profile),
            self._client(profile),
            profile.login,
            scope=scope,
            audience=audience,
            asked_with=self.asked_with,
            cache=cache,
            clock=clock,
        )

    def _job(self, profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
        from jobctl.auth.federated import Federated

        scope, audience = self.wanted(profile, False)
        source, known = _id_token(profile, self.exchanged_for(profile))
        return Federated(
            self.token_url(profile),
            self._client(profile),
            source,
            known,
            scope=scope,
            audience=audience,
            cache=cache,
            clock=clock,
        )

    def _client(self, profile: Profile) -> Application:
        from jobctl.auth.oauth import Application

        secret = profile.get("client_secret") if self.in_header else None
        return Application(profile.require("client_id"), secret, self.in_header)
