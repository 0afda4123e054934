"""The ways of signing in that a file names, as an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from jobctl import payload
from jobctl.accounts import Account, Need, huawei
from jobctl.accounts import Way as AccountWay
from jobctl.config import Profile
from jobctl.declared.filling import complete, filled_in
from jobctl.declared.mapping import find
from jobctl.declared.names import used
from jobctl.declared.setting import lacking, value_of
from jobctl.declared.spec import Spec, Way
from jobctl.declared.template import Template
from jobctl.masking.secrets import hide

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.clock import Clock

# Their libraries know whether anything is set up.
_VENDORS = {"aws": "botocore", "google": "google.auth", "azure": "azure.identity", "oci": "oci"}
Make = Callable[[Profile, "TokenCache", "Clock | None"], "httpx.Auth"]


def account_of(spec: Spec) -> Account:
    """The account of a file, with its ways of signing in; the settings are the provider's."""
    if "huawei" in spec.kinds:
        return huawei.ACCOUNT._replace(name=spec.account, settings=())
    return Account(spec.account, ways=tuple(_way(spec, way) for way in spec.ways))


def _way(spec: Spec, way: Way) -> AccountWay:
    names = dict.fromkeys(used(way))
    usual = {one.name for one in spec.settings if one.default is not None} | {*spec.defaults}
    # where the service lies is told for more than signing in
    own = () if way.kind in _VENDORS else (name for name in names if name != "base_url")
    marks = tuple(name for name in own if name not in usual)
    must = _must(spec, way)

    def further(profile: Profile) -> tuple[Need, ...]:
        """Once a way is begun, it needs all without which nothing can be sent."""
        begun = not marks or any(profile.source(name) for name in marks)
        return (
            tuple(one for name in must for one in lacking(spec, profile.source, name))
            if begun
            else ()
        )

    return AccountWay(
        way.kind,
        _KINDS[way.kind][0],
        tuple(name for name in marks if spec.requires(name)),
        _make(spec, way),
        further=further,
        begun_by=marks,
        library=_VENDORS.get(way.kind, ""),
    )


def _must(spec: Spec, way: Way) -> Sequence[str]:
    """The settings without which a way cannot send anything.

    A password may be empty where its setting is optional, but not if there is no user either.
    """
    told = way.told
    if way.kind == "oauth2":
        return list(used([told.get(name) for name in ("token_url", "client_id", "client_secret")]))
    if way.kind == "login":
        return list(used([told.get("path"), told.get("url")])) + _pair_must(spec, told["basic"])
    if way.kind == "basic":
        return _pair_must(spec, told)
    if way.kind in ("headers", "query"):
        return list(used(told)) if len(told) == 1 else []
    return [told] if way.kind == "bearer" else []


def _pair_must(spec: Spec, told: Any) -> list[str]:
    if told is None or isinstance(told, str):
        return [told] if told else []
    password = list(used(told["password"]))
    user = list(used(told["user"]))
    return user + [name for name in password if not user or spec.requires(name)]


def _make(spec: Spec, way: Way) -> Make:
    return lambda profile, cache, clock: _KINDS[way.kind][1](
        _Filled(spec, profile), way.told, cache, clock
    )


class _Filled:
    """Templates of a way, filled in from a profile."""

    def __init__(self, spec: Spec, profile: Profile) -> None:
        self.spec = spec
        self.profile = profile

    def text(self, template: Template) -> str | None:
        """The text, None where a name has no value."""
        return template.text(self)

    def address(self, template: Template) -> str:
        """The text of a URL, its host held together."""
        return complete(template.address(self) or "")

    def base_url(self) -> str:
        """The URL below which the service's paths lie."""
        from jobctl.http import check_url

        # whether it may be http was looked at before anybody signs in
        return check_url(complete(str(self.setting("base_url") or "")), "base_url", plain=True)

    def get(self, name: str, /) -> Any:
        """What fills a name."""
        return self.setting(name)

    def setting(self, name: str) -> Any:
        """The value of a setting."""
        return value_of(self.spec, self.profile.get, name)

    def texts(self, told: Mapping[str, Template], **more: str) -> dict[str, str]:
        """Those of the texts that are there."""
        found = {name: template.text(_With(self, more)) for name, template in told.items()}
        return {name: text for name, text in found.items() if text is not None}


class _With(NamedTuple):
    """Values that go before those of a profile."""

    filled: _Filled
    more: Mapping[str, str]

    def get(self, name: str, /) -> Any:
        """What fills a name."""
        return self.more[name] if name in self.more else self.filled.setting(name)


def _bearer(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import bearer

    token = str(filled.setting(told))
    kind, _, rest = token.partition(" ")
    return bearer(rest.strip() if kind.lower() == "bearer" else token)


def _headers(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import Headers

    return Headers(filled.texts(told))


def _query(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.query import Query

    return Query(filled.texts(told))


def _basic(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import basic

    if isinstance(told, str):
        user, _, password = str(filled.setting(told) or "").partition(":")
        hide(password)
        return basic(user, password or None)
    return basic(filled.text(told["user"]) or "", filled.text(told["password"]))


def _oauth2(filled: _Filled, told: Any, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.oauth import ClientCredentials
    from jobctl.http import check_url

    given = {name: filled.text(told[name]) for name in told if name != "in"}
    return ClientCredentials(
        check_url(given["token_url"] or "", "token_url"),
        given["client_id"] or "",
        given["client_secret"] or "",
        scope=given.get("scope"),
        audience=given.get("audience"),
        in_header=told["in"] == "header",
        cache=cache,
        clock=clock,
    )


def _login(filled: _Filled, told: Any, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    import json

    from jobctl.auth.login import Login, SignIn, encoded
    from jobctl.http import check_url

    if "url" in told:
        where = check_url(filled.address(told["url"]), "the URL of the sign-in")
    else:
        where = filled.base_url() + (told["path"].path(filled) or "")
    query = encoded(filled.texts(told.get("query", {})))
    content, kind = b"", ""
    if "form" in told:
        content = encoded(filled.texts(told["form"])).encode()
        kind = "application/x-www-form-urlencoded"
    elif "body" in told:
        content = json.dumps(filled_in(told["body"], filled), ensure_ascii=False).encode()
        kind = "application/json"
    pair = told["basic"]
    shown = {} if pair is None else _pair(filled, pair, cache)
    expires = told["expires_in"]
    sign_in = SignIn(
        "POST" if told["post"] else "GET",
        f"{where}?{query}" if query else where,
        shown,
        content,
        kind,
        lambda body: payload.text(find(told["token"], body)),
        lambda body: None if expires is None else find(expires, body),
        lambda token: filled.texts(told["send"], token=token),
    )
    return Login(sign_in, cache, clock)


def _pair(filled: _Filled, told: Any, cache: TokenCache) -> dict[str, str]:
    """The header of basic authentication."""
    import httpx

    request = httpx.Request("GET", "https://localhost")
    next(_basic(filled, told, cache, None).auth_flow(request))
    return {"Authorization": request.headers["Authorization"]}


def _aws(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.vendors import aws

    return aws(str(told["service"]), filled.text(told["region"]))


def _google(_: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.vendors import google

    return google(told)


def _azure(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.vendors import azure

    return azure(filled.text(told["scope"]) or "")


def _oci(_: _Filled, _told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.vendors import oci

    return oci()


_KINDS: Mapping[str, tuple[str, Callable[[_Filled, Any, TokenCache, Clock | None], httpx.Auth]]] = {
    "bearer": ("a bearer token", _bearer),
    "headers": ("keys in headers", _headers),
    "query": ("keys in the query", _query),
    "basic": ("a user and a password", _basic),
    "oauth2": ("an application, to which the identity provider gives tokens", _oauth2),
    "login": ("a token, which the service gives for credentials", _login),
    "aws": ("credentials as the aws tool finds them", _aws),
    "google": ("credentials as gcloud finds them", _google),
    "azure": ("credentials as az finds them", _azure),
    "oci": ("credentials as oci finds them", _oci),
}
