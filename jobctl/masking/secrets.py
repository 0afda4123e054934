"""Secrets that were used, so that none of them is ever shown."""

_SHORTEST = 4
_MASK = "***"

_hidden: dict[str, bytes] = {}  # each form, and what of its UTF-8 is searched for


def hide(value: str) -> None:
    """Remember a secret for the life of the process, in every form it may be met in.

    The forms are the text itself, percent-encoded, escaped as in JSON, and in base64, alone or
    inside of something longer. Texts of less than four characters are not remembered: masking them
    would garble everything.
    """
    if len(value) < _SHORTEST:
        return
    import json
    from urllib.parse import quote, quote_plus

    # services may send half a surrogate pair; it must not make hiding fail
    raw = value.encode("utf-8", "surrogatepass")
    encoded = {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    forms = {value} | encoded | {_lower(form) for form in encoded} | escaped | _base64(raw)
    _hidden.update((form, _probe(form.encode("utf-8", "surrogatepass"))) for form in forms)


def scrub(text: str) -> str:
    """The text with every remembered secret, and any signature of a request, replaced by `***`."""
    import re

    text = re.sub(r"(Signature=)[0-9A-Fa-f]{16,}", rf"\1{_MASK}", text)
    for form in sorted(_hidden.copy(), key=len, reverse=True):
        text = text.replace(form, _MASK)
    return text


def hidden_in(data: bytes) -> bool:
    """Whether a remembered secret may stand in a text: asked of much, where hardly any does."""
    return any(probe in data for probe in list(_hidden.values()))


def _probe(form: bytes) -> bytes:
    """The beginning of a form, half of it at least, up to a capital: most texts have few of those.

    A search compares the last letter first, and it is a page's whole cost where there is nothing.
    """
    capitals = (at for at in range(len(form), len(form) // 2, -1) if form[at - 1 : at].isupper())
    return form[: next(capitals, len(form))]


def _lower(encoded: str) -> str:
    import re

    return re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), encoded)


def _base64(raw: bytes) -> set[str]:
    """What is the same in the base64 of every text that holds `raw`, for its three alignments."""
    from base64 import b64encode, urlsafe_b64encode

    forms = set()
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            first, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
            forms.add(encode(bytes(before) + raw).decode()[first:end])
    return forms
