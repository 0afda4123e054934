"""Secrets that were used, so that none of them is ever shown."""

import re
from collections.abc import Iterator

_SHORTEST = 4

_hidden: dict[bytes, None] = {}  # what a reader may read, in order
_probes: dict[bytes, None] = {}  # of each a part that is looked for
_ACCENTED = re.compile(r"[^\0-\x7f]")
# What nobody escapes, but who escapes everything; and in escapes of those, what they begin with.
_PLAIN = re.compile(rb"[0-9A-Za-z._~-]+")
_LETTER = rb"(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|2[dDeE]|5[fF]|7[eE]|00|5[cC])"
# two, for a search that knows the first letter is fast
_ESCAPED = (
    (b"%", re.compile(rb"%(?:25)*+(?:u00)?(?:26%|" + _LETTER + b")")),
    (
        b"\\",
        re.compile(rb"\\(?:(?:u\{?0*|U0*|x)(?:2[356]|" + _LETTER + rb")|[01][0-7][0-7]|[._~-])"),
    ),
    (b"#", re.compile(rb"#(?:[xX]0*[2-7]|0*[4-9]|0*1[0-2]|0*3[578])")),
    (b"\0", re.compile(rb"\0")),
)


def hide(value: str) -> None:
    """Remember a secret for the life of the process.

    It will be known again as it is, however its letters are escaped, and in base64 or hexadecimal
    digits, alone or inside of something longer. Texts of less than four characters are not
    remembered: masking them would garble everything.
    """
    if len(value) < _SHORTEST:
        return
    from binascii import b2a_qp

    from jobctl.masking.readings import readings

    # services may send half a surrogate pair; it must not make hiding fail
    raw = value.encode("utf-8", "surrogatepass")
    forms = {raw, raw.replace(b" ", b"+"), raw.replace(b"+", b" "), *_base64(raw)}
    # read in an encoding that it is not in
    forms |= {raw.decode("latin-1").encode(), _ACCENTED.sub("\ufffd", value).encode()}
    # a text that is decoded once more than needed is compared with what the secret becomes then
    forms |= {read.text for read in readings(raw) if len(read.text) >= _SHORTEST}
    forms |= {raw.hex().encode(), raw.hex().upper().encode(), b2a_qp(raw)}
    _hidden.update(dict.fromkeys(forms))
    _probes.update(dict.fromkeys(map(_probe, forms)))


def probes() -> tuple[bytes, ...]:
    """Of each remembered secret what is looked for, in every form."""
    return tuple(_probes)


def hidden_in(data: bytes) -> bool:
    """Whether a remembered secret may stand in a text: asked of much, where hardly any does."""
    for probe in list(_probes):
        if probe[-1:] in data and probe in data:
            return True
    return bool(_probes) and any(mark in data and escape.search(data) for mark, escape in _ESCAPED)


def secrets_in(text: bytes) -> Iterator[tuple[int, int]]:
    """Where remembered secrets stand in a text that is as it reads."""
    for form in list(_hidden):
        at = text.find(form)
        while at >= 0:
            yield at, at + len(form)
            at = text.find(form, at + len(form))


def _probe(form: bytes) -> bytes:
    """The longest part of a form that is spelled in one way only, up to a capital in its half.

    That one letter is searched for at a tenth of the price of several, and most texts have few.
    """
    part = max(_PLAIN.findall(form), key=len, default=b"")
    capitals = (at for at in range(len(part), len(part) // 2, -1) if part[at - 1 : at].isupper())
    return part[: next(capitals, len(part))]


def _base64(raw: bytes) -> set[bytes]:
    """What is the same in the base64 of every text that holds `raw`, for its three alignments."""
    from base64 import b64encode, urlsafe_b64encode

    forms = set()
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            first, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
            forms.add(encode(bytes(before) + raw)[first:end])
    return forms
