"""What credentials look like: quotes, blanks, names of variables, tokens that have ended."""

from __future__ import annotations

import os
import re
import shlex
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from jobctl import payload
from jobctl.commands.doctor.finding import Finding, warning
from jobctl.config import Profile, Setting
from jobctl.config.folders import expanded
from jobctl.config.profile import Origin, Where
from jobctl.config.references import KINDS
from jobctl.errors import JobctlError
from jobctl.models import rfc3339
from jobctl.provider import Manifest

_AGAIN = "set it anew, without it"
_ANEW = "set it anew; in config.yaml env:NAME stands for the value of a variable"
_OF_ANY = (
    (re.compile(r"[\"'`].*|.*[\"'`]", re.DOTALL), "begins or ends with a quote", _AGAIN),
    (re.compile(r"\s.*|.*\s", re.DOTALL), "begins or ends with a blank", _AGAIN),
    (re.compile(r"<.*>|(your|my)[-_ ].*|x{3,}|\.{3}|changeme", re.IGNORECASE | re.DOTALL),
     "is what stands there in an example", "give your own"),
)  # fmt: skip
_OF_SECRETS = (
    (re.compile(r"(bearer|apikey|basic|token) .*", re.IGNORECASE),
     "begins with the word that goes before it in a header", "give what follows that word"),
    (re.compile(f"({'|'.join(KINDS)}):.*", re.DOTALL),
     "is a reference, which counts in config.yaml alone",
     "write it there, or give the secret itself"),
    (re.compile(r".{1,7}", re.DOTALL), "is shorter than any that a service gives",
     "copy the whole of it"),
)  # fmt: skip
_JWT = re.compile(r"eyJ[\w-]*(?:\.[\w-]*)*")
_OTHERS = 0o077
_LATEST = 1e11
_PARTS = (3, 5)  # signed, and encrypted


def shapes(provider: type[Manifest], profile: Profile, now: float) -> Iterator[Finding]:
    """What is odd with the values that a user gave; one that cannot be had is passed over."""
    for setting in provider.all_settings():
        try:
            origin = profile.origin(setting.name)
            value = profile.get(setting.name)
        except JobctlError:
            continue  # whoever needs it tells why
        if origin is None or value is None or origin.where is Where.DEFAULT:
            continue
        doubt = setting.doubt(value)
        if doubt:
            yield warning("credentials", f"{origin.place}: {doubt}", _ANEW)
        else:
            for why, mend in _odd(setting, value, now):
                what = f"{origin.place}: {setting.name} {why} (not shown)"
                yield warning("credentials", what, mend)
        if setting.secret:
            yield from _others_read(origin)


def _odd(setting: Setting, value: str, now: float) -> Iterator[tuple[str, str]]:
    """What is odd with a value, and what mends it: the first of its shapes tells enough."""
    shapes = (*_OF_ANY, *_OF_SECRETS) if setting.secret else _OF_ANY
    found = next(((why, mend) for shape, why, mend in shapes if shape.fullmatch(value)), None)
    if found:
        yield found
    elif setting.secret and _JWT.fullmatch(value):
        parts = value.split(".")
        ended = _end(parts[1]) if len(parts) in _PARTS else None
        if len(parts) not in _PARTS:
            yield "is a token that was cut off", "copy the whole of it"
        elif ended is not None and ended <= now:
            moment = rfc3339(datetime.fromtimestamp(ended, UTC))
            yield f"is a token that ended at {moment}", "get a new one"


def _end(part: str) -> float | None:
    """When a token ends, by the claim `exp` of its second part (RFC 7519); None if untold."""
    try:
        claims = payload.json_or_none(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None
    ends = payload.number(payload.mapping(claims).get("exp"))
    return float(ends) if ends is not None and 0 < ends < _LATEST else None


def _others_read(origin: Origin) -> Iterator[Finding]:
    """The file of a secret of its own, if it is open to others."""
    if os.name != "posix" or not (origin.reference or "").startswith("file:"):
        return
    path = Path(origin.file).parent / expanded(
        (origin.reference or "").removeprefix("file:").strip()
    )
    if path.stat().st_mode & _OTHERS:
        mend = f"chmod 600 {shlex.quote(str(path))}"
        yield warning("credentials", f"{path} holds a secret and others can read it", mend)
