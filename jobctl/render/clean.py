"""Text from a service made harmless: what a terminal or a CI's log would obey or hide is shown."""

import re
from collections.abc import Callable, Mapping
from typing import TextIO

from jobctl.render.streams import is_pipe

# Controls and DEL, soft hyphen, bidirectional marks, embeddings, overrides and isolates, zero-width
# and other invisible format characters, line and paragraph separators, interlinear annotations,
# byte order mark, tags, lone surrogates.
HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
# GitHub's runner takes for commands lines that begin with `::`; it, Azure's and TeamCity's what
# follows `##[`, `##vso[` and `##teamcity[` anywhere.
COMMAND = re.compile(r"(?:^|(?<=\r))[^\S\r\n]*+(?=::)|#(?=#\w*\[)", re.MULTILINE)
_OBEYING = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
SECOND_HASH = re.compile(r"(?<=#)#(?=\w*\[)")


def clean(text: str) -> str:
    r"""The text on one line, each hidden character as its escape: `\x1b`, `\n`, `\u202e`.

    What is a command to a CI's log is none any more: `\::error::`, `#\#[error]`.
    """
    # Every hidden character is unprintable to Python, and this asks at a tenth of the price.
    line = text if text.isprintable() else HIDDEN.sub(_visible, text)
    return without_commands(line)


def without_commands(text: str) -> str:
    """The text with nothing in it that a CI would obey."""
    return COMMAND.sub(r"\g<0>\\", text)


def shown_on(out: TextIO, environ: Mapping[str, str]) -> Callable[[str], str]:
    """How text is written there: for people, for a CI that reads along, else as it came."""
    if out.isatty():
        return clean
    reads_along = is_pipe(out) and any(environ.get(name) for name in _OBEYING)
    return without_commands if reads_along else str


def clean_lines(text: str) -> list[str]:
    """The same for each line of a text of several."""
    return [clean(line) for line in re.split(r"\r?\n", text.strip("\r\n"))]


def _visible(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
