"""From what a file says to what it means; what contradicts itself is told with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from jobctl.accounts import check_address, huawei
from jobctl.config import COMMON, Kind, Setting
from jobctl.config.toolbox import VALUES
from jobctl.declared import language
from jobctl.declared.filling import complete
from jobctl.declared.judge import Mistakes, Text
from jobctl.declared.meaning import meaning_of
from jobctl.declared.names import Scope, expression, read, several, used
from jobctl.declared.requests import listing_of, request_of, rules_of, source_of, ways_of
from jobctl.declared.spec import Example, Spec, Way
from jobctl.declared.template import Hole
from jobctl.errors import UsageError
from jobctl.models import duration
from jobctl.provider import IdPart
from jobctl.provider.path import names_in

_ANY = r"(?!\.{1,2}\Z)[^\x00-\x1f\x7f]+"
_BASE_URL = "where the API lies"
_COMMON = {one.name: one for one in COMMON}
_ASKED = ("path", "query", "body")
_WORD = re.compile(r"[A-Za-z_]\w*")
_LONGEST_PAUSE = 3600.0
# An escape or a class, which hold no group; or the end of a group that is repeated.
_REPEATED = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]?|(\)(?:[*+]|\{[\d,]{1,9}\}))[?+]?", re.DOTALL
)


def build(name: str, told: Mapping[str, Any], mistakes: Mistakes, place: str) -> Spec | None:
    """What a file means, None where it lacks what a provider needs.

    `told` is what the judge has read; `place` is that of the file, for what stands nowhere.
    """
    if not re.fullmatch(language.NAME, name):
        mistakes.say(place, f"{name!r} cannot be the name of a provider: write {language.NAME}")
    settings = told.get("settings", {})
    made = tuple(_settings(settings))
    if any("huawei" in way for way in several(told.get("auth"))):
        own = {one.name for one in made}
        made += tuple(one for one in huawei.ACCOUNT.settings if one.name not in own)
    ids = tuple(_ids(told.get("ids", ()), mistakes))
    scope = Scope(
        mistakes,
        {one.name for one in made},
        {one.name for one in made if one.secret},
    )
    _check_settings(settings, scope)
    whole = scope.and_(*(part.name for part in ids))
    get = tuple(request_of(one, whole) for one in several(told.get("get")))
    _check_ids(told.get("ids", ()), get, mistakes)
    _check_pages(told.get("pages", ()), ids, mistakes)
    job = told.get("job")
    meaning = meaning_of(job, mistakes) if isinstance(job, dict) else None
    listed = told.get("list")
    at = {str(one["name"]): expression(one["at"]) for one in told.get("ids", ()) if "at" in one}
    listing = listing_of(listed, job or {}, ids, at, whole) if listed and meaning else None
    results, logs = (
        tuple(source_of(one, whole, logs=verb == "logs") for one in several(told.get(verb)))
        for verb in ("results", "logs")
    )
    ways, headers = ways_of(told.get("auth"), scope), scope.templates(told.get("headers"))
    sent = (get, listing, results, logs, headers, [read(text) for _, text in _defaults(settings)])
    _check_tools(settings, ways or (), set(used(sent)), mistakes)
    pace = _pace(told.get("pace", {}), mistakes)
    if mistakes or meaning is None or not get or not ids:
        return None
    columns = [field for one in several(told.get("results")) for field in one.get("columns", ())]
    free = _only_asked_with(told) - {name for way in ways or () for name in used(way)}
    tokens = [way.told for way in ways or () if way.kind == "bearer"]
    return Spec(
        name=name,
        title=told["title"],
        docs=told.get("docs", ""),
        life=told.get("life", ""),
        account=told.get("account", name),
        settings=tuple(_weighed(one, settings, free, tokens) for one in made),
        defaults={
            key: template for key, text in _defaults(settings) if (template := read(text)).names
        },
        types={
            **{str(key): str(one["type"]) for key, one in settings.items() if _typed(one)},
            **{str(one["name"]): str(one["type"]) for one in told["ids"] if "type" in one},
        },
        ids=ids,
        told=at,
        pages=tuple(map(str, told.get("pages", ()))),
        get=get,
        meaning=meaning,
        listing=listing,
        results=results,
        columns=tuple(dict.fromkeys(columns)),
        logs=logs,
        ways=ways,
        headers=headers,
        rules=rules_of(told.get("errors")),
        error={key: expression(text) for key, text in told.get("error", {}).items()},
        pace=pace,
        examples=tuple(_examples(told.get("examples", ()))),
    )


def _check_pages(pages: Iterable[Text], ids: Iterable[IdPart], mistakes: Mistakes) -> None:
    """A page is one of https, and its address names each part of an id that must be there."""
    parts = {one.name: one for one in ids}
    for page in pages:
        names = [name.removeprefix("+") for name in names_in(page)]
        if not page.startswith(("https://", "/")):
            mistakes.say(page.place, "a page begins with https:// or a slash")
        for name in dict.fromkeys(names):
            if name not in {*parts, "_"}:
                mistakes.say(page.place, f"{name!r} is no part of the id")
        for name, part in parts.items():
            if name not in names and not part.optional:
                mistakes.say(page.place, f"a page names each part of the id, and not {name!r}")
        if len(names) > len(set(names)):
            mistakes.say(page.place, "a page names each part once")


def _typed(told: Any) -> bool:
    return isinstance(told, dict) and "type" in told


def _defaults(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, told in settings.items():
        default = told.get("default") if isinstance(told, dict) else told
        if default is not None:
            yield name, default


def _only_asked_with(told: Mapping[str, Any]) -> set[str]:
    """The names that paths, parameters and bodies of requests have, and nothing else of the file.

    They choose what is asked for, and neither where nor who asks.
    """
    asked: set[str] = set()
    others: set[str] = {"base_url"}

    def look(value: Any, found: set[str], *, request: bool = False) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                look(one, asked if request and key in _ASKED else found, request=request)
        elif isinstance(value, list):
            for one in value:
                look(one, found, request=request)
        elif isinstance(value, str):
            found |= {
                name for hole in re.findall(r"\{([^{}]*)\}", value) for name in _WORD.findall(hole)
            }

    for key, value in told.items():
        look(value, others, request=key in ("get", "list", "results", "logs"))
    return asked - others


def _weighed(
    setting: Setting, own: Mapping[str, Any], free: set[str], tokens: Sequence[str]
) -> Setting:
    """A setting of the file, harmless if no more than requests are made with it."""
    if setting.name not in own or setting.name in _COMMON:
        return setting
    return setting._replace(
        harmless=setting.name in free and not setting.secret,
        kind=Kind.WORD if setting.name in tokens else setting.kind,
    )


def _settings(settings: Mapping[str, Any]) -> Iterator[Setting]:
    if "base_url" not in settings:
        yield Setting("base_url", _BASE_URL, required=True, check=_check_base_url)
    defaults = dict(_defaults(settings))
    for name, told in settings.items():
        more = told if isinstance(told, dict) else {}
        if name in _COMMON:
            yield _COMMON[name]._replace(env=tuple(more.get("env", ())))
            continue
        default = defaults.get(name)
        template = default is not None and bool(read(default).names)
        what = more.get("help") or (_BASE_URL if name == "base_url" else str(name))
        made = Setting(
            str(name),
            f"{what}; else {default}" if template else what,
            tuple(more.get("env", ())),
            default=None if template else read(default).text({}) if default is not None else None,
            secret=more.get("secret", False),
            required=default is None and not more.get("optional"),
            choices=tuple(more.get("choices", ())),
            pattern=_settled(more.get("pattern", "")),
            tool=str(more.get("tool", "")),
        )
        yield made._replace(check=_check_base_url) if name == "base_url" else made


def _check_base_url(text: str, name: str) -> None:
    check_address(complete(text.rstrip("/")), name)


def _check_settings(settings: Mapping[str, Any], scope: Scope) -> None:
    """Defaults name settings, none in a circle; that of `base_url` is https and holds no secret.

    What every provider has is the user's to set, such as whom to trust: a file names variables.
    """
    for name in settings.keys() & _COMMON.keys():
        if not isinstance(settings[name], dict) or settings[name].keys() - {
            "help",
            "env",
            "optional",
        }:
            scope.say(name, f"every provider has {name}: a file may only name variables in `env`")
    needs: dict[str, tuple[str, ...]] = {}
    for name, default in _defaults(settings):
        needs[name] = (scope.host if name == "base_url" else scope.template)(default).names
        choices = settings[name].get("choices") if isinstance(settings[name], dict) else None
        if choices and default not in choices:
            scope.say(default, f"{default!r} is none of the choices of {name}")
    for name in needs:
        if name in _all_needs(name, needs):
            scope.say(name, f"the default of {name} needs itself")


def _check_tools(
    settings: Mapping[str, Any], ways: Iterable[Way], sent: set[str], mistakes: Mistakes
) -> None:
    """What a vendor's tool keeps secret signs in at `base_url`, and goes nowhere else."""
    away = {name for way in ways if not _stays(way) for name in used(way)}
    for name, told in settings.items():
        tool = told.get("tool") if isinstance(told, dict) else None
        if tool is None or not VALUES[tool]:
            continue
        if not told.get("secret"):
            mistakes.say(tool.place, f"{tool} is a secret: write `secret: true`")
        if name in sent | away:
            mistakes.say(tool.place, f"{tool} signs in at base_url: {str(name)!r} goes elsewhere")


def _stays(way: Way) -> bool:
    """Whether a way of signing in shows what it has to `base_url` alone."""
    if way.kind == "login":
        return "url" not in way.told
    return way.kind != "oauth2" or way.told["token_url"].pieces[:1] == (Hole("base_url"),)


def _all_needs(name: str, needs: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The settings that a default needs, and those that theirs need."""
    found: set[str] = set()
    left = list(needs.get(name, ()))
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += needs.get(one, ())
    return found


def _ids(told: Any, mistakes: Mistakes) -> Iterator[IdPart]:
    seen: set[str] = set()
    rests = 0
    for number, one in enumerate(told):
        name = one.get("name")
        if name is None:
            continue
        if name in seen:
            mistakes.say(name.place, f"two id parts are called {name!r}")
        seen.add(name)
        if one.get("optional") and number < len(told) - 1:
            mistakes.say(name.place, "only the last id part can be optional")
        rests += bool(one.get("rest"))
        if one.get("rest") and rests > 1:
            mistakes.say(name.place, "only one id part can take the rest")
        yield IdPart(
            str(name),
            one.get("help", f"a {name}"),
            _settled(one.get("pattern", _ANY)),
            optional=one.get("optional", False),
            rest=one.get("rest", False),
            example=one.get("example"),
        )


def _settled(pattern: str) -> str:
    """The pattern, its repeated groups possessive: they give nothing back.

    What can be read in several ways, as by `(a+)+`, would be read in all of them, for years.
    """
    return _REPEATED.sub(lambda found: f"{found[1]}+" if found[1] else found[0], pattern)


def _check_ids(told: Any, get: tuple[Any, ...], mistakes: Mistakes) -> None:
    names = {name for request in get for name in used(tuple(request))}
    for one in told:
        name = one.get("name")
        if name is not None and get and name not in names:
            mistakes.say(name.place, f"`get` does not use the id part {name!r}")


def _pace(told: Mapping[str, Text], mistakes: Mistakes) -> tuple[float, float]:
    pace = {"first": 1.0, "longest": 60.0}
    for name, text in told.items():
        try:
            pace[name] = duration(text)
        except UsageError as error:
            mistakes.say(text.place, f"{name}: {error.message}")
    first = min(max(pace["first"], 0.1), _LONGEST_PAUSE)
    return first, min(max(pace["longest"], first), _LONGEST_PAUSE)


def _examples(told: Any) -> Iterator[Example]:
    for one in told:
        kind = next((kind for kind in ("id", "list", "results", "logs") if kind in one), "")
        make = partial(Example, kind, str(one.get(kind) or ""), tuple(one.get("answers", ())))
        yield make(
            settings=one.get("settings", {}), expect=one.get("expect"), place=next(iter(one)).place
        )
