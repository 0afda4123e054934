"""What a page counts while its records pass by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jobctl.models import Card
from jobctl.render.page.pictures import Frame


class Tally:
    """Counts over all records.

    `empty` counts frames without a picture, `missing` those of them whose picture was looked for;
    `places` numbers the kinds in the order they came, which gives each its colour.
    """

    def __init__(self) -> None:
        self.records = self.failed = self.messages = self.features = self.scores = (
            self.confident
        ) = 0
        self.pictures = self.missing = self.empty = 0
        self.groups: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.places: dict[str, int] = {}

    def meet(self, card: Card) -> None:
        """Give every kind of its features a number."""
        for feature in card.features:
            self.places.setdefault(feature.kind, len(self.places))

    def add(self, card: Card, frames: Sequence[Frame]) -> None:
        """Count a record and the frames its pictures and features are shown in."""
        self.records += 1
        self.failed += card.failed
        self.messages += card.message is not None
        self.features += len(card.features)
        self.scores += len(card.scores)
        self.confident += sum(one.confidence is not None for one in card.features)
        self.confident += len(card.scores)
        self.pictures += sum(bool(one.data) for one in frames)
        self.missing += sum(one.wanted and not one.data for one in frames)
        self.empty += sum(not one.data for one in frames)
        if card.group is not None:
            self.groups[card.group] += 1
        self.kinds.update(one.kind for one in card.features)
