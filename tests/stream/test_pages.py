"""Walking over pages: every item once, in order, and always to an end."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
from simulated import slow

from jobctl.errors import NotFoundError, UnavailableError, UsageError
from jobctl.models import Page
from jobctl.stream.pages import IN_FLIGHT, Place, Walk

Fetch = Callable[[str | None], Page[str]]


def pages(
    *found: Sequence[str],
    total: int | None = None,
    at_once: bool = False,
    asked: list[str | None] | None = None,
) -> Fetch:
    """A service with these pages, named by their numbers; it may tell them all at once.

    `asked` is told which are asked for.
    """

    def fetch(cursor: str | None) -> Page[str]:
        if asked is not None:
            asked.append(cursor)
        number = int(cursor or 0)
        following = range(number + 1, len(found) if at_once else min(number + 2, len(found)))
        items = found[number]
        return Page(items, keys=items, next=map(str, following), total=total)

    return fetch


def walked(walk: Walk[str]) -> list[str]:
    return [item for page in walk for item in page.items]


@pytest.mark.parametrize("at_once", [True, False], ids=["all pages known", "one after the other"])
def test_every_item_comes_once_and_in_order(at_once: bool) -> None:
    walk = Walk(pages("abc", "def", "g", total=7, at_once=at_once), now=slow())
    assert walked(walk) == list("abcdefg")
    assert (walk.count, walk.total, walk.missing, walk.repeated) == (7, 7, 0, 0)


def test_known_pages_of_a_slow_service_are_fetched_ahead_but_only_so_many() -> None:
    asked: list[str | None] = []
    fetch = pages(*["abc"[at % 3] + str(at) for at in range(50)], at_once=True, asked=asked)
    walk = Walk(lambda cursor: fetch(cursor)._replace(keys=None), now=slow())
    for number, _ in enumerate(walk):
        assert len(asked) <= number + 1 + 2 * IN_FLIGHT
    assert sorted(asked, key=lambda cursor: int(cursor or 0)) == [None, *map(str, range(1, 50))]


def test_no_more_pages_are_fetched_ahead_than_a_limit_calls_for() -> None:
    asked: list[str | None] = []
    fetch = pages(*map(str, range(9)), at_once=True, asked=asked)
    assert walked(Walk(fetch, limit=4, now=slow())) == list("0123")
    assert len(asked) == 4


def test_a_quick_service_is_asked_page_after_page() -> None:
    asked: list[str | None] = []
    fetch = pages(*map(str, range(9)), at_once=True, asked=asked)
    for number, _ in enumerate(Walk(fetch, now=lambda: 0.0), 1):
        assert len(asked) == number


def test_an_item_that_comes_again_is_left_out() -> None:
    walk = Walk(pages("abc", "cde", "af", total=6))
    assert walked(walk) == list("abcdef")
    assert (walk.repeated, walk.missing) == (2, 0)


def test_the_walk_ends_when_all_that_is_announced_has_come() -> None:
    walk = Walk(pages("abc", "def", "ghi", total=6))
    assert walked(walk) == list("abcdef")


def test_it_ends_after_a_page_without_anything_new() -> None:
    def same_for_ever(cursor: str | None) -> Page[str]:
        return Page("abc", keys="abc", next=map(str, count(int(cursor or 0) + 1)), total=10**15)

    walk = Walk(same_for_ever, now=slow())
    assert walked(walk) == list("abc")
    assert walk.missing == 10**15 - 3


def test_one_empty_page_is_passed_and_a_second_ends_it() -> None:
    assert walked(Walk(pages("ab", "", "cd", total=4))) == list("abcd")
    walk = Walk(pages("ab", "", "", "cd", total=4))
    assert walked(walk) == list("ab")
    assert walk.missing == 2


def test_a_list_may_be_empty() -> None:
    walk = Walk(pages("", total=0))
    assert [list(page.items) for page in walk] == [[]]
    assert walk.missing == 0


def test_without_keys_every_item_is_a_new_one() -> None:
    assert walked(Walk(lambda _: Page("aab"))) == list("aab")


def test_a_limit_ends_the_walk_within_a_page_and_fetches_no_further_one() -> None:
    asked: list[str | None] = []

    def fetch(cursor: str | None) -> Page[str]:
        asked.append(cursor)
        return pages("abc", "def", total=6)(cursor)

    for limit, found, requests in ((2, "ab", 1), (3, "abc", 1), (5, "abcde", 2)):
        asked.clear()
        assert walked(Walk(fetch, limit=limit)) == list(found)
        assert len(asked) == requests
    assert walked(Walk(lambda _: Page("abc"), limit=2)) == ["a", "b"]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("limit", range(1, 9))
def test_what_a_walk_leaves_its_cursor_brings(limit: int, at_once: bool) -> None:
    fetch = pages("abc", "cde", "", "fgh", total=8, at_once=at_once)
    first = Walk(fetch, limit=limit, now=slow())
    begun = walked(first)
    rest = Walk(fetch, Place.parse(str(first.place)), now=slow())
    ended = walked(rest)
    assert len(begun) == limit
    assert begun + ended == list("abcdefgh")
    assert rest.missing == 0


def test_an_item_on_both_sides_of_a_cursor_comes_once_and_hides_no_other() -> None:
    fetch = pages("abc", "dea", "bfg", total=7)
    assert walked(Walk(fetch, Place(4))) == list("efg")


def test_a_place_behind_all_there_is_tells_how_many_are_not_there() -> None:
    walk = Walk(pages("abc"), Place(5))
    assert walked(walk) == []
    assert (walk.behind, walk.came, str(walk.place)) == (2, 3, "5")


def test_a_list_is_begun_again_where_it_began() -> None:
    fetch = pages("abc", "def", "ghi", total=9)
    walk = Walk(lambda cursor: fetch(cursor)._replace(origin=cursor or "0"), limit=4)
    assert walked(walk) == list("abcd")
    assert walk.place.origin == "0"
    assert walked(Walk(fetch, Place.parse(str(walk.place)))) == list("efghi")


@pytest.mark.parametrize("clock", [slow, lambda: lambda: 0.0], ids=["slow", "quick"])
def test_a_plan_holds_as_long_as_each_page_confirms_it(clock: Any) -> None:
    """The service gives fewer items than asked on one page, and all that follow begin earlier."""
    everything = "abcdefghijklmnopqrstuvwx"
    asked: list[int] = []

    def fetch(cursor: str | None) -> Page[str]:
        at = int(cursor or 0)
        asked.append(at)
        items = everything[at : at + (1 if at == 12 else 2)]
        full = len(items) == 2
        end = len(everything) if full else at + len(items) + 1
        following = range(at + len(items), end, len(items) or 1)
        return Page(items, keys=items, next=map(str, following), total=len(everything))

    walk = Walk(fetch, now=clock())
    assert walked(walk) == list(everything)
    assert walk.repeated == 0
    assert 13 in asked


@pytest.mark.parametrize("at_once", [True, False])
def test_a_failure_comes_in_its_turn_and_the_cursor_brings_exactly_the_rest(at_once: bool) -> None:
    fetch = pages("abc", "def", "ghi", "jk", total=11, at_once=at_once)
    broken = True

    def failing(cursor: str | None) -> Page[str]:
        if cursor == "2" and broken:
            raise UnavailableError("500")
        return fetch(cursor)

    walk = Walk(failing, now=slow())
    found: list[str] = []
    with pytest.raises(UnavailableError):
        found.extend(item for page in walk for item in page.items)
    broken = False
    assert found == list("abcdef")
    assert walked(Walk(failing, Place.parse(str(walk.place)), now=slow())) == list("ghijk")


def test_a_failure_on_the_first_page_leaves_the_beginning() -> None:
    def none(_: str | None) -> Page[str]:
        raise NotFoundError("404")

    walk = Walk(none)
    with pytest.raises(NotFoundError):
        walked(walk)
    assert str(walk.place) == "0"


def test_while_a_page_is_with_the_caller_the_place_is_its_beginning() -> None:
    walk = Walk(pages("abc", "def", total=6))
    assert [(walk.place.before, walk.after.before) for _ in walk] == [(0, 3), (3, 6)]
    assert walk.place == walk.after


def test_a_digest_tells_whether_other_items_lie_before_the_place() -> None:
    first = Walk(pages("abc", "def", total=6), limit=4)
    walked(first)
    # on other pages they are the same
    assert walked(Walk(pages("ab", "cde", "f", total=6), first.place)) == list("ef")
    for others in ("xbc", "bac"):
        walk = Walk(pages(others, "def", total=6), first.place)
        with pytest.raises(UnavailableError, match="not what has come"):
            walked(walk)
        assert walk.astray
    assert walked(Walk(pages("xbc", "def", total=6), Place(4))) == list("ef"), "a number alone"


def test_whatever_identifies_items_has_a_digest() -> None:
    def fetch(_: str | None) -> Page[int]:
        return Page([1, 2, 3], keys=[b"\xff", 7, "\ud800"])

    first = Walk(fetch, limit=2)
    assert [page.items for page in first] == [[1, 2]]
    assert [page.items for page in Walk(fetch, Place.parse(str(first.place)))] == [[3]]


@pytest.mark.parametrize("text", ["", "a", "a.1", "-1", ".x", "9" * 5000, "1.\x1b[2J"])
def test_a_cursor_that_no_run_told_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Place.parse(text)
