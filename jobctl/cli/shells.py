"""How each shell tells the line that is typed, and takes what may stand in it.

All tell it in the variable COMP_WORDS: bash as it is typed, up to the cursor, with the part of it
that will be replaced in COMP_WORD; the others word by word, `\\x1f` between them.
All take lines: the first says of what kind the offers are, each other one is an offer. What a shell
puts into the line as it comes is quoted here, since an id or a name may hold anything.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from jobctl.cli.offers import Offer, Offers
from jobctl.cli.options import Shell

_BETWEEN = "\x1f"


class Line(NamedTuple):
    """The words before the one to complete, and that one as far as it is typed.

    `open` is the quote in which that ends, `redirected` tells that it is where a stream goes.
    """

    words: Sequence[str]
    incomplete: str
    open: str = ""
    redirected: bool = False


class Dialect(ABC):
    """How a shell speaks; made of its variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        *words, incomplete = environ.get("COMP_WORDS", "").split(_BETWEEN)
        self.line = Line(words, incomplete)

    def lines(self, offers: Offers) -> Iterator[str]:
        """What the shell takes."""
        yield offers.kind
        yield from (self.offer(one) for one in offers.words)

    @abstractmethod
    def offer(self, offer: Offer) -> str:
        """The line of an offer."""


class Bash(Dialect):
    """bash takes words as they come, without meanings.

    Of a word it replaces what stands behind the last of certain characters, or behind an open
    quote, which it closes unless that is done.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        typed, replaced = environ.get("COMP_WORDS", ""), environ.get("COMP_WORD")
        self.line = _parsed(typed)
        self._kept = Line((), "")
        if replaced is not None and typed.endswith(replaced):
            self._kept = _parsed(typed[: len(typed) - len(replaced)])

    def offer(self, offer: Offer) -> str:
        text = offer.word.removeprefix(self._kept.incomplete)
        if not self._kept.open:
            return re.sub(r"[^\w@%+:,./=-]", r"\\\g<0>", text)
        if self._kept.open == "'":
            text = text.replace("'", r"'\''")
        else:
            # the shell replaces events of its history within these quotes, whatever stands before
            text = re.sub(r'[$`"\\]', r"\\\g<0>", text).replace("!", "\"'!'\"")
        # a quote at the beginning would take the place of the open one
        first = self._kept.open if text.startswith(self._kept.open) else ""
        return first + text + self._kept.open


class _Quoting(Dialect):
    """A shell that quotes what it is given; the word that is typed comes with its quotes."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.line = self.line._replace(incomplete=_parsed(self.line.incomplete).incomplete)


class Zsh(_Quoting):
    """zsh: a colon parts a word from its meaning."""

    def offer(self, offer: Offer) -> str:
        word, meaning = (text.replace("\\", r"\\") for text in offer)
        word = word.replace(":", r"\:")
        return f"{word}:{meaning}" if meaning else word


class Fish(_Quoting):
    """fish: a `~` at the beginning is not quoted."""

    def lines(self, offers: Offers) -> Iterator[str]:
        safe = [one for one in offers.words if not one.word.startswith("~")]
        yield from super().lines(offers._replace(words=safe))

    def offer(self, offer: Offer) -> str:
        return f"{offer.word}\t{offer.help}"


class PowerShell(Dialect):
    """PowerShell takes words as they come; in its encoding of the day only ASCII is safe."""

    def offer(self, offer: Offer) -> str:
        word = offer.word
        if re.search(r"[^\w./:=%+-]", word):
            # all five are single quotes to it
            word = "'" + re.sub("['\u2018-\u201b]", r"\g<0>\g<0>", word) + "'"
        return "\t".join(quote(text) for text in (word, offer.word, offer.help or offer.word))


DIALECTS: Mapping[Shell, type[Dialect]] = {
    Shell.BASH: Bash,
    Shell.ZSH: Zsh,
    Shell.FISH: Fish,
    Shell.POWERSHELL: PowerShell,
}

_PIECE = re.compile(
    r"""  \\ (?P<escaped> .?)
      | ' (?P<single> [^']*) (?P<closed> '?)
      | " (?P<double> (?: \\. | [^"\\] )*) \\? (?P<shut> "?)
      | (?P<blank> [ \t\n]+)
      | (?P<redirection> [<>] [<>&|]*)
      | (?P<plain> .)
    """,
    re.VERBOSE | re.DOTALL,
)


def _parsed(typed: str) -> Line:
    """A line of a POSIX shell: what it would expand stands as it is typed."""
    words: list[str] = []
    word: str | None = None
    quote, redirected = "", False
    for piece in _PIECE.finditer(typed):
        quote = ""
        if piece["blank"] or piece["redirection"]:
            if word is not None:
                # of `2>` and `&>` the word is a part
                if not (redirected or (piece["redirection"] and re.fullmatch(r"\d+|&", word))):
                    words.append(word)
                redirected = False
            word = None
            redirected = redirected or piece["redirection"] is not None
            continue
        if piece["single"] is not None:
            text, quote = piece["single"], "" if piece["closed"] else "'"
        elif piece["double"] is not None:
            text, quote = (
                re.sub(r'\\([$`"\\])', r"\1", piece["double"]),
                "" if piece["shut"] else '"',
            )
        else:
            text = piece["escaped"] if piece["plain"] is None else piece["plain"]
        word = (word or "") + text
    return Line(words, word or "", quote, redirected)
