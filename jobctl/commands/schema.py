"""`config schema`: the JSON Schema of config.yaml, by which editors complete and check it.

https://json-schema.org/draft-07
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jobctl import registry
from jobctl.commands import Terminal
from jobctl.config import COMMON, Kind, Setting
from jobctl.config.file import SANDBOX, STATES
from jobctl.config.references import KINDS
from jobctl.models import JobState

_REFERENCE = {"$ref": "#/definitions/reference"}
# what YAML takes an unquoted text for; the program takes the text
_SCALAR = ["string", "number", "boolean", "null"]


def schema(terminal: Terminal) -> None:
    """Show the JSON Schema of config.yaml."""
    terminal.out.write(json.dumps(document(), indent=1, ensure_ascii=False) + "\n")


def document() -> dict[str, Any]:
    """The JSON Schema of config.yaml, with the sections of all providers there are."""
    facts = registry.facts()
    working = {name: one for name, one in facts.items() if one.broken is None}
    sections = sorted({*working, *(one.account for one in working.values())})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "jobctl's config.yaml",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "profile": {
                "description": "the profile to use when none is asked for",
                "type": _SCALAR,
            },
            "profiles": {
                "description": "the settings of each profile, by provider or account",
                "type": ["object", "null"],
                "propertyNames": {"not": {"const": SANDBOX}},
                "additionalProperties": {"$ref": "#/definitions/profile"},
            },
        },
        "definitions": {
            "profile": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {name: _section(name, working) for name in sections},
            },
            "reference": {
                "description": "where the value is kept: fetched when it is used",
                "type": "string",
                "pattern": f"^({'|'.join(KINDS)}):.*\\S",
            },
            "states": {
                "description": "how the service's words are read, instead of how jobctl does",
                "type": ["object", "null"],
                "additionalProperties": {"enum": list(JobState)},
            },
            **{one.name: _setting(one) for one in COMMON},
        },
    }


def _section(name: str, facts: Mapping[str, registry.Facts]) -> dict[str, Any]:
    own = [one for one in registry.section(name) or () if one not in COMMON]
    return {
        "description": facts[name].title if name in facts else f"the account {name}",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            STATES: {"$ref": "#/definitions/states"},
            **{one.name: {"$ref": f"#/definitions/{one.name}"} for one in COMMON},
            **{one.name: _setting(one) for one in own},
        },
    }


def _setting(setting: Setting) -> dict[str, Any]:
    told: dict[str, Any] = {"description": setting.help}
    if setting.default is not None:
        told["default"] = setting.default
    return {**told, "anyOf": [*_values(setting), _REFERENCE]}


def _values(setting: Setting) -> list[dict[str, Any]]:
    """What a value may be that is no reference."""
    if setting.choices:
        words: list[Any] = [*setting.choices, "", None]
        booleans = [one == "true" for one in setting.choices if one in ("true", "false")]
        return [{"enum": words + booleans}]
    if setting.kind is Kind.NUMBER:
        digits = {"type": "string", "pattern": "^([1-9][0-9]{0,17})?$"}
        return [
            {"type": "integer", "minimum": 1, "maximum": setting.most},
            digits,
            {"type": "null"},
        ]
    if setting.kind is Kind.DURATION:
        return [{"type": ["string", "number", "null"]}]
    if setting.kind is Kind.LIST:
        items = {"type": "array", "items": {"type": _SCALAR}}
        return [{"type": _SCALAR}, items]
    # of a secret that is no text to YAML, programs of other versions of YAML make another text
    return [{"type": ["string", "null"] if setting.secret else _SCALAR}]
