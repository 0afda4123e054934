"""Text from a service made harmless: what a terminal or a CI's log would obey or hide is shown."""

import re

# Controls and DEL, soft hyphen, bidirectional marks, embeddings, overrides and isolates, zero-width
# and other invisible format characters, line and paragraph separators, interlinear annotations,
# byte order mark, tags, lone surrogates.
HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
# GitHub's runner takes for commands lines that begin with `::`; it, Azure's and TeamCity's what
# follows `##[`, `##vso[` and `##teamcity[` anywhere.
COMMAND = re.compile(r"^[^\S\n]*+(?=::)|#(?=#\w*\[)", re.MULTILINE)
SECOND_HASH = re.compile(r"(?<=#)#(?=\w*\[)")


def clean(text: str) -> str:
    r"""The text on one line, each hidden character as its escape: `\x1b`, `\n`, `\u202e`.

    What is a command to a CI's log is none any more: `\::error::`, `#\#[error]`.
    """
    # Every hidden character is unprintable to Python, and this asks at a tenth of the price.
    line = text if text.isprintable() else HIDDEN.sub(_visible, text)
    return COMMAND.sub(r"\g<0>\\", line)


def clean_lines(text: str) -> list[str]:
    """The same for each line of a text of several."""
    return [clean(line) for line in re.split(r"\r?\n", text.strip("\r\n"))]


def _visible(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
