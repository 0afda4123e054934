"""What schemas are made of: a part for each kind of thing that a provider file says."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

WORD: Schema = {"type": ["string", "number", "boolean"]}
"""A text as it is written, whatever YAML takes it for."""


def text(help: str, **more: Any) -> Schema:
    """A text that is one for YAML, too."""
    return {"type": "string", "description": help, **more}


def word(help: str, **more: Any) -> Schema:
    """A text as it is written, whatever YAML takes it for."""
    return {**WORD, "description": help, **more}


def template(help: str, reads: str = "template") -> Schema:
    """A text with names to be filled in; `reads` tells what else it is."""
    return word(help, **{"x-reads": reads})


def expression(help: str) -> Schema:
    """A JMESPath expression."""
    return text(help, minLength=1, **{"x-reads": "expression"})


def flag(help: str) -> Schema:
    """True or false."""
    return {"type": "boolean", "description": help}


def whole(help: str, least: int = 0) -> Schema:
    """A whole number."""
    return {"type": "integer", "minimum": least, "description": help}


def several(of: Schema, help: str, **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": of, "description": help, **more}


def one_or_more(of: Schema, help: str) -> Schema:
    """One thing or a list of them."""
    return {"anyOf": [of, several(of, help, minItems=1)], "description": help}


def mapping(of: Schema, help: str, names: str | None = None) -> Schema:
    """Names that the file chooses, `names` a pattern for them."""
    found: Schema = {"type": "object", "additionalProperties": of, "description": help}
    return found if names is None else {**found, "propertyNames": {"pattern": f"^(?:{names})$"}}


def keys(help: str, keys: dict[str, Schema], *required: str, **more: Any) -> Schema:
    """Names that the language knows."""
    found: Schema = {"type": "object", "properties": keys, "additionalProperties": False}
    if required:
        found["required"] = list(required)
    return {**found, "description": help, **more}


def reading(help: str, **unit: Schema) -> Schema:
    """An expression, or one with a unit of its own."""
    at = {"at": expression("where it stands"), **unit}
    return {"anyOf": [expression(help), keys(help, at, "at")], "description": help}


def enum(help: str, *choices: str) -> Schema:
    """One of a few words."""
    return {"type": "string", "enum": list(choices), "description": help}
