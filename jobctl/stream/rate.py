"""How many looks a second a service bears, found out as TCP finds the pace of a line.

Pure numbers: moments are seconds of one monotonic clock.
"""

from __future__ import annotations

import math

# A refusal leaves this part of the pace, and each good answer adds this part to it: they balance
# where one in twenty looks is refused. One after many good answers may be by chance: more is left.
_LEFT, _LEFT_OF_GOOD, _GAIN = 0.6, 0.8, 1 / 40
# Good answers that make up for a refusal, and how many of them are remembered.
_PRICE, _MOST = 20, 100
# Looks a second: from a service that bears fewer nothing is to be had. And what a pace that was
# refused can have been at most, since the looks that found it began together.
_LEAST, _FASTEST = 0.5, 500.0
# How far the latest gap between two looks counts in their average.
_WEIGHT = 1 / 8


class Rate:
    """Looks a second at one service, by its answers to those before.

    `rare` tells that so few are refused that each refusal may be about one job alone.
    """

    def __init__(self) -> None:
        self.value = math.inf
        self._began = self._fell = -math.inf
        self._gap = 0.0
        self._credit = 2 * _PRICE
        self._borne, self._heard = 0.0, True

    @property
    def rare(self) -> bool:
        return self._credit >= 0

    def begun(self, now: float) -> None:
        """A look began."""
        gap = now - self._began if self._began > self._fell else 0.0
        self._gap += (gap - self._gap) * _WEIGHT
        self._began = now

    def answered(self) -> None:
        """A look was answered well; after nothing but refusals the pace comes back quickly."""
        self._credit = min(self._credit + 1, _MOST)
        self._heard = True
        self.value = max(self.value * (1.0 + _GAIN), min(self.value * 2.0, self._borne))

    def refused(self, began: float, now: float) -> None:
        """A look that began then was refused; of those that began at the same pace only one counts.

        What was refused is the pace that the looks had, which may be less than they might have had.
        """
        self._credit = max(self._credit - _PRICE, -_PRICE)
        if began < self._fell:
            return
        self._fell = now
        pace = min(self.value, 1.0 / self._gap if self._gap else math.inf, _FASTEST)
        left = _LEFT_OF_GOOD if self._credit >= _PRICE else _LEFT
        self.value = max(pace * left, _LEAST)
        if self._heard:
            self._borne, self._heard = self.value, False
