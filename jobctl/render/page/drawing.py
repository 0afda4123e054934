"""Features drawn over a picture, in fractions of it: whoever draws need not know its size.

A style in an attribute would need a looser policy of the page: all is said by SVG's own ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from jobctl.models import Feature, Outline, Point
from jobctl.render.page.text import joined, text
from jobctl.render.words import counted

_COLOURS = 9
# In pixels, as the size of letters is; pictures are seldom shown lower than that.
_LINE, _ABOVE, _LOWEST = 13, -5, 240

_DRAWING = Markup('<svg class="drawing" role="img" aria-label="{}">{}</svg>')
_FEATURE = Markup("<g{}><title>{}</title>{}{}</g>")
_BOX = Markup('<rect x="{:.5g}%" y="{:.5g}%" width="{:.5g}%" height="{:.5g}%"/>')
_POINT = Markup('<circle cx="{0:.5g}%" cy="{1:.5g}%" r="4"/>{2}')
# Lines know no percentages, so they get a square of their own that is stretched over the picture.
_LINES = Markup(
    '<svg viewBox="0 0 1 1" preserveAspectRatio="none">'
    '<{0} points="{1}" vector-effect="non-scaling-stroke"/></svg>'
)
_LABEL = Markup('<text x="{:.5g}%" y="{:.5g}%" dx="{}" dy="{}" text-anchor="{}">{}</text>')
_ITEM = Markup(' class="item k{}" data-kind="{}" data-feature="{}"{}')
_CONFIDENCE = Markup(' data-confidence="{}"')


def colour(place: int) -> int:
    """The colour of a kind: there are more kinds than colours that can be told apart."""
    return place % _COLOURS


def item(number: int, feature: Feature, places: Mapping[str, int]) -> Markup:
    """The attributes by which a feature is found in the drawing and in the list beside it."""
    place = places[feature.kind]
    confidence = "" if feature.confidence is None else _CONFIDENCE.format(feature.confidence)
    return _ITEM.format(colour(place), place, number, confidence)


def drawing(features: Sequence[Feature], places: Mapping[str, int]) -> Markup:
    """All features that have a place in the picture."""
    taken: Counter[tuple[float, float]] = Counter()
    drawn = (
        _FEATURE.format(
            item(number, one, places),
            text(one.label),
            joined(map(_outline, one.outlines)),
            _label(one, taken),
        )
        for number, one in enumerate(features)
        if one.outlines
    )
    return _DRAWING.format(counted(len(features), "feature"), joined(drawn))


def _outline(outline: Outline) -> Markup:
    points = outline.points
    if outline.form == "keypoints":
        return joined(_POINT.format(100 * one.x, 100 * one.y, _name(one)) for one in points)
    if outline.form == "box":
        left, top, right, bottom = (100 * value for value in _extent(points))
        return _BOX.format(left, top, right - left, bottom - top)
    return _LINES.format(outline.form, " ".join(f"{one.x:.5g},{one.y:.5g}" for one in points))


def _name(point: Point) -> Markup:
    if point.name is None:
        return Markup("")
    return _LABEL.format(100 * point.x, 100 * point.y, 7, 4, "start", text(point.name))


def _label(feature: Feature, taken: Counter[tuple[float, float]]) -> Markup:
    """The label above what it is of: in the picture, so below its top edge, left of its right.

    Where labels stand already, it is the next line above them, or the first below the edge.
    """
    left, top, right, _ = _extent(feature.outlines[0].points)
    place = (round(left, 2), round(top, 2))
    before = taken[place]
    taken[place] += 1
    at, anchor = (right, "end") if left > 0.7 else (left, "start")
    room = int((_LOWEST * top + _ABOVE) / _LINE)
    down = _ABOVE - _LINE * before if before < room else _LINE * (1 + before - room)
    return _LABEL.format(100 * at, 100 * top, 0, down, anchor, text(feature.label))


def _extent(points: Sequence[Point]) -> tuple[float, float, float, float]:
    across, down = [one.x for one in points], [one.y for one in points]
    return min(across), min(down), max(across), max(down)
