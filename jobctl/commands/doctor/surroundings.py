"""The variables that programs share: proxies, and whom to trust."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from jobctl.commands.doctor.finding import Finding, of_error, ok, warning
from jobctl.errors import ConfigError
from jobctl.http.proxies import read_proxy
from jobctl.http.tls import faults

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_EXCEPTIONS = "a list such as NO_PROXY=localhost,.example.com"
# what other programs understand there, and Python, whose reading is ours, does not
_ODD = (
    (re.compile(r"://"), "a URL in place of a host"),
    (re.compile(r"[^*]\*|\*[^*]"), "a * in a name"),
    (re.compile(r"[;\s]"), "hosts that no comma parts"),
    (re.compile(r"/\d"), "a network in place of a host"),
    (re.compile(r"""["']"""), "a quote"),
)


def proxies(environ: Mapping[str, str]) -> Iterator[Finding]:
    """The variables that name proxies, and the hosts that are asked without one."""
    told = []
    for name in _PROXIES:
        spellings = [one for one in (name, name.upper()) if environ.get(one)]
        told += spellings
        for one in spellings:
            try:
                read_proxy(one, environ[one])
            except ConfigError as error:
                yield of_error("proxy", error)
        if len({environ[one] for one in spellings}) > 1:
            what = f"{name} and {name.upper()} differ; {name} counts"
            yield warning("proxy", what, f"unset {name.upper()}, or set both alike")
    for one in ("no_proxy", "NO_PROXY"):
        entries = [entry.strip() for entry in environ.get(one, "").split(",")]
        odd = ((why, entry) for entry in entries for mark, why in _ODD if mark.search(entry))
        for why, entry in odd:
            yield warning("proxy", f"{one} has {why}, which excepts nothing: {entry}", _EXCEPTIONS)
    yield ok("proxy", f"proxies: those of {', '.join(told)}" if told else "proxies: none is set")


def trust(environ: Mapping[str, str]) -> Iterator[Finding]:
    """The variables that say whom to trust."""
    found = faults()
    yield from (of_error("trust", error) for error in found)
    named = [one for one in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(one)]
    if not found:
        who = f"those of {' and '.join(named or ['certifi'])}"
        yield ok("trust", f"authorities: {who}")
