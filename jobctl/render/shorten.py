"""References cut where they tell least: in the middle of the long parts of their ids."""

from collections.abc import Collection

from rich.cells import cell_len, set_cell_size

# A part that is no longer is left whole; of others so much is left, where there is no more room.
_SHORT = 16
_LEAST = 8


def reference(text: str, width: int, ellipsis: str) -> str:
    """`modzy/1485…fea5`: the reference in so many cells, all of its long parts cut alike."""
    for longest in range(width, _LEAST + len(ellipsis) - 1, -1):
        short = _with_parts_of(longest, text, ellipsis)
        if cell_len(short) <= width:
            return short
    return _middle(text, width, ellipsis)


def least(texts: Collection[str], ellipsis: str) -> int:
    """The width at which references are as short as they may be and can still be told apart."""
    longest, apart = _LEAST + len(ellipsis), len(set(texts))
    while len(short := {_with_parts_of(longest, text, ellipsis) for text in texts}) < apart:
        longest += 2
    return max(map(cell_len, short), default=0)


def _with_parts_of(longest: int, text: str, ellipsis: str) -> str:
    provider, *parts = text.split("/")
    cut = [part if len(part) <= _SHORT else _middle(part, longest, ellipsis) for part in parts]
    return "/".join([provider, *cut])


def _middle(text: str, width: int, ellipsis: str) -> str:
    """The text in so many cells, its beginning and its end."""
    if cell_len(text) <= width:
        return text
    room = max(width - len(ellipsis), 0)
    return f"{first(text, room - room // 2)}{ellipsis[:width]}{last(text, room // 2)}"


def first(text: str, width: int) -> str:
    """The beginning of a text that is wider."""
    # where half of a wide character would go in, a blank stands for it
    return set_cell_size(text, width).rstrip()


def last(text: str, width: int) -> str:
    """The end of a text that is wider."""
    return first(text[::-1], width)[::-1]
