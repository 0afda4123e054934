"""Pages, by each of the ways in which services tell them apart."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from films import ROOT, Films, Service, films
from hypothesis import given
from hypothesis import strategies as st

from jobctl.errors import UnavailableError, UsageError
from jobctl.models import Page, Record
from jobctl.provider import Cursor, Paging, Part
from jobctl.provider.paging import KINDS
from jobctl.stream.pages import Walk

PAGE = Paging("page", "page", "per_page", largest=10)
OFFSET = Paging("offset", "skip", "take", largest=10)
NAMED = Paging("cursor", "after", "first", largest=10)
LINKED = Paging("url", size="take", largest=10)


def turned(one: Films, paging: Paging, text: str | None = None, most: int = 50) -> Page[Record]:
    """A page of a list whose answers may have `total`, `next` and `more` beside the items."""

    def fetch(cursor: Cursor) -> Part[Record]:
        response = one.ask(f"{ROOT}/list", paging.asked(cursor))
        part = one.unpack(response, "items", "id")
        body = response.json()
        return part._replace(next=body.get("next"), more=body.get("more"))

    cursor = paging.start(10) if text is None else paging.resume(text)
    return one.paged(paging, cursor, fetch, most)


Telling = Callable[[int, int], Any]


class Shelf:
    """A service with so many items, at most `most` on a page, which tells of them what it likes."""

    def __init__(self, number: int, told: Mapping[str, Telling], most: int = 10) -> None:
        self.items = [{"id": f"i{at}"} for at in range(number)]
        self.most, self.told = most, told
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        self.asked.append(asked)
        size = min(int(asked.get("per_page") or asked.get("take") or asked["first"]), self.most)
        if "page" in asked:
            start = (int(asked["page"]) - 1) * size
        else:
            start = int(asked.get("skip") or asked.get("after") or 0)
        end = start + size
        told = {name: say(end, len(self.items)) for name, say in self.told.items()}
        return httpx.Response(200, json={"items": self.items[start:end]} | told)

    def walked(self, paging: Paging) -> list[bytes]:
        one = films(Service())
        one.client = httpx.Client(transport=httpx.MockTransport(self))
        walk = Walk(lambda text: turned(one, paging, text))
        return [record for page in walk for record in page.items]


def total(_: int, number: int) -> int:
    return number


def more(end: int, number: int) -> bool:
    return end < number


def following(end: int, number: int) -> str | None:
    return str(end) if end < number else None


SHELVES: list[tuple[Paging, dict[str, Any]]] = [
    (PAGE, {}),
    (PAGE, {"count": total}),
    (PAGE, {"more": more}),
    (OFFSET, {}),
    (OFFSET, {"count": total}),
    (OFFSET, {"more": more}),
    (NAMED, {"next": following}),
    (NAMED, {"next": following, "count": total}),
]


@pytest.mark.parametrize(("paging", "told"), SHELVES)
@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 20, 35])
def test_every_record_comes_once_in_order(paging: Paging, told: Any, number: int) -> None:
    found = Shelf(number, told).walked(paging)
    assert found == [b'{"id":"i%d"}' % at for at in range(number)]


@pytest.mark.parametrize("told", [{"count": total}, {"more": more}])
def test_a_service_that_gives_fewer_than_asked_gives_all_in_the_end(told: Any) -> None:
    assert len(Shelf(35, told, most=4).walked(OFFSET)) == 35


def test_pages_are_asked_for_by_their_kind() -> None:
    by_page, by_offset, by_name = Shelf(20, {}), Shelf(20, {}), Shelf(20, {"next": following})
    for shelf, paging in ((by_page, PAGE), (by_offset, OFFSET), (by_name, NAMED)):
        shelf.walked(paging)
    assert [one["page"] for one in by_page.asked] == ["1", "2", "3"]
    assert [one["skip"] for one in by_offset.asked] == ["0", "10", "20"]
    assert [one.get("after") for one in by_name.asked] == [None, "10"]
    assert {one["per_page"] for one in by_page.asked} == {"10"}


def test_all_pages_that_the_first_one_announces_may_be_fetched_at_once() -> None:
    for paging, ends in ((PAGE, ["2", "3", "4"]), (OFFSET, ["10", "20", "30"])):
        page = turned(films(Service({"items": [{}] * 10, "count": 35})), paging)
        assert [Cursor.parse(text).at for text in page.next] == ends
        assert page.total == 35


def test_a_total_is_remembered_from_the_first_page_that_tells_it() -> None:
    full = [{"id": str(at)} for at in range(10)]
    one = films(Service({"items": full, "count": 30}, {"items": full[:3]}))
    second = next(iter(turned(one, PAGE).next))
    assert Cursor.parse(next(iter(turned(one, PAGE, second).next))).at == "3"


def test_a_total_that_a_page_disproves_is_not_told() -> None:
    page = turned(films(Service({"items": [{}] * 10, "count": 3})), PAGE)
    assert page.total is None
    assert len(list(page.next)) == 1


def test_an_empty_page_ends_a_counted_list_whose_total_nobody_tells() -> None:
    for more_told in (None, True):
        service = Service({"items": [], "more": more_told})
        assert list(turned(films(service), OFFSET).next) == []
    assert len(list(turned(films(Service({"items": [], "count": 30})), OFFSET).next)) == 1


def test_there_is_more_only_where_the_service_says_so() -> None:
    ended, short = {"items": [{}] * 10, "more": False}, {"items": [{}] * 3, "more": True}
    assert list(turned(films(Service(ended)), PAGE).next) == []
    assert len(list(turned(films(Service(short)), PAGE).next)) == 1


def test_no_page_begins_behind_what_a_service_lists_at_most() -> None:
    bounded = OFFSET._replace(furthest=20)
    page = turned(films(Service({"items": [{}] * 10, "count": 90})), bounded)
    assert [Cursor.parse(text).at for text in page.next] == ["10", "20"]


def test_empty_pages_that_name_a_next_one_are_passed_over() -> None:
    service = Service(
        {"items": [], "next": "a"}, {"items": [], "next": "b"}, {"items": [{}], "next": "c"}
    )
    page = turned(films(service), NAMED)
    assert (len(page.items), [Cursor.parse(text).at for text in page.next]) == (1, ["c"])
    assert [dict(request.url.params).get("after") for request in service.asked] == [None, "a", "b"]
    assert turned(films(Service({"items": [], "next": ""})), NAMED).items == []


def test_a_page_that_names_itself_as_the_next_is_an_error() -> None:
    one = films(Service({"items": [{}], "next": "a"}))
    second = next(iter(turned(one, NAMED).next))
    with pytest.raises(UnavailableError, match="same page"):
        turned(one, NAMED, second)


def test_a_url_that_the_service_names_is_asked_as_it_is() -> None:
    service = Service({"items": [{}], "next": f"{ROOT}/list?b=%2F&c"})
    cursor = LINKED.resume(next(iter(turned(films(service), LINKED).next)))
    assert cursor.at == f"{ROOT}/list?b=%2F&c"
    assert list(LINKED.asked(cursor)) == [("take", "10")]


def test_more_pages_than_allowed_are_an_error() -> None:
    def endless() -> Iterator[dict[str, Any]]:
        yield from ({"items": [], "next": str(at)} for at in range(100))

    with pytest.raises(UnavailableError, match="more than 50 pages") as caught:
        turned(films(Service(*endless())), NAMED)
    assert "max_pages" in str(caught.value.hint)
    service = Service(*endless())
    with pytest.raises(UnavailableError, match="more than 3 pages"):
        turned(films(service, max_pages="3"), NAMED)
    assert len(service.asked) == 3


@given(
    st.builds(
        Cursor,
        st.sampled_from(["cursor", "url", "link"]),
        st.text(max_size=20),
        st.integers(1, 10**9 - 1),
        st.integers(0, 10**9 - 1),
        st.integers(0, 10**19 - 1),
        st.none() | st.integers(0, 10**19 - 1),
        st.text(max_size=20),
    )
)
def test_a_cursor_is_read_back_as_it_was_written_and_stands_in_one_word(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor
    assert not any(letter.isspace() for letter in str(cursor))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "page/2/10/1",
        "page/x/10/1/10//",
        "page/\u0663/10/1/10//",
        f"page/{'9' * 19}/10/1/10//",
        f"page/{'9' * 5000}/10/1/10//",
        "page/2/0/1/10//",
        "page/2/10/1/10/many/",
        "page/2/11/1/10//",
        "offset/2/10/1/10//",
        "page/2/10/1/10//a b",
        "page/2/10/1/10//a/b",
    ],
)
def test_what_is_no_cursor_of_a_list_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cursor"):
        PAGE.resume(text)
    assert set(KINDS) >= {PAGE.kind, OFFSET.kind, NAMED.kind, LINKED.kind}
