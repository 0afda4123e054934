"""What the headers of an answer say."""

import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

REQUEST_IDS = (
    "x-request-id",
    "x-correlation-id",
    "x-iam-trace-id",
    "x-oracle-dms-ecid",
    "opc-request-id",
    "x-ms-request-id",
)
_LONGEST = 1e9


def request_id(headers: Mapping[str, str]) -> str | None:
    """The id under which the service's operators find the request; `headers` ignores case."""
    return next((headers[name] for name in REQUEST_IDS if headers.get(name)), None)


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """The pause in seconds that `Retry-After` asks for, as seconds or as a date.

    A date is reckoned from the answer's own `Date`, since the clocks of two machines differ; where
    it has none, from `now`, seconds since 1970. None when no pause is asked for, and when it lies
    in the past or makes no sense. See RFC 9110, section 10.2.3.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        pause = float(text)
    else:
        then, answered = _date(text), _date(headers.get("date", ""))
        if then is None:
            return None
        if answered is None:
            answered = time.time() if now is None else now
        pause = then - answered
    return min(pause, _LONGEST) if pause >= 0 else None


def _date(text: str) -> float | None:
    """An HTTP date as seconds since 1970."""
    try:
        date = parsedate_to_datetime(text)
        # HTTP dates are UTC, also those that do not say so
        return date.replace(tzinfo=date.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
