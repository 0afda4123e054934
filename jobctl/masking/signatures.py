"""Signed URLs: what signs them, in one table, and where in a text it stands.

Whoever has such a URL may do what was signed, until it ends. Vendors put the signature into the
query or into the path. What stands beside it, such as its end or a file's name, tells nothing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qsl

from jobctl.payload import integer, iso_time, later

MASK = "***"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Values that let nobody in, whatever their name.
_NO_SECRET = rb"(?!(?:\d{1,3}|true|false|yes|no|none|null|undefined)(?![\w.~+/=%-]))"


class Signature(NamedTuple):
    """A way of signing URLs.

    `names` are the parameters, small and without what parts their words; where those alone tell
    nothing, `beside` must stand in the same URL, or `value` is what the parameter's looks like.
    Names that no other parameter has are masked `alone`, too: outside of URLs. `path` is a pattern
    with the signature as its group, and `mark` what stands in whatever it finds.
    """

    vendor: str
    names: str | None = None
    beside: str | None = None
    value: bytes | None = None
    alone: bool = False
    path: bytes | None = None
    mark: bytes = b""


SIGNATURES = (
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    # https://cloud.google.com/storage/docs/authentication/signatures (goog)
    # https://help.aliyun.com/en/oss/developer-reference/add-signatures-to-urls (oss)
    Signature(
        "AWS 4 and those alike: Google, Alibaba, Huawei, Tencent, Volcengine",
        r"x(amz|goog|oss|obs|cos|tos)(signature|credential|securitytoken|accesskeyid)",
        alone=True,
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
    # https://support.huaweicloud.com/intl/en-us/api-obs/obs_04_0011.html
    Signature(
        "AWS 2 and those alike: Google, Alibaba, Huawei",
        r"(aws|oss)?accesskeyid|googleaccessid",
        alone=True,
    ),
    Signature("the same, CloudFront, Google CDN, and request headers", "signature|securitytoken"),
    Signature(
        "the same, outside of URLs", "signature|credential", value=rb"[\w+/=%.~-]{16}", alone=True
    ),
    # https://learn.microsoft.com/rest/api/storageservices/create-service-sas
    Signature("Azure", "sig"),
    # https://www.tencentcloud.com/document/product/436/7778
    Signature("Tencent COS", "qak|qsignature"),
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
    Signature("CloudFront", "keypairid|policy", beside="keypairid"),
    # https://developers.cloudflare.com/waf/custom-rules/use-cases/configure-token-authentication/
    Signature("Cloudflare", "verify", value=rb"\d{10}-."),
    # https://techdocs.akamai.com/property-mgr/docs/auth-token-2-0-ver
    Signature("Akamai", "hdn(ts|ea|tl)|gda|hmac"),
    # https://www.backblaze.com/apidocs/b2-get-download-authorization
    Signature("Backblaze", "authorization"),
    # https://help.dropbox.com/share/set-link-permissions
    # https://www.dropbox.com/developers/documentation/http/documentation#files-get_temporary_link
    Signature(
        "Dropbox",
        "rlkey",
        path=rb"\.dropbox(?:usercontent|api)\.com/(?:cd/\d/\w{1,16}|apitl/\d)/([\w%=~-]+)",
        mark=b".dropbox",
    ),
    # https://developer.box.com/reference/get-files-id-content/
    Signature("Box", path=rb"\.boxcloud\.com/d/1/([\w!%.~-]+)", mark=b".boxcloud.com/"),
    # https://www.alibabacloud.com/help/en/cdn/user-guide/type-a-signing
    # https://support.huaweicloud.com/intl/en-us/usermanual-cdn/cdn_01_0040.html
    # https://www.tencentcloud.com/document/product/267/31061
    Signature("Alibaba, Huawei, Tencent and Wangsu CDN", "authkey|(tx|ws|hw)secret"),
    # https://www.tencentcloud.com/document/product/228/35222
    Signature("Tencent CDN", "sign", value=rb"\d{10}-|[0-9a-f]{32}"),
    # https://nginx.org/en/docs/http/ngx_http_secure_link_module.html
    Signature("nginx", "md5", beside="expires"),
    # https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
    Signature("Discord", "hm", beside="ex", value=rb"[0-9a-f]{32}"),
    # https://docs.imgix.com/en-US/getting-started/setup/securing-assets
    Signature("imgix", "s", value=rb"[0-9a-f]{32}(?![0-9a-f])"),
    # Akamai's `__token__`, Bunny, Fastly, Firebase, Qiniu, SharePoint, and many of one maker
    Signature("many", "token|bcdntoken|tempauth|jwt", value=_NO_SECRET),
    # https://docs.oracle.com/en-us/iaas/Content/Object/Tasks/usingpreauthenticatedrequests.htm
    Signature("Oracle", path=rb"/p/([\w%=~-]+)/n/[\w%.-]+/b/", mark=b"/n/"),
    # https://developers.cloudflare.com/stream/viewing-videos/securing-your-stream/
    Signature(
        "JSON Web Token",
        path=rb"(?<=[/=])(eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)",
        mark=b".eyJ",
    ),
)
# Names that let somebody in, whatever they sign; of keys and tokens, the word before tells.
_LETTING_IN = re.compile(
    r"passw(or)?d|passphrase|pwd|pass|secret|signature|sig|credentials?|assertion|verifier"
    r"|auth|authorization|jwt|key|token|j?sessionid"
    r"|((api|access|auth|client|private|secret|security|session|subscription|refresh|id)"
    r"(key|token|secret))"
)
_NEXT_PAGE = (
    "continuation cursor delta list marker max next page prev resume scroll skip start sync"
)
_OF_DATA = (
    "cache dedup foreign group hash idempotency index object order partition primary range row"
)
_HARMLESS = frozenset(f"{_NEXT_PAGE} {_OF_DATA} public sort".split())
_CODES = frozenset({"", "auth", "authorization", "device", "user", "verification"})

# Linear on any text: no two matches can begin in the same stretch of it.
_WORD = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_URL = re.compile(rb"(?:://|\?)[^\s\"<>]*")
_QUERY = re.compile(rb"[?#]")
_USER = re.compile(
    rb"://(?!git@)([^\s\"<>/?#]+)@"
    # a password with a slash that nobody has encoded; a port is none
    rb"|://(?!\[)([^\s\"<>/?#:@]*:(?!\d{1,5}[/?#])[^\s\"<>/?#@]*[/?#][^\s\"<>@]{0,256})@"
)
_ARGUMENT = re.compile(rb"([?&;#~/])([\w.-]{1,64})=")
_LONGEST_NAME = 66  # with the mark and the blank behind it
_ALONE = re.compile(rb"(?<![\w.-])([\w.-]{1,64}+)=[ ]?")
_VALUE = re.compile(rb"(?:(?!,\w{1,16}://)[^\s\"<>&;#\\\[\]{}|^`])+")
_VALUE_IN_PATH = re.compile(rb"[^\s\"<>&;#\\\[\]{}|^`/?]+")
_PATHS = re.compile(b"|".join(one.path for one in SIGNATURES if one.path))
IN_PATHS = tuple(one.mark for one in SIGNATURES if one.path)
"""Without any of them no path signs."""

_BESIDE = re.compile("|".join(one.beside for one in SIGNATURES if one.beside))
_AFTER = b"'),.:!?"  # what may follow a URL in a text


def signatures_in(text: bytes) -> Iterator[tuple[int, int]]:
    """Where signatures stand in a text that is as it reads."""
    if may_sign_by_path(text):
        for found in _PATHS.finditer(text):
            yield found.span(found.lastindex or 0)
    end = 0
    for url in _URL.finditer(text):
        yield from _outside(text, end, url.start())
        yield from _arguments(text, *url.span())
        end = url.end()
    yield from _outside(text, end, len(text))


def users_in(text: bytes) -> Iterator[tuple[int, int]]:
    """Where users' names and passwords stand in URLs."""
    for found in _USER.finditer(text):
        yield found.span(found.lastindex or 0)


def may_sign_by_path(text: bytes) -> bool:
    """Whether the path of a URL may be signed; a quick look."""
    # one letter alone is found at a tenth of the price
    return any(mark[-1:] in text and mark in text for mark in IN_PATHS)


def _arguments(text: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where in a URL are values of parameters that sign."""
    query = _QUERY.search(text, start, end)
    path_end, done = query.start() if query else end, 0
    found = list(_ARGUMENT.finditer(text, start, end))
    telling = telling_names(one[2] for one in found)
    for argument in found:
        begin = argument.end()
        in_path = begin <= path_end or argument[1] == b"/"
        partition = in_path and argument[1] != b";"
        signing = signing_value(argument[2], telling, in_path=partition)
        if signing and argument.start() >= done and signing.match(text, begin, end):
            done = _end(_VALUE_IN_PATH if in_path else _VALUE, text, begin, end)
            if done > begin:
                yield begin, done


def _outside(text: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where outside of URLs is what signs nevertheless; a URL before it may have been torn."""
    done = start
    for found in _ALONE.finditer(text, max(start - _LONGEST_NAME, 0), end):
        continues = text[found.start() - 1 : found.start()] in (b"&", b";", b"?")
        signing = _signing_alone(found[1], continues)
        if signing and found.end() >= done and signing.match(text, found.end()):
            done = _end(_VALUE, text, found.end(), len(text))
            if done > found.end():
                yield found.end(), done


def _end(pattern: re.Pattern[bytes], text: bytes, start: int, end: int) -> int:
    """Where a value ends, without what may follow a URL in a text."""
    found = pattern.match(text, start, end)
    return start + len(found[0].rstrip(_AFTER)) if found else start


def telling_names(names: Iterable[bytes]) -> frozenset[str]:
    """Those of a URL's parameters beside which others sign."""
    return frozenset(joined for name in {*names} if _BESIDE.fullmatch(joined := _joined(name)))


@functools.lru_cache(maxsize=1024)
def signing_value(
    name: bytes, beside: frozenset[str] = frozenset(), *, in_path: bool = False
) -> re.Pattern[bytes] | None:
    """What the beginning of a parameter's value is like where it signs; None if it never does."""
    patterns = [
        one.value or b""
        for one in _named(name)
        if one.beside is None or any(re.fullmatch(one.beside, other) for other in beside)
    ]
    # in a path it may be a part of a table's name
    if not patterns and not in_path and _lets_in(_words(name)):
        patterns = [_NO_SECRET]
    return _any_of(patterns)


@functools.lru_cache(maxsize=1024)
def _signing_alone(name: bytes, continues: bool) -> re.Pattern[bytes] | None:
    """The same outside of URLs; what continues a query needs no telling value."""
    patterns = [b"" if continues else one.value or b"" for one in _named(name) if one.alone]
    return _any_of(patterns)


def _any_of(patterns: list[bytes]) -> re.Pattern[bytes] | None:
    if not patterns:
        return None
    return re.compile(b"" if b"" in patterns else b"|".join(patterns))


def _named(name: bytes) -> list[Signature]:
    joined = _joined(name)
    return [one for one in SIGNATURES if one.names and re.fullmatch(one.names, joined)]


def _joined(name: bytes) -> str:
    return "".join(_words(name))


def _words(name: bytes) -> list[str]:
    return [word.decode().lower() for word in _WORD.findall(name)]


def _lets_in(words: list[str]) -> bool:
    """Whether a parameter with that name lets somebody in."""
    *_, before, last = ["", "", *(words[:-1] if words[-1:] == ["value"] else words)]
    if last == "code":
        return before in _CODES
    return bool(_LETTING_IN.fullmatch(last)) and before not in _HARMLESS


def is_masked(url: str) -> bool:
    """Whether a signature of the URL was masked."""
    return MASK in url


def signed_until(url: str) -> datetime | None:
    """Until when the signature of a URL is valid, as the URL itself tells."""
    query = url.partition("#")[0].partition("?")[2]
    told = {name.lower(): value for name, value in parse_qsl(query)}
    for vendor in ("x-amz", "x-obs", "x-goog", "x-oss", "x-cos", "x-tos"):
        if f"{vendor}-expires" in told:
            start = iso_time(told.get(f"{vendor}-date"))
            seconds = integer(told[f"{vendor}-expires"])
            return later(start, None if seconds is None else seconds * 1000)
    seconds = integer(told.get("expires"))
    return iso_time(told.get("se")) if seconds is None else later(_EPOCH, seconds * 1000)
