"""The HTML page of results: whole or not at all, nothing of a service in it but text."""

import base64
import hashlib
import re
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.models import (
    Card,
    Failure,
    Feature,
    Job,
    JobRef,
    JobState,
    Outline,
    Picture,
    Point,
    Score,
)
from jobctl.render.page import HtmlPage

REF = JobRef.parse("cognite/123")
PNG = b"\x89PNG\r\n\x1a\n and so on"
HOSTILE = "\"><img src=x onerror='alert(1)'></style></script>{ref}{0}&amp;\x1b\u202e\ud800"


class Reader(HTMLParser):
    """What a browser sees: tags, their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] not in ("style", "script"):
            self.text += data

    def all(self, tag: str, word: str = "") -> list[dict[str, str]]:
        """The attributes of the elements of that name and class."""
        return [
            found
            for name, found in self.tags
            if name == tag and word in ["", *found.get("class", "").split()]
        ]

    def names(self) -> set[str]:
        """The names of all tags and attributes."""
        return {name for tag, attributes in self.tags for name in (tag, *attributes)}


Make = Callable[..., str]


@pytest.fixture
def make(tmp_path: Path, now: Callable[[], datetime]) -> Make:
    """The page that shows some cards."""

    def made(*cards: Card, images: Path | None = None, **ending: Any) -> str:
        path = tmp_path / "report.html"
        with HtmlPage(
            path, REF, lambda record: cards[record["at"]], images=images, now=now
        ) as page:
            page.records([b'{"at": %d}' % at for at in range(len(cards))])
            page.finish(**ending)
        (made,) = tmp_path.glob("report*.html")
        return made.read_text(encoding="utf-8")

    return made


def box(left: float, top: float, right: float, bottom: float, **more: Any) -> Feature:
    """A feature in a box."""
    outline = Outline("box", (Point(left, top), Point(right, bottom)))
    return Feature("text", "pump", outlines=(outline,), **more)


def test_a_page_is_there_once_it_is_finished_and_is_alone_in_its_folder(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    path = tmp_path / "report.html"
    with HtmlPage(path, REF, lambda record: Card(record["t"]), images=None, now=now) as page:
        page.records([b'{"t": "first"}', b'{"t": "second"}'])
        assert not path.exists()
        page.records([b'{"t": "third"}'])
        page.finish()
    assert list(tmp_path.iterdir()) == [path]
    text = path.read_text(encoding="utf-8")
    assert re.findall(r'class="title">(\w+)</th>', text)[1:] == ["first", "second", "third"]
    assert text.endswith("</html>\n")


def test_a_run_that_breaks_leaves_the_older_page(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    path = tmp_path / "report.html"
    path.write_text("older")
    with (
        pytest.raises(IndexError),
        HtmlPage(path, REF, lambda record: [Card()][record["at"]], images=None, now=now) as page,
    ):
        page.records([b'{"at": 0}', b'{"at": 1}'])
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "older"


def test_a_folder_that_takes_no_page_is_a_wrong_argument(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    with pytest.raises(UsageError, match=r"nowhere/report\.html cannot be written: No such file"):
        HtmlPage(tmp_path / "nowhere/report.html", REF, lambda record: Card(), images=None, now=now)


def test_a_page_that_cannot_be_put_in_its_place_leaves_nothing_behind(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    path = tmp_path / "report.html"
    path.mkdir()
    with (
        pytest.raises(UsageError, match=r"report\.html cannot be written"),
        HtmlPage(path, REF, lambda record: Card(), images=None, now=now) as page,
    ):
        page.finish()
    assert list(tmp_path.iterdir()) == [path]


def test_memory_does_not_grow_with_the_records(tmp_path: Path, now: Callable[[], datetime]) -> None:
    def peak(batches: int) -> int:
        card = Card("title", "group", "message", features=(box(0, 0, 1, 1),))
        tracemalloc.start()
        with HtmlPage(tmp_path / "a.html", REF, lambda _: card, images=None, now=now) as page:
            for _ in range(batches):
                page.records([b"1"] * 10)
            page.finish()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few, many = peak(30), peak(60)
    assert many < few + 50_000
    assert (tmp_path / "a.html").stat().st_size > 500_000


def test_the_page_says_what_it_is_about_and_when_it_was_made(make: Make) -> None:
    job = Job(
        ref=REF, state=JobState.PARTIAL, status="Completed", name="night run", message="2 were lost"
    )
    page = Reader(make(Card(), job=job, notes=["broken.png: not read"]))
    assert "cognite/123: results" in page.text
    for words in (
        "partial",
        "night run · 2 were lost",
        "broken.png: not read",
        "Made 2024-10-29 14:00 UTC",
    ):
        assert words in page.text
    assert page.all("time") == [{"datetime": "2024-10-29T14:00:00.000Z"}]
    assert "Incomplete" not in page.text


def test_an_interrupted_run_says_that_the_page_is_incomplete(make: Make) -> None:
    page = make(Card(title="first"), complete=False)
    assert "Incomplete" in Reader(page).text
    assert "first" in page
    assert page.endswith("</html>\n")


def test_a_record_in_the_middle_of_which_the_run_was_interrupted_is_left_out(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    class Interrupting(dict[str, Any]):
        def items(self) -> Any:
            raise KeyboardInterrupt

    cards = [Card("first"), Card("second", facts=Interrupting(fact="x"))]
    path = tmp_path / "report.html"
    with HtmlPage(path, REF, lambda record: cards[record["at"]], images=None, now=now) as page:
        with pytest.raises(KeyboardInterrupt):
            page.records([b'{"at": 0}', b'{"at": 1}'])
        page.finish(complete=False)
    text = page.part.read_text(encoding="utf-8")
    assert "first" in text
    assert "second" not in text
    assert "<dt>record</dt><dd>1</dd>" in text
    assert text.count("<tbody") == text.count("</tbody>")


def test_an_incomplete_page_leaves_a_complete_one_of_before(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")
    with HtmlPage(path, REF, lambda _: Card(), images=None, now=now) as page:
        page.finish(complete=False)
    assert path.read_text() == "before"
    assert page.part == tmp_path / "report.part.html"


def test_failures_that_no_record_tells_stand_in_the_head(make: Make) -> None:
    failures = (Failure("4711", "unreadable", name="a.png"), Failure(None, HOSTILE))
    job = Job(ref=REF, state=JobState.PARTIAL, status="Completed", failures=failures)
    page = Reader(make(Card("1"), job=job))
    assert "4711 (a.png)unreadable" in page.text
    assert page.text.count("2 failures of the job") == 1
    again = Reader(make(Card("1", failed=True), Card("2", failed=True), job=job))
    assert not again.all("details"), "the records tell them"


def test_a_page_without_records_says_so(make: Make) -> None:
    assert "There are no records." in Reader(make()).text
    assert "hidden" not in Reader(make()).all("p")[-1]
    assert "hidden" in Reader(make(Card())).all("p")[-1]


def test_a_picture_without_a_caption_bears_the_name_of_its_record(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "8.jpg").write_bytes(PNG)
    page = make(Card("pump 8", pictures=(Picture("", ("8.jpg",)),)), images=tmp_path)
    assert [one["alt"] for one in Reader(page).all("img")] == ["pump 8"]


def test_the_summary_counts_records_by_group_and_features_by_kind(make: Make) -> None:
    page = make(
        Card(group="kept", features=(box(0, 0, 1, 1), Feature("valve", "v"))),
        Card(group="deleted"),
        Card(group="kept", features=(box(0, 0, 1, 1),)),
    )
    assert dict(re.findall(r"<dt>([a-z ]+)</dt><dd>(\d+)</dd>", page)) == {
        "records": "3", "kept": "2", "deleted": "1", "features": "3",
    }  # fmt: skip
    assert re.findall(r'<i></i> (\w+) <span class="quiet">(\d+)<', page) == [
        ("text", "2"),
        ("valve", "1"),
    ]


def test_a_row_tells_how_many_were_found_and_how_sure_the_surest_is(make: Make) -> None:
    page = make(
        Card("a", features=(box(0, 0, 1, 1, confidence=0.256), box(0, 0, 1, 1))),
        Card("b", scores=(Score("yes", 0.9), Score("no", 0.1))),
        Card(failed=True, message="why"),
    )
    rows = re.findall(r'found number">(\d*)</td><td class="best number">([\d.]*)</td>', page)
    assert rows == [("2", "0.26"), ("2", "0.90"), ("", "")]
    assert re.findall(r'<tbody class="failed">.*?>(record 3)</th>', page, re.DOTALL)


def test_columns_and_controls_that_no_record_needs_are_left_out(make: Make) -> None:
    controls = {"words", "group", "least", "labels"}

    def of(*cards: Card) -> tuple[set[str], set[str]]:
        page = Reader(make(*cards))
        table = page.all("table", "records")[0]["class"].split()
        ids = {found.get("id", "") for _, found in page.tags}
        return controls & ids, set(table) - {"records"}

    assert of(Card()) == (
        {"words"},
        {"without-group", "without-found", "without-best", "without-message"},
    )
    assert of(Card(group="a"), Card(group="b", message="x")) == (
        {"words", "group"},
        {"without-found", "without-best"},
    )
    assert of(Card(scores=(Score("a", 0.5),))) == (
        {"words", "least"},
        {"without-group", "without-message"},
    )
    assert of(Card(features=(box(0, 0, 1, 1),))) == (
        {"words", "labels"},
        {"without-group", "without-best", "without-message"},
    )


def test_a_page_of_many_records_is_marked_so_that_the_browser_may_draw_what_is_seen(
    make: Make,
) -> None:
    assert Reader(make(*[Card()] * 1001)).all("table", "large")
    assert not Reader(make(*[Card()] * 1000)).all("table", "large")


def test_a_feature_is_drawn_in_fractions_of_the_picture(make: Make) -> None:
    needle = Point(0.3, 0.4, "needle")
    line = (Point(0, 0.5), Point(1, 0.25), Point(0.125, 1))
    card = Card(
        features=(
            box(0.58, 0.12, 0.66, 0.15, confidence=0.93),
            Feature("valve", "v", outlines=(Outline("polygon", line), Outline("polyline", line))),
            Feature("gauge", "g", outlines=(Outline("keypoints", (needle, line[0])),)),
            Feature("gauge", "nowhere", confidence=0.5, reading="12.5"),
        )
    )
    page = Reader(make(card))
    assert page.all("rect") == [{"x": "58%", "y": "12%", "width": "8%", "height": "3%"}]
    points = "0,0.5 1,0.25 0.125,1"
    assert page.all("polygon")[0]["points"] == page.all("polyline")[0]["points"] == points
    assert [(one["cx"], one["cy"]) for one in page.all("circle")] == [("30%", "40%"), ("0%", "50%")]
    drawn = [(one["class"], one["data-feature"]) for one in page.all("g")]
    assert drawn == [("item k0", "0"), ("item k1", "1"), ("item k2", "2")]
    assert page.all("g")[0]["data-confidence"] == "0.93"
    assert "data-confidence" not in page.all("g")[1]
    assert [one["data-feature"] for one in page.all("tr", "item")] == ["0", "1", "2", "3"]
    for words in ("needle", "nowhere", "12.5", "0.50"):
        assert words in page.text


@pytest.mark.parametrize(
    ("corners", "place"),
    [
        ((0.2, 0.5, 0.4, 0.6), {"x": "20%", "dy": "-5", "text-anchor": "start"}),
        ((0.2, 0.0, 0.4, 0.6), {"x": "20%", "dy": "13", "text-anchor": "start"}),
        ((0.8, 0.5, 0.9, 0.6), {"x": "90%", "dy": "-5", "text-anchor": "end"}),
    ],
    ids=["above what it is of", "below the top of the picture", "left of its right side"],
)
def test_a_label_stays_in_the_picture(
    make: Make, corners: tuple[float, float, float, float], place: dict[str, str]
) -> None:
    label = Reader(make(Card(features=(box(*corners),)))).all("text")[0]
    assert {name: label[name] for name in place} == place


def test_a_kind_has_one_colour_and_the_tenth_shares_that_of_the_first(make: Make) -> None:
    kinds = Reader(make(*(Card(features=(Feature(f"kind {n}", "x"),)) for n in range(10))))
    colours = [one["class"] for one in kinds.all("label") if "class" in one]
    assert colours == [*(f"k{n}" for n in range(9)), "k0"]


@pytest.mark.parametrize(
    ("top", "down"),
    [(0.0, ["13", "26", "39"]), (0.14, ["-5", "-18", "13"]), (0.9, ["-5", "-18", "-31"])],
)
def test_labels_of_equal_boxes_stand_above_one_another_as_long_as_there_is_room(
    top: float, down: list[str], make: Make
) -> None:
    page = Reader(make(Card(features=(box(0.2, top, 0.4, top + 0.1),) * 3)))
    assert [one["dy"] for one in page.all("text")] == down


def test_the_job_can_be_gone_to(make: Make) -> None:
    def links(web_url: str | None, url: str | None) -> list[str]:
        job = Job(ref=REF, state=JobState.FAILED, status=None, web_url=web_url, url=url)
        return [one["href"] for one in Reader(make(Card(), job=job)).all("a")]

    assert links('https://x.example/?a="&b', "http://127.0.0.1/1") == [
        'https://x.example/?a="&b',
        "http://127.0.0.1/1",
    ]
    assert links(None, "https://x.example/1") == ["https://x.example/1"]
    assert links("javascript:alert(1)", None) == links(None, None) == []


@pytest.mark.parametrize(("number", "folds"), [(20, 0), (21, 2)])
def test_long_lists_are_folded(number: int, folds: int, make: Make) -> None:
    features = (box(0.1, 0.1, 0.2, 0.2),) * number
    scores = (Score("rust", 0.5),) * number
    page = Reader(make(Card(features=features, scores=scores)))
    assert len(page.all("details")) == folds
    assert ("21 features" in page.text, "21 scores" in page.text) == (bool(folds), bool(folds))


def test_of_many_notes_and_kinds_the_first_are_shown_and_the_others_folded(make: Make) -> None:
    features = tuple(Feature(f"kind {number}", "x") for number in range(21))
    page = Reader(make(Card(), notes=[f"note {number}" for number in range(7)]))
    assert len(page.all("details")) == 1
    assert "2 more notes" in page.text
    assert "21 kinds" in Reader(make(Card(features=features))).text


def test_a_long_value_shows_its_beginning_until_it_is_opened(make: Make) -> None:
    page = make(Card(facts={"short": "x" * 300, "long": "word\n" * 100}))
    assert f"<dd>{'x' * 300}</dd>" in page
    assert f"<dd><details><summary>{'word ' * 19}word…</summary>word\nword\n" in page


def test_what_is_one_is_told_as_one(make: Make, tmp_path: Path) -> None:
    (tmp_path / "8.jpg").write_bytes(PNG)
    job = Job(ref=REF, state=JobState.PARTIAL, status=None, failures=(Failure("1", "x"),))
    card = Card(features=(box(0, 0, 1, 1),), pictures=(Picture("8", ("8.jpg",)),))
    page = make(card, job=job, images=tmp_path)
    for word in ("record", "failure of the job", "feature", "picture"):
        assert f"<dt>{word}</dt><dd>1</dd>" in page
    assert "<summary>1 failure of the job</summary>" in page
    assert 'aria-label="1 feature"' in page


def test_scores_are_bars(make: Make) -> None:
    page = Reader(make(Card(scores=(Score("negative", 0.9), Score("positive", 0.1)))))
    assert [one["width"] for one in page.all("rect")] == ["90%", "10%"]
    assert [one["data-confidence"] for one in page.all("tr", "item")] == ["0.9", "0.1"]


def test_facts_are_shown_as_they_came(make: Make) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    facts = {"text": "a\nb", "none": None, "list": [1, {"a": "ü"}], "yes": True, "deep": deep}
    page = make(Card(facts=facts))
    assert re.findall(r"<dt>(\w+)</dt><dd>(.*?)</dd>", page, re.DOTALL) == [
        ("record", "1"),
        ("text", "a\nb"),
        ("none", ""),
        ("list", "[1, {&#34;a&#34;: &#34;ü&#34;}]"),
        ("yes", "true"),
        ("deep", "(nested too deeply to be shown)"),
    ]


def test_hidden_characters_are_visible_and_long_texts_cut(make: Make) -> None:
    text = Reader(make(Card(title="a\x1b\u202e\ud800b", message="x" * 5000))).text
    assert r"a\x1b\u202e\ud800b" in text
    assert "x" * 2000 + "…" in text
    assert "x" * 2001 not in text


def test_a_picture_is_in_the_page_and_the_features_are_drawn_over_the_first(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "8.jpg").write_bytes(PNG)
    card = Card(
        features=(box(0, 0, 1, 1),),
        pictures=(Picture("before", ("8.jpg",)), Picture("after", ("8.jpg",))),
    )
    page = make(card, images=tmp_path)
    source = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert Reader(page).all("img") == [
        {"alt": "before", "src": source},
        {"alt": "after", "src": source},
    ]
    first, second = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    assert "<rect" in first
    assert "<rect" not in second
    assert not Reader(page).all("ul", "notes")


def test_a_missing_picture_is_an_empty_frame_and_told_once(make: Make, tmp_path: Path) -> None:
    cards = [Card(pictures=(Picture("", (f"{n}.jpg",)),)) for n in range(3)]
    page = Reader(make(*cards, images=tmp_path))
    assert len(page.all("div", "empty")) == 3
    assert page.text.count("3 of 3 pictures are not among those given") == 1


def test_without_a_folder_features_have_a_frame_whose_proportions_nobody_told(make: Make) -> None:
    wanted = (Picture("", ("8.jpg",)),)
    page = Reader(make(Card(features=(box(0, 0, 1, 1),), pictures=wanted), Card(pictures=wanted)))
    assert len(page.all("div", "frame")) == len(page.all("div", "empty")) == 1
    assert "a frame without its picture is 4:3" in page.text
    assert "not among those given" not in page.text


def policy(page: str) -> dict[str, str]:
    """The content security policy of a page, by directive."""
    metas = [one for one in Reader(page).all("meta") if "http-equiv" in one]
    assert [one["http-equiv"] for one in metas] == ["Content-Security-Policy"]
    parts = (one.strip().partition(" ") for one in metas[0]["content"].split(";"))
    return {name: allowed for name, _, allowed in parts}


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(make: Make) -> None:
    page = make(Card())

    def hash_of(tag: str) -> str:
        (source,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"

    assert policy(page) == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": hash_of("style"),
        "script-src": hash_of("script"),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


Form = Literal["box", "polygon", "polyline", "keypoints"]
FORMS: tuple[Form, ...] = get_args(Form)
TEXTS = st.text(st.characters(exclude_categories=())) | st.just(HOSTILE)
UNITS = st.floats(0, 1)
CARDS = st.builds(
    Card,
    title=TEXTS | st.none(),
    group=TEXTS | st.none(),
    message=TEXTS | st.none(),
    failed=st.booleans(),
    facts=st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS), max_size=3),
    features=st.lists(
        st.builds(
            Feature,
            TEXTS,
            TEXTS,
            confidence=UNITS | st.none(),
            reading=TEXTS | st.none(),
            outlines=st.lists(
                st.builds(
                    Outline,
                    st.sampled_from(FORMS),
                    st.lists(
                        st.builds(Point, UNITS, UNITS, TEXTS | st.none()), min_size=2, max_size=2
                    ).map(tuple),
                ),
                max_size=2,
            ).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    scores=st.lists(st.builds(Score, TEXTS, UNITS), max_size=2).map(tuple),
    pictures=st.lists(st.builds(Picture, TEXTS, st.tuples(TEXTS)), max_size=2).map(tuple),
)


def full_card(text: str) -> Card:
    """A card that has everything, with the text wherever one may stand."""
    points = (Point(0, 0, text), Point(1, 1, text))
    return Card(
        text,
        text,
        text,
        failed=True,
        facts={text: text},
        features=(Feature(text, text, 0.5, text, tuple(Outline(form, points) for form in FORMS)),),
        scores=(Score(text, 0.5),),
        pictures=(Picture(text, ("8.jpg",)), Picture(text, (text,))),
    )


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(CARDS)
def test_no_text_of_a_record_becomes_markup(make: Make, tmp_path: Path, card: Card) -> None:
    (tmp_path / "8.jpg").write_bytes(PNG)
    long = Card(facts={"x": "x" * 400})
    ours = Reader(make(full_card("x"), full_card("y"), long, images=tmp_path, notes=["x"]))
    theirs = Reader(make(card, images=tmp_path, notes=[HOSTILE]))
    assert theirs.names() <= ours.names()


def test_hostile_text_is_text_wherever_it_stands(make: Make, tmp_path: Path) -> None:
    (tmp_path / "8.jpg").write_bytes(PNG)

    def made(text: str) -> Reader:
        job = Job(ref=REF, state=JobState.FAILED, status=None, name=text, message=text)
        cards = full_card(text), full_card(f"{text}2")
        return Reader(make(*cards, images=tmp_path, job=job, notes=[text]))

    hostile, plain = made(HOSTILE), made("ж")
    shown = HOSTILE.replace("\x1b\u202e\ud800", r"\x1b\u202e\ud800")
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert hostile.text == plain.text.replace("ж", shown)
    assert hostile.all("img")[0]["alt"] == shown
