"""Pages before they are needed: as many at once as the distance asks for, and no more."""

import threading

import pytest
from simulated import slow
from threads import few

from jobctl.errors import UnavailableError
from jobctl.models import Page
from jobctl.stream.ahead import Ahead
from jobctl.stream.pages import Walk

MOST, PAGES = 6, 40


class Distant:
    """Answers a page when so many are under way at once, as if the others were long in coming."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.changed = threading.Condition()
        self.under_way = self.peak = 0

    def fetch(self, cursor: str | None) -> Page[str]:
        number = int(cursor or 0)
        with self.changed:
            self.under_way += 1
            self.peak = max(self.peak, self.under_way)
            self.changed.notify_all()
            enough = min(number + 1, self.most)
            assert self.changed.wait_for(lambda: self.peak >= enough, 10)
            self.under_way -= 1
        return Page([str(number)])


def test_as_many_are_under_way_as_come_while_one_is_awaited() -> None:
    service, number = Distant(), iter(range(PAGES))
    ahead = Ahead(service.fetch, MOST, now=slow())
    pages = ahead.pages(map(str, range(PAGES)), lambda: str(next(number)))
    assert [page.items for page in pages] == [[str(one)] for one in range(PAGES)]
    assert service.peak == MOST


def test_a_pause_halves_what_is_under_way_and_it_grows_again() -> None:
    number = iter(range(PAGES))
    ahead = Ahead(Distant().fetch, MOST, now=slow())
    pages = ahead.pages(map(str, range(PAGES)), lambda: str(next(number)))
    for _ in range(PAGES // 2):
        next(pages)
    assert ahead.at_once == MOST
    ahead.slow_down()
    assert ahead.at_once == MOST // 2
    assert len(list(pages)) == PAGES - PAGES // 2


def numbers(cursor: str | None) -> Page[str]:
    number = int(cursor or 0)
    return Page([str(number)], next=map(str, range(number + 1, PAGES)))


def test_a_walk_may_be_told_of_a_pause_whether_pages_are_fetched_ahead_or_not() -> None:
    items: list[str] = []
    walk = Walk(numbers, now=slow())
    for page in walk:
        walk.slow_down()
        items += page.items
    assert items == [str(one) for one in range(PAGES)]


def test_when_pages_come_quickly_they_are_fetched_one_after_the_other_again() -> None:
    threads: list[bool] = []

    def fetch(cursor: str | None) -> Page[str]:
        threads.append(threading.current_thread() is not threading.main_thread())
        return numbers(cursor)

    seconds = iter([0.0, 1.0, 1.0, 2.0])
    walk = Walk(fetch, now=lambda: next(seconds, 2.0))
    assert [item for page in walk for item in page.items] == [str(one) for one in range(PAGES)]
    assert threads[:3] == [False, False, True]
    assert not any(threads[-5:])


def test_a_page_that_fails_does_so_in_its_turn() -> None:
    def fetch(cursor: str | None) -> Page[str]:
        if cursor == "9":
            raise UnavailableError("500")
        return numbers(cursor)

    found: list[str] = []
    with pytest.raises(UnavailableError):
        found.extend(item for page in Walk(fetch, now=slow()) for item in page.items)
    assert found == [str(one) for one in range(9)]


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_pages_come_in_order_on_the_threads_there_are(threads: int) -> None:
    number = iter(range(PAGES))
    ahead = Ahead(Distant(threads).fetch, MOST, few(threads), slow())
    pages = ahead.pages(map(str, range(PAGES)), lambda: str(next(number)))
    assert [page.items for page in pages] == [[str(one)] for one in range(PAGES)]
