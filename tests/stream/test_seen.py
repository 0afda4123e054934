"""Which keys came before: the same whether they are few or many."""

import random
from collections.abc import Hashable, Iterator

import pytest

from jobctl.models import JobRef
from jobctl.stream.seen import Seen

ODD: list[Hashable] = ["", b"\xff", "\ud800", ("a", "1"), JobRef("cognite", ("1",)), "0", "-"]


def pages(seed: int) -> Iterator[list[Hashable]]:
    """Pages of keys, a quarter of which come again, some on the same page."""
    chance = random.Random(seed)
    for number in range(60):
        keys: list[Hashable] = [f"{chance.randrange(2000):x}" for _ in range(chance.randrange(40))]
        yield keys + ODD[number % 5 : number % 7]


@pytest.mark.parametrize("few", [0, 3, 100, 10**6], ids=lambda few: f"{few} in a set")
@pytest.mark.parametrize("expected", [0, 50, 1500, 10**15])
def test_each_key_is_new_once(few: int, expected: int) -> None:
    seen, before = Seen(few), set[Hashable]()
    seen.expected = expected
    for keys in pages(few):
        new: list[int] = []
        for at, key in enumerate(keys):
            if key not in before:
                before.add(key)
                new.append(at)
        assert list(seen.add(keys)) == new


def test_a_page_may_be_larger_than_all_before() -> None:
    seen = Seen(2)
    for keys in (["a"], ["b", "c"], list(map(str, range(5000))), ["a", "7", "x"]):
        new = list(seen.add(keys))
    assert new == [2]


def test_what_finds_no_room_at_the_end_of_the_table_stands_at_its_beginning() -> None:
    for size in range(4, 100):  # one of them is that of the table
        seen = Seen(2)
        seen.expected = 1000
        assert list(seen.add([1, 2, 3])) == [0, 1, 2]
        last = [size * number - 1 for number in (2, 3, 4)]
        assert list(seen.add(last)) == [0, 1, 2]
        assert list(seen.add(last)) == []
