"""Cards as markup: a row for each record, and below it what there is to look at."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from jobctl.models import Card, Feature, Score
from jobctl.render.page.drawing import drawing, item
from jobctl.render.page.pictures import Frame
from jobctl.render.page.text import folded, joined, text
from jobctl.render.words import counted

_RECORD = Markup("""<tbody{failed}>
<tr><td class="number">{number}</td><th scope="row" class="title">{title}</th>\
<td class="group">{group}</td><td class="found number">{found}</td>\
<td class="best number">{best}</td><td class="message">{message}</td></tr>
""")
_MORE = Markup('<tr class="more"><td colspan="6">\n')
_IMAGE = Markup('<img alt="{}" src="data:{};base64,')
_CAPTION = Markup("</div><figcaption>{} {}</figcaption></figure>\n")
_FEATURES = Markup("""<div class="list"><table class="features"><thead><tr><th>Feature</th>\
<th>Reading</th><th>Kind</th><th class="number">Confidence</th></tr></thead>
<tbody>{}</tbody></table></div>
""")
_FEATURE = Markup("""<tr{}><td><i></i>{}</td><td>{}</td><td class="quiet">{}</td>\
<td class="number">{}</td></tr>
""")
_SCORES = Markup("""<div class="list"><table class="scores"><tbody>{}</tbody></table></div>
""")
_SCORE = Markup("""<tr class="item" data-confidence="{0}"><th scope="row">{1}</th>\
<td class="bar"><svg aria-hidden="true"><rect width="{2:.4g}%" height="100%"/></svg></td>\
<td class="number">{0:.2f}</td></tr>
""")
_FOLDED = Markup("<details><summary>{}</summary>{}</details>\n")
_MANY = 20
_FACTS = Markup('<dl class="facts">{}</dl>\n')
_FACT = Markup("<div><dt>{}</dt><dd>{}</dd></div>\n")


def record(
    number: int, card: Card, frames: Sequence[Frame], places: Mapping[str, int]
) -> Iterator[str]:
    """A record, in parts, for pictures are large; `places` numbers the kinds."""
    sure = [one.confidence for one in card.features if one.confidence is not None]
    sure += [one.value for one in card.scores]
    yield _RECORD.format(
        failed=Markup(' class="failed"') if card.failed else "",
        number=number,
        title=text(card.title) or f"record {number}",
        group=text(card.group),
        found=len(card.features) + len(card.scores) or "",
        best=f"{max(sure):.2f}" if sure else "",
        message=text(card.message),
    )
    if frames or card.features or card.scores or card.facts:
        yield _MORE
        for index, frame in enumerate(frames):
            # features lie in the first picture
            yield from _figure(frame, card.title, () if index else card.features, places)
        yield _list(card, places)
        yield "</td></tr>\n"
    yield "</tbody>\n"


def _figure(
    frame: Frame, title: str | None, features: Sequence[Feature], places: Mapping[str, int]
) -> Iterator[str]:
    yield Markup('<figure><div class="frame{}">').format("" if frame.data else " empty")
    if frame.data:
        yield _IMAGE.format(text(frame.caption or title), frame.type)
        yield base64.b64encode(frame.data).decode()
        yield '">'
    if features:
        yield drawing(features, places)
    why = "" if frame.data or not frame.wanted else f"({text(frame.why)})"
    yield _CAPTION.format(text(frame.caption), why)


def _list(card: Card, places: Mapping[str, int]) -> Markup:
    parts = []
    if card.features:
        rows = (_feature(number, one, places) for number, one in enumerate(card.features))
        parts.append(_folded(_FEATURES.format(joined(rows)), len(card.features), "feature"))
    if card.scores:
        scores = _SCORES.format(joined(map(_score, card.scores)))
        parts.append(_folded(scores, len(card.scores), "score"))
    if card.facts:
        facts = (_FACT.format(text(name), folded(value)) for name, value in card.facts.items())
        parts.append(_FACTS.format(joined(facts)))
    return Markup('<div class="told">{}</div>\n').format(joined(parts))


def _folded(table: Markup, rows: int, noun: str) -> Markup:
    """A table, which a long one is only for who opens it."""
    return _FOLDED.format(counted(rows, noun), table) if rows > _MANY else table


def _feature(number: int, feature: Feature, places: Mapping[str, int]) -> Markup:
    return _FEATURE.format(
        item(number, feature, places),
        text(feature.label),
        text(feature.reading),
        text(feature.kind),
        "" if feature.confidence is None else f"{feature.confidence:.2f}",
    )


def _score(score: Score) -> Markup:
    return _SCORE.format(score.value, text(score.label), 100 * score.value)
