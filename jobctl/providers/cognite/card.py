"""A file with the features found in it, as a person looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from jobctl import payload
from jobctl.models import Card, Feature, Outline, Picture, Point

_KINDS = {
    "textPredictions": "text",
    "assetTagPredictions": "asset tag",
    "peoplePredictions": "person",
    "industrialObjectPredictions": "industrial object",
    "personalProtectiveEquipmentPredictions": "protective equipment",
    "digitalGaugePredictions": "digital gauge",
    "dialGaugePredictions": "dial gauge",
    "levelGaugePredictions": "level gauge",
    "valvePredictions": "valve",
}
_SHOWN = frozenset({"fileExternalId", "predictions", "errorMessage"})


def card_of(item: Mapping[str, Any]) -> Card:
    """One of the `items` of a job."""
    names = (payload.text(item.get(key)) for key in ("fileExternalId", "fileId"))
    known = tuple(name for name in names if name)
    features = tuple(
        _feature(_KINDS.get(key, key), one)
        for key, found in payload.mapping(item.get("predictions")).items()
        for one in payload.objects(found)
    )
    failed = bool(item.get("errorMessage"))
    return Card(
        title=known[0] if known else None,
        group="failed" if failed else "with features" if features else "nothing found",
        message=payload.text(item.get("errorMessage")),
        failed=failed,
        facts={name: value for name, value in item.items() if name not in _SHOWN},
        features=features,
        pictures=(Picture("", known),),
    )


def _feature(kind: str, found: Mapping[str, Any]) -> Feature:
    """A prediction: of a text, an asset, an object, or an object and points on it."""
    thing = payload.mapping(found.get("objectDetection"))
    collection = payload.mapping(found.get("keypointCollection"))
    points = payload.mapping(collection.get("keypoints"))
    parts = (found, thing, collection)
    labels = (payload.text(part.get(name)) for part in parts for name in ("text", "label"))
    confidences = (payload.share(part.get("confidence")) for part in parts)
    described = (*parts, *map(payload.mapping, points.values()))
    readings = (reading for part in described for reading in _readings(part))
    regions = (
        {"boundingBox": found.get("textRegion")},
        payload.mapping(found.get("objectRegion")),
        found,
        thing,
    )
    return Feature(
        kind=kind,
        label=next(filter(None, labels), kind),
        confidence=next((one for one in confidences if one is not None), None),
        reading=", ".join([*_assets(found), *readings]) or None,
        outlines=(*(line for region in regions for line in _outlines(region)), *_keypoints(points)),
    )


def _assets(found: Mapping[str, Any]) -> Iterator[str]:
    """The asset that a tag stands for."""
    reference = payload.mapping(found.get("assetRef"))
    name = payload.text(reference.get("externalId")) or payload.text(reference.get("id"))
    if name:
        yield f"asset {name}"


def _readings(part: Mapping[str, Any]) -> Iterator[str]:
    for name, attribute in payload.mapping(part.get("attributes")).items():
        value = payload.mapping(attribute).get("value")
        said = str(value).lower() if isinstance(value, bool) else payload.text(value)
        if said:
            yield f"{name} {said}"


def _outlines(region: Mapping[str, Any]) -> Iterator[Outline]:
    box = payload.mapping(region.get("boundingBox"))
    corners = [_point(box.get(f"x{end}"), box.get(f"y{end}")) for end in ("Min", "Max")]
    yield from _outline("box", corners, least=2)
    yield from _outline("polygon", _vertices(region.get("polygon")), least=3)
    yield from _outline("polyline", _vertices(region.get("polyline")), least=2)


def _outline(
    form: Literal["box", "polygon", "polyline"], points: list[Point | None], *, least: int
) -> Iterator[Outline]:
    """The outline if all of its points are there: without one it would be another."""
    whole = tuple(point for point in points if point)
    if len(whole) == len(points) >= least:
        yield Outline(form, whole)


def _vertices(line: Any) -> list[Point | None]:
    vertices = map(payload.mapping, payload.items(payload.mapping(line).get("vertices")))
    return [_point(one.get("x"), one.get("y")) for one in vertices]


def _keypoints(named: Mapping[str, Any]) -> Iterator[Outline]:
    points = []
    for name, one in named.items():
        place = payload.mapping(payload.mapping(one).get("point"))
        points.append(_point(place.get("x"), place.get("y"), name))
    found = tuple(point for point in points if point)
    if found:
        yield Outline("keypoints", found)


def _point(x: Any, y: Any, name: str | None = None) -> Point | None:
    """A place, brought into the picture."""
    across, down = payload.number(x), payload.number(y)
    if across is None or down is None:
        return None
    return Point(float(min(max(across, 0), 1)), float(min(max(down, 0), 1)), name)
