"""The page in a browser that others wrote, opened from disk, with the network off."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chromium import Tab, browsing

from jobctl.models import Card, Feature, JobRef, Outline, Picture, Point, Score
from jobctl.render.page import HtmlPage

pytestmark = pytest.mark.slow

MADE = datetime(2024, 10, 29, tzinfo=UTC)
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
WIDE, HIGH = 200, 400
GREY = (96, 96, 96)


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = (b"\0" + bytes(GREY) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def feature(
    kind: str, label: str, confidence: float | None, form: Any, *points: tuple[float, float]
) -> Feature:
    return Feature(
        kind, label, confidence, outlines=(Outline(form, tuple(Point(*one) for one in points)),)
    )


CARDS = (
    Card(
        "pump 10.jpg",
        "with features",
        features=(
            feature("text", "21-PT-1019", 0.9, "box", (0.1, 0.2), (0.4, 0.3)),
            feature("valve", "V-7", 0.5, "polygon", (0.5, 0.5), (0.9, 0.5), (0.9, 0.7), (0.5, 0.7)),
            feature("gauge", "needle", None, "keypoints", (0.25, 0.75)),
        ),
        pictures=(Picture("", ("pump 10.jpg",)),),
    ),
    Card("pump 9.jpg", "with features", scores=(Score("rust", 0.8), Score("dirt", 0.1))),
    Card(
        HOSTILE,
        HOSTILE,
        HOSTILE,
        facts={HOSTILE: HOSTILE},
        features=(Feature(HOSTILE, HOSTILE, 0.3, HOSTILE),),
        pictures=(Picture(HOSTILE, (HOSTILE,)),),
    ),
)


def made(folder: Path, cards: Sequence[Card], notes: Sequence[str] = ()) -> Path:
    """The page with these cards, and with pictures of the folder that it lies in."""
    path, ref = folder / "report.html", JobRef.parse("cognite/123")
    with HtmlPage(
        path, ref, lambda record: cards[record["at"]], images=folder, now=lambda: MADE
    ) as page:
        page.records([b'{"at": %d}' % at for at in range(len(cards))])
        page.finish(notes=notes)
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    (folder / "pump 10.jpg").write_bytes(png(WIDE, HIGH))
    return made(folder, CARDS, [HOSTILE])


@pytest.fixture(scope="module")
def browser() -> Iterator[Tab]:
    with browsing() as tab:
        yield tab


@pytest.fixture
def tab(browser: Tab, page: Path) -> Tab:
    browser("Emulation.setScriptExecutionDisabled", value=False)
    browser.see()
    browser.open(page.as_uri())
    return browser


def test_it_opens_without_a_request_an_error_or_a_breach_of_its_policy(tab: Tab) -> None:
    requests = [one["request"]["url"] for one in tab.told("Network.requestWillBeSent")]
    assert [url.partition(":")[0] for url in requests] == ["file", "data"]
    assert tab.told("Audits.issueAdded", "Log.entryAdded", "Runtime.exceptionThrown") == []
    assert tab.ask("document.querySelector('.frame img').naturalWidth") == WIDE


def test_the_policy_stops_what_is_not_the_pages_own(tab: Tab) -> None:
    tab.ask("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    assert tab.told("Audits.issueAdded")


def test_a_hostile_name_is_text(tab: Tab) -> None:
    assert tab.ask("document.title") == "cognite/123: results"
    assert tab.ask("document.images.length") == 1
    assert tab.ask("document.querySelectorAll('tbody .title')[2].textContent") == HOSTILE


def test_features_lie_where_the_service_says(tab: Tab) -> None:
    def at(x: float, y: float) -> str:
        """What is drawn at a place of the picture."""
        return str(
            tab.ask(
                "{ const frame = document.querySelector('.frame img').getBoundingClientRect();"
                f" const at = [frame.x + {x} * frame.width, frame.y + {y} * frame.height];"
                " const hit = document.elementFromPoint(...at); hit.localName }"
            )
        )

    size = tab.ask(
        "{ const { width, height } = document.querySelector('.frame img'); [width, height] }"
    )
    assert size == [WIDE, HIGH]
    pixel = 1 / WIDE
    assert at(0.1 + 2 * pixel, 0.25) == at(0.4 - 2 * pixel, 0.25) == "rect"
    assert at(0.1 - 3 * pixel, 0.25) == at(0.4 + 3 * pixel, 0.25) == "svg"
    assert at(0.7, 0.5 + pixel) == at(0.7, 0.7 - pixel) == "polygon"
    assert at(0.7, 0.5 - 2 * pixel) == at(0.7, 0.7 + 2 * pixel) == "svg"
    assert at(0.25, 0.75) == "circle"


def shown(tab: Tab) -> list[str]:
    """The titles of the records that are to be seen, as they stand."""
    titles = tab.ask(
        "[...document.querySelectorAll('.records > tbody')].filter((one) => one.offsetHeight)"
        ".map((one) => one.querySelector('.title').textContent)"
    )
    return [str(title) for title in titles]


def drawn(tab: Tab) -> list[str]:
    """The labels of the features that are to be seen, in lists and, the same ones, in pictures."""
    labels = tab.ask(
        "[...document.querySelectorAll('.features .item')].filter((one) => one.offsetHeight)"
        ".map((one) => one.cells[0].textContent)"
    )
    titles = tab.ask(
        "[...document.querySelectorAll('g.item')].filter((one) => one.getClientRects().length)"
        ".map((one) => one.firstChild.textContent)"
    )
    assert titles == [label for label in labels if label != HOSTILE]
    return [str(label) for label in labels]


def test_the_filter_looks_for_all_its_words_in_all_that_is_said_of_a_record(tab: Tab) -> None:
    def filtered(words: str) -> list[str]:
        tab.ask("document.querySelector('#words').select()")
        tab("Input.insertText", text=words)
        return shown(tab)

    assert filtered("PUMP") == ["pump 10.jpg", "pump 9.jpg"]
    assert filtered("pump rust") == ["pump 9.jpg"]
    assert filtered("v-7 gauge") == ["pump 10.jpg"]
    assert filtered("onerror=") == [HOSTILE]
    assert tab.ask("document.querySelector('#shown').textContent") == "1 of 3 records shown"
    assert filtered("nowhere") == []
    assert filtered("confidence") == [], "a heading of the page is not said of a record"
    assert tab.ask("document.querySelector('#none').offsetHeight > 0")


def test_a_group_is_chosen_even_one_with_a_hostile_name(tab: Tab) -> None:
    def chosen(place: int) -> list[str]:
        tab.ask(f"document.querySelector('#group').selectedIndex = {place}")
        tab.ask(
            "document.querySelector('#group').dispatchEvent(new Event('input', {bubbles: true}))"
        )
        return shown(tab)

    assert chosen(1) == ["pump 10.jpg", "pump 9.jpg"]
    assert chosen(2) == [HOSTILE]
    assert len(chosen(0)) == 3


def test_a_click_on_a_kind_takes_its_features_away_and_brings_them_back(tab: Tab) -> None:
    everything = ["21-PT-1019", "V-7", "needle", HOSTILE]
    assert drawn(tab) == everything
    tab.click("fieldset .k1 input")
    assert drawn(tab) == ["21-PT-1019", "needle", HOSTILE]
    assert tab.ask("document.querySelector('td.found').textContent") == "2"
    tab.click("fieldset .k1 input")
    assert drawn(tab) == everything


def least(tab: Tab, value: float) -> list[str]:
    """What is to be seen when at least so much confidence is asked for."""
    tab.ask(
        f"{{ const least = document.querySelector('#least'); least.value = {value};"
        " least.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    return drawn(tab)


def test_the_slider_leaves_what_is_sure_enough_and_what_has_no_confidence(tab: Tab) -> None:
    assert least(tab, 0.5) == ["21-PT-1019", "V-7", "needle"]
    assert least(tab, 0.51) == ["21-PT-1019", "needle"]
    assert tab.ask("document.querySelector('.drawing').ariaLabel") == "2 features"
    assert shown(tab) == ["pump 10.jpg", "pump 9.jpg"], "a record of which nothing is left goes"
    assert tab.ask("document.querySelector('#floor').textContent") == "0.51"
    assert tab.ask("[...document.querySelectorAll('td.found')].map((one) => one.textContent)") == [
        "2",
        "1",
        "0",
    ]
    assert tab.ask("document.querySelector('td.best').textContent") == "0.90"
    assert least(tab, 1) == ["needle"]
    assert tab.ask("document.querySelector('td.best').textContent") == ""


def test_labels_can_be_taken_out_of_the_pictures(tab: Tab) -> None:
    def labels() -> int:
        texts = "[...document.querySelectorAll('.drawing text')]"
        return int(tab.ask(f"{texts}.filter((one) => one.getClientRects().length).length"))

    assert labels() == 3
    tab.click("#labels")
    assert labels() == 0


def test_a_click_on_a_heading_sorts_and_another_turns_it_round(tab: Tab) -> None:
    def sorted_by(column: str) -> list[str]:
        tab.click(f"thead .{column} button")
        return [title for title in shown(tab) if title != HOSTILE]

    assert sorted_by("title") == ["pump 9.jpg", "pump 10.jpg"]
    assert tab.ask("document.querySelector('thead .title').ariaSort") == "ascending"
    assert sorted_by("title") == ["pump 10.jpg", "pump 9.jpg"]
    assert tab.ask("document.querySelector('thead .title').ariaSort") == "descending"
    assert sorted_by("best") == ["pump 9.jpg", "pump 10.jpg"]
    assert tab.ask("document.querySelector('thead .title').ariaSort") is None
    assert sorted_by("number") == ["pump 10.jpg", "pump 9.jpg"]


def test_all_of_it_works_by_keyboard(tab: Tab) -> None:
    places = []
    for _ in range(9):
        tab.press("Tab")
        place = "const { id, parentElement } = document.activeElement"
        places.append(tab.ask(f"{{ {place}; id || parentElement.textContent.trim() }}"))
    assert places[:4] == ["words", "group", "least", "labels"]
    assert places[4:8] == ["text 1", "valve 1", "gauge 1", f"{HOSTILE} 1"]
    assert places[8] == "#"
    tab.ask("document.querySelector('#least').focus()")
    tab.press("End")
    assert drawn(tab) == ["needle"]
    tab.ask("document.querySelector('fieldset .k2 input').focus()")
    tab.press(" ")
    assert drawn(tab) == []


def test_a_feature_lights_up_in_the_picture_and_in_the_list_at_once(tab: Tab) -> None:
    def lit() -> list[str]:
        return [
            str(one)
            for one in tab.ask("[...document.querySelectorAll('.lit')].map((one) => one.localName)")
        ]

    tab.point("g.item.k1")
    assert lit() == ["g", "tr"]
    tab.point("h1")
    assert lit() == []
    tab.point(".features .item.k0 td")
    assert lit() == ["g", "tr"]


def test_without_javascript_it_is_a_plain_page(tab: Tab, page: Path) -> None:
    tab("Emulation.setScriptExecutionDisabled", value=True)
    tab.open(page.as_uri())
    document = tab("DOM.getDocument")["root"]["nodeId"]

    def box_of(selector: str) -> Any:
        node = tab("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        return tab("DOM.getBoxModel", nodeId=node)["model"]["height"]

    assert box_of(".records > tbody:last-of-type") > 0
    assert box_of("fieldset") > 0
    for control in ("#words", "#least", "fieldset input"):
        with pytest.raises(AssertionError, match="compute box model"):
            box_of(control)


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_it_fits_into_windows_of_any_width(tab: Tab, width: int) -> None:
    tab.see(width)
    assert tab.ask("document.documentElement.scrollWidth") == width
    assert tab.ask("document.querySelector('.frame img').offsetWidth") == WIDE


def test_it_is_dark_where_people_want_it_dark(tab: Tab) -> None:
    tab.see(scheme="light")
    assert min(tab.pixel(2, 2)) > 240
    tab.see(scheme="dark")
    assert max(tab.pixel(2, 2)) < 40


def test_the_picture_shows_through_where_nothing_was_found(tab: Tab) -> None:
    left, top = tab.ask(
        "{ const { x, y } = document.querySelector('.frame img').getBoundingClientRect(); [x, y] }"
    )
    assert tab.pixel(left + 0.5 * WIDE, top + 0.9 * HIGH) == GREY
    assert tab.pixel(left + 0.7 * WIDE, top + 0.6 * HIGH) != GREY


SIZES = [(200, 40), (800, 60), (64, 64), (300, 3000), (4000, 500), (1, 1)]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of pictures of odd sizes, the last of which begins like a picture and is none."""
    folder = tmp_path_factory.mktemp("odd")
    for number, size in enumerate(SIZES):
        (folder / f"{number}.png").write_bytes(png(*size))
    (folder / f"{len(SIZES)}.png").write_bytes(png(1, 1)[:20])
    cards = [
        Card(
            f"picture {number}",
            features=(feature("text", "here", 0.699, "box", (0.25, 0.5), (0.75, 0.9)),),
            pictures=(Picture("", (f"{number}.png",)),),
        )
        for number in range(len(SIZES) + 1)
    ]
    return made(folder, cards)


@pytest.mark.parametrize("width", [360, 1280])
def test_features_lie_over_the_picture_whatever_its_size(
    browser: Tab, odd: Path, width: int
) -> None:
    browser("Emulation.setScriptExecutionDisabled", value=False)
    browser.see(width)
    browser.open(odd.as_uri())
    places = browser.ask(
        "[...document.querySelectorAll('.frame:not(.empty)')].map((frame) => {"
        " const of = (name) => frame.querySelector(name).getBoundingClientRect();"
        " const image = of('img'), box = of('rect');"
        " return [(box.left - image.left) / image.width, (box.top - image.top) / image.height,"
        " box.width / image.width, box.height / image.height, image.width / image.height] })"
    )
    assert len(places) == len(SIZES)
    for place, size in zip(places, SIZES, strict=True):
        assert place[:4] == pytest.approx([0.25, 0.5, 0.5, 0.4], abs=0.02)
        assert place[4] == pytest.approx(size[0] / size[1], rel=0.05)


def test_a_file_that_only_begins_like_a_picture_is_an_empty_frame(browser: Tab, odd: Path) -> None:
    browser("Emulation.setScriptExecutionDisabled", value=False)
    browser.see()
    browser.open(odd.as_uri())
    assert browser.ask("document.images.length") == len(SIZES)
    told = browser.ask("document.querySelector('.frame.empty ~ figcaption').textContent")
    assert "the picture cannot be shown" in told
    assert browser.ask("document.querySelector('.frame.empty').offsetHeight") > 100


def test_a_confidence_is_what_it_is_shown_as(browser: Tab, odd: Path) -> None:
    browser("Emulation.setScriptExecutionDisabled", value=False)
    browser.open(odd.as_uri())
    assert browser.ask("document.querySelector('td.best').textContent") == "0.70"
    assert len(least(browser, 0.70)) == len(SIZES) + 1
    assert least(browser, 0.71) == []
    assert shown(browser) == [], "there is nothing left of them"


def test_on_paper_there_are_no_controls(tab: Tab) -> None:
    tab("Emulation.setEmulatedMedia", media="print")
    for control in ("#words", "#least", "fieldset input"):
        assert tab.ask(f"document.querySelector('{control}').getClientRects().length") == 0
    assert shown(tab) == [card.title for card in CARDS]
