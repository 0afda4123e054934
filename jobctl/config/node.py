"""What a YAML file holds, each piece with its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from jobctl.config.references import check_shape, is_reference
from jobctl.config.settings import Kind, Setting
from jobctl.errors import ConfigError, did_you_mean


class Node(NamedTuple):
    """A value and where it is.

    `content` is a scalar's text, None for a null. `place` and `key` are `FILE:LINE:COLUMN` of the
    value and of the name before it. `taken_for` is what YAML takes an unquoted scalar for, where
    that is no text: "a number". One that is `lost` could not be read, which has been told.
    """

    content: str | list[Node] | dict[str, Node] | None
    place: str
    key: str
    taken_for: str | None = None
    lost: bool = False

    def names(self, what: str) -> dict[str, Node]:
        """The names and values of a mapping; none for a null.

        Raises:
            ConfigError: it is something else.
        """
        if self.content is None:
            return {}
        if not isinstance(self.content, dict):
            raise ConfigError(
                f"{self.place}: {what} must hold names and values",
                hint="write one 'name: value' a line, indented, with a blank after the colon",
            )
        return self.content

    def word(self, what: str) -> str | None:
        """A single value; None where it is null or empty.

        Raises:
            ConfigError: it is a list or holds names.
        """
        if isinstance(self.content, (list, dict)):
            raise ConfigError(
                f"{self.place}: {what} must be a single value",
                hint="a reference has no blank after its colon: env:NAME",
            )
        return self.content or None


class Value(NamedTuple):
    """What a file says about a setting."""

    text: str
    place: str
    reference: bool


def value_of(setting: Setting, node: Node) -> Value | None:
    """The value of a setting as it stands in a file; None where it is null or empty.

    Raises:
        ConfigError: it has the wrong type, or can be told to be a wrong value; with its place.
    """
    if setting.kind is Kind.LIST and isinstance(node.content, list):
        words = [one.word(f"an item of {setting.name}") for one in node.content]
        text, reference = ",".join(word for word in words if word), False
    else:
        text = node.word(setting.name) or ""
        reference = is_reference(text)
    if not text:
        return None
    if setting.secret and node.taken_for:
        raise ConfigError(
            f"{node.place}: YAML takes the value of {setting.name} for {node.taken_for}",
            hint=f"quote it: {setting.name}: '...'",
        )
    try:
        judge(setting, text)
    except ConfigError as error:
        raise ConfigError(f"{node.place}: {error.message}", hint=error.hint) from None
    return Value(text, node.place, reference)


def judge(setting: Setting, text: str) -> None:
    """See that a text can be a value of a setting, or a reference to one; none is followed.

    Raises:
        ConfigError: it cannot.
    """
    if is_reference(text):
        check_shape(text, setting.name)
    else:
        setting.judge(text)


def unknown(
    key: str, node: Node, what: str, known: Iterable[str], others: str | None = None
) -> ConfigError:
    """The error for a name that means nothing; `others` as in `did_you_mean`."""
    # `{client_secret:hunter2}` is a name to YAML: what follows the colon may be a secret
    name, colon, _ = key.partition(":")
    blank = "a colon needs a blank after it: 'name: value'"
    return ConfigError(
        f"{node.key}: {what} {name!r}",
        hint=blank if colon else did_you_mean(name, known, others),
    )
