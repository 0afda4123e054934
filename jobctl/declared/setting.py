"""The value of a setting of a file: given, or what its default makes of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jobctl import payload
from jobctl.declared.spec import Spec


def value_of(spec: Spec, get: Callable[[str], str | None], name: str) -> Any:
    """The value of a setting, typed as the file says; None where there is none.

    Raises:
        ConfigError: what stands in the name of a host could name another one.
    """
    text = get(name)
    if text is None and name in spec.defaults:
        template = spec.defaults[name]
        told = {inner: value_of(spec, get, inner) for inner in template.names}
        text = template.address(told) if name == "base_url" else template.text(told)
    if text is None and name == aws_region_of(spec):
        from jobctl.auth.vendors import aws_region

        text = aws_region()
    return None if text is None else typed(spec.types.get(name), text)


def lacking(spec: Spec, source: Callable[[str], str | None], name: str) -> list[tuple[str, ...]]:
    """What has to be given for a setting to have a value, where it has none.

    Each is told with what its value would be for: of these, one is enough; but none that must be
    there whatever it is for. `source` tells where a setting is from, None where nothing gives it.
    """
    if source(name) is not None:
        return []
    if name == aws_region_of(spec):
        from jobctl.auth.vendors import aws_region

        return [] if spec.requires(name) or aws_region() else [(name,)]
    if name not in spec.defaults:
        return [] if spec.requires(name) else [(name,)]
    needs = dict.fromkeys(spec.defaults[name].names)
    return [(*one, name) for inner in needs for one in lacking(spec, source, inner)]


def typed(kind: str | None, text: str) -> Any:
    """A setting's or an id part's value as it stands in a body; as text where it is another."""
    found = {
        "integer": payload.integer,
        "number": payload.number,
        "boolean": payload.boolean,
    }.get(kind or "", lambda _: None)(text)
    return text if found is None else found


def aws_region_of(spec: Spec) -> str | None:
    """The setting that is the region of AWS, which the aws tool may know where nothing gives it."""
    return next((way.told["region"].alone for way in spec.ways if way.kind == "aws"), None)
