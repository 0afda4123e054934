"""Bodies: how much is read, how it is decoded, and whether it is JSON."""

import codecs
import io
import json
import math
import re
import zlib
from collections.abc import Iterable
from typing import Any, NoReturn, cast

import httpx

from jobctl.errors import STRANGER, UnavailableError
from jobctl.http.attempt import AttemptError
from jobctl.http.headers import request_id

MAX_BODY = 64 * 1024 * 1024
"""The largest body that is read, in bytes, on the wire and decoded."""

_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_RAW_DEFLATE = -15
_PIECE, _MOST_MEMBERS = 1 << 14, 1 << 16
# All that stand for a way of packing; some services name there what is none, such as a charset.
_PACKINGS = frozenset(_WINDOW_BITS) | {
    *("aes128gcm", "br", "bzip2", "compress", "dcb", "dcz", "exi", "lz4", "lzma", "pack200-gzip"),
    *("snappy", "x-bzip2", "x-compress", "xz", "zstd"),
}


_CHARSET = re.compile(
    r"ascii|utf-(16|32)(-[bl]e)?|iso8859-\d+|cp125\d|gb18030|gbk|gb2312|big5|shift_jis|euc_jp|euc_kr"
    r"|koi8-[ru]"
)


def read_body(response: httpx.Response, *, endless: bool = False) -> bytes:
    """The decoded body of an answer that nobody has read yet.

    An `endless` one is what has come until nothing more came in time.

    Raises:
        AttemptError: it is too large, broken, or encoded in a way that was not asked for.
        httpx.TransportError: the connection failed meanwhile.
    """
    chunks = iter(cast("Iterable[bytes]", response.stream))
    came = io.BytesIO()
    try:
        came = io.BytesIO(next(chunks, b""))  # gives what it was given, without a copy
        came.seek(0, io.SEEK_END)
        for chunk in chunks:
            came.write(chunk)
            if came.tell() > MAX_BODY:
                raise _too_large()
    except httpx.ReadTimeout:
        if not endless:
            raise
    wire = came.getvalue()
    if "Content-Encoding" not in response.headers:
        return wire
    told = response.headers.get_list("Content-Encoding", split_commas=True)
    packings = [packing for name in told if (packing := name.lower()) in _PACKINGS]
    if not wire or not packings:
        return wire
    if len(packings) > 1 or packings[0] not in _WINDOW_BITS:
        named = ", ".join(packings)[:80]
        raise AttemptError(f"the answer is encoded as {named}", transient=False)
    return _inflate(wire, _WINDOW_BITS[packings[0]])


def _inflate(wire: bytes, window_bits: int) -> bytes:
    if window_bits == _WINDOW_BITS["deflate"] and not _has_zlib_header(wire):
        window_bits = _RAW_DEFLATE
    view, at, found, size = memoryview(wire), 0, [], 0
    # gzip may consist of several members, see RFC 1952, section 2.2; each costs, even if empty
    for _ in range(_MOST_MEMBERS):
        decoder = zlib.decompressobj(window_bits)
        while not decoder.eof:
            piece = view[at : at + _PIECE]
            if not piece:
                raise _broken()
            try:
                # the limit stops a small body before it becomes a large one
                found.append(decoder.decompress(piece, MAX_BODY + 1 - size))
            except zlib.error as error:
                raise _broken() from error
            size += len(found[-1])
            if size > MAX_BODY:
                raise _too_large()
            at += len(piece) - len(decoder.unused_data)
        if not any(view[at : at + 1]):
            break  # the end, or zeros that fill a block up
    if view[at:].tobytes().strip(b"\0"):
        raise _broken()
    return b"".join(found)


def _has_zlib_header(wire: bytes) -> bool:
    # services send bare deflate under the same name; see RFC 1950, section 2.2
    return wire[0] & 15 == 8 and int.from_bytes(wire[:2], "big") % 31 == 0


def _broken() -> AttemptError:
    return AttemptError("the compressed answer is broken")


def _too_large() -> AttemptError:
    return AttemptError(f"the answer is larger than {MAX_BODY // 2**20} MiB", transient=False)


def read_json(response: httpx.Response) -> Any:
    """The body as JSON; NaN, Infinity and numbers beyond a float's range are no JSON.

    Raises:
        UnavailableError: it is something else, and the message says what; it may pass.
    """
    try:
        return json.loads(
            response.content, parse_constant=_refuse_constant, parse_float=_finite_float
        )
    except (ValueError, RecursionError) as error:
        raise UnavailableError(
            f"{response.url.netloc.decode()} answered {response.status_code} "
            f"with {_instead(response.content, error)}",
            hint=STRANGER,
            http_status=response.status_code,
            request_id=request_id(response.headers),
            transient=True,
            unreached=True,
        ) from error


def read_text(response: httpx.Response) -> str:
    """The body as text, in the charset that it names if that is one of text, else in UTF-8.

    What fits no charset is shown as U+FFFD.
    """
    try:
        charset = codecs.lookup(response.charset_encoding or "").name
    except (LookupError, ValueError):
        charset = ""
    # Python has codecs under such names that unpack, take long, or give no text
    charset = charset if _CHARSET.fullmatch(charset) else "utf-8-sig"
    return response.content.decode(charset, "replace")


def _instead(content: bytes, error: Exception) -> str:
    start = content[:100].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return "an empty body"
    if start.startswith(b"<"):
        return "HTML where JSON should be, as a sign-in page or a proxy would"
    if isinstance(error, RecursionError):
        return "JSON that is nested too deeply"
    if isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
    ):
        return "truncated JSON"
    return "a body that is not JSON"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
