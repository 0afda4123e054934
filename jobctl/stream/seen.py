"""Which keys came before, in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Sequence
from itertools import islice

FEW = 1 << 16
"""So many are kept in a set, which is quicker, and takes 80 bytes for each."""

# How full a table may be, and how many times as large the next one is, at least and at most.
_FULL, _LEAST, _MOST = 0.65, 2, 16


class Seen:
    """Remembers 64 keyed bits of each key, for a million keys themselves would not fit.

    Two of a million keys fall together once in forty million runs. Many stand in a table of such
    numbers, each as near to its place as there was room: 12 bytes for each of `expected`, how many
    there will be; where that is not known, 31 at most.
    """

    def __init__(self, few: int = FEW) -> None:
        self.expected: float = 0
        self._most = few
        self._few: set[int] = set()
        self._table = array("q")
        self._number = 0

    def add(self, keys: Sequence[Hashable]) -> Sequence[int]:
        """Remember keys; tells which of them are new, by their places."""
        hashes = list(map(hash, keys))
        if 0 in hashes:
            hashes = [one or 1 for one in hashes]  # what is 0 in the table is free
        if not self._table and len(self._few) + len(keys) > self._most:
            self._move(self._few, len(keys))
            self._few = set()
        if self._table:
            if self._number + len(keys) > len(self._table) * _FULL:
                self._move(filter(None, self._table), len(keys))
            return self._put(hashes)
        different = set(hashes)
        if len(different) == len(keys) and different.isdisjoint(self._few):
            self._few |= different
            return range(len(keys))
        return [at for at, one in enumerate(hashes) if self._is_new(one)]

    def _is_new(self, one: int) -> bool:
        before = len(self._few)
        self._few.add(one)
        return len(self._few) > before

    def _move(self, hashes: Iterable[int], more: int) -> None:
        """Move them to a larger table, with room for some more."""
        size = len(self._table) or int(self._most / _FULL)
        wanted = min(int(self.expected / _FULL) + 1, _MOST * size)
        needed = int((self._number + len(self._few) + more) / _FULL) + 1
        self._table = array("q", (0,)) * max(wanted, needed, _LEAST * size)
        self._number, moving = 0, iter(hashes)
        while batch := list(islice(moving, 1000)):
            self._put(batch)

    def _put(self, hashes: Sequence[int]) -> list[int]:
        table, size, new = self._table, len(self._table), []
        for at, one in enumerate(hashes):
            place = one % size
            while there := table[place]:
                if there == one:
                    break
                place += 1
                if place == size:
                    place = 0
            else:
                table[place] = one
                new.append(at)
        self._number += len(new)
        return new
