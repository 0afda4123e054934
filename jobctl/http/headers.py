"""What the headers of an answer say."""

import re
import time
from collections.abc import Mapping

from jobctl import payload

REQUEST_IDS = (
    "x-request-id",
    "x-correlation-id",
    "x-iam-trace-id",
    "x-oracle-dms-ecid",
    "opc-request-id",
    "x-ms-request-id",
)
_LONGEST = 1e9
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_RESETS = ("x-ratelimit-reset", "ratelimit-reset")
_REMAINING = ("x-ratelimit-remaining", "ratelimit-remaining")
_LIMITED = frozenset({403, 429})


def request_id(headers: Mapping[str, str]) -> str | None:
    """The id under which the service's operators find the request; `headers` ignores case."""
    return next((headers[name] for name in REQUEST_IDS if headers.get(name)), None)


def retry_after(
    headers: Mapping[str, str], now: float | None = None, status: int = 200
) -> float | None:
    """The pause in seconds that an answer asks for: by `Retry-After`, as seconds or as a date.

    Where a 403 or 429 has none, it is the time until a rate limit that is used up begins anew, as
    `x-ratelimit-reset` and `ratelimit-reset` (seconds, or since 1970) or `RateLimit` tell it.
    Moments are reckoned from the answer's own `Date`, since the clocks of two machines differ;
    where it has none, from `now`, seconds since 1970. None when no pause is asked for, and when it
    lies in the past or makes no sense. See RFC 9110, section 10.2.3, and
    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    text = headers.get("retry-after", "").strip()
    if not text and status not in _LIMITED:
        return None  # nearly every answer: it should not cost the reading of a date
    date = payload.http_time(headers.get("date"))
    answered = date.timestamp() if date else time.time() if now is None else now
    if _NUMBER.fullmatch(text):
        pause = float(text)
    elif (moment := payload.http_time(text)) is not None:
        pause = moment.timestamp() - answered
    else:
        told = _reset(headers, answered) if status in _LIMITED and not text else None
        if told is None:
            return None
        pause = told
    return min(pause, _LONGEST) if pause >= 0 else None


def _reset(headers: Mapping[str, str], answered: float) -> float | None:
    """Seconds until a limit that is used up begins anew."""
    if any(headers.get(name, "0").strip() != "0" for name in _REMAINING):
        return None
    for name in _RESETS:
        text = headers.get(name, "").strip()
        if _NUMBER.fullmatch(text):
            moment = float(text)
            return moment if moment < _LONGEST else moment - answered
    limits = headers.get("ratelimit", "").split(",")
    used_up = (one for one in limits if not re.search(r";\s*r=0*[1-9]", one))
    waits = [int(found[1]) for one in used_up if (found := re.search(r";\s*t=(\d{1,9})\b", one))]
    return max(waits, default=None)
