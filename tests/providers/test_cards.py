"""Records as a person looks at them: what each provider makes of its own."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from contract import anything
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobctl import registry
from jobctl.models import Card, Feature, JobRef, Outline, Picture, Point, Score
from jobctl.render.page import HtmlPage


def card(name: str, **record: Any) -> Card:
    """What a provider shows of a record."""
    return registry.find(name).card(record)


def found(key: str, **prediction: Any) -> Feature:
    """The one feature of a file with one prediction."""
    (feature,) = card("cognite", predictions={key: [prediction]}).features
    return feature


def region(left: float, right: float, top: float, bottom: float) -> dict[str, float]:
    return {"xMin": left, "xMax": right, "yMin": top, "yMax": bottom}


BOX = region(0.1, 0.6, 0.2, 0.4)
BOXED = Outline("box", (Point(0.1, 0.2), Point(0.6, 0.4)))
LINE = {"vertices": [{"x": 0.1, "y": 0.1}, {"x": 0.2, "y": 0.1}, {"x": 0.2, "y": 0.3}]}
LINED = (Point(0.1, 0.1), Point(0.2, 0.1), Point(0.2, 0.3))


class TestCognite:
    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            ("textPredictions", "text"),
            ("assetTagPredictions", "asset tag"),
            ("peoplePredictions", "person"),
            ("industrialObjectPredictions", "industrial object"),
            ("personalProtectiveEquipmentPredictions", "protective equipment"),
            ("digitalGaugePredictions", "digital gauge"),
            ("dialGaugePredictions", "dial gauge"),
            ("levelGaugePredictions", "level gauge"),
            ("valvePredictions", "valve"),
            ("leakPredictions", "leakPredictions"),
        ],
    )
    def test_each_kind_has_its_word_and_a_new_one_that_of_the_service(
        self, key: str, kind: str
    ) -> None:
        assert found(key).kind == kind

    def test_a_text_lies_in_its_region(self) -> None:
        text = found("textPredictions", text="21-PT-1019", confidence=0.93, textRegion=BOX)
        assert text == Feature("text", "21-PT-1019", 0.93, None, (BOXED,))

    @pytest.mark.parametrize(
        ("reference", "reading"),
        [({"id": 70}, "asset 70"), ({"externalId": "pump/1"}, "asset pump/1"), ({}, None)],
    )
    def test_an_asset_tag_names_its_asset_and_shows_its_text_and_its_object(
        self, reference: dict[str, Any], reading: str | None
    ) -> None:
        tag = found(
            "assetTagPredictions",
            text="21-PT-1019",
            textRegion=BOX,
            objectRegion={"polygon": LINE},
            assetRef=reference,
        )
        outlines = (BOXED, Outline("polygon", LINED))
        assert tag == Feature("asset tag", "21-PT-1019", None, reading, outlines)

    def test_an_object_has_a_box_a_polygon_or_a_polyline(self) -> None:
        for shape, outline in (
            ({"boundingBox": BOX}, BOXED),
            ({"polygon": LINE}, Outline("polygon", LINED)),
            ({"polyline": LINE}, Outline("polyline", LINED)),
        ):
            pipe = found("industrialObjectPredictions", label="pipe", confidence=0.7, **shape)
            assert pipe == Feature("industrial object", "pipe", 0.7, None, (outline,))

    def test_a_gauge_has_a_box_named_points_and_readings(self) -> None:
        gauge = found(
            "dialGaugePredictions",
            objectDetection={"label": "dial_gauge", "confidence": 0.9, "boundingBox": BOX},
            keypointCollection={
                "label": "dial_gauge",
                "keypoints": {
                    "needle_tip": {
                        "point": {"x": 0.3, "y": 0.4},
                        "attributes": {"angle": {"value": 70}, "speed": {"value": None}},
                    },
                    "lost": {"point": {"x": 0.3}},
                },
                "attributes": {"dialGaugeValue": {"type": "numerical", "value": 3.2}},
            },
        )
        points = Outline("keypoints", (Point(0.3, 0.4, "needle_tip"),))
        reading = "dialGaugeValue 3.2, angle 70"
        assert gauge == Feature("dial gauge", "dial_gauge", 0.9, reading, (BOXED, points))

    @pytest.mark.parametrize("half", ["objectDetection", "keypointCollection"])
    def test_either_half_of_a_gauge_may_be_missing(self, half: str) -> None:
        said = {"label": "valve", "attributes": {"valveState": {"value": True}}}
        assert found("valvePredictions", **{half: said}) == Feature(
            "valve", "valve", None, "valveState true"
        )

    def test_a_place_outside_of_the_picture_is_brought_into_it(self) -> None:
        text = found("textPredictions", text="x", textRegion=region(-0.1, 10**400, 0.5, 1.01))
        assert text.outlines[0].points == (Point(0, 0.5), Point(1, 1))

    @pytest.mark.parametrize(
        "shape",
        [
            {"boundingBox": {"xMin": 0.1, "xMax": 0.2, "yMin": 0.1}},
            {"polygon": {"vertices": LINE["vertices"][:2]}},
            {"polygon": {"vertices": [*LINE["vertices"], {"x": 0.5}]}},
            {"polyline": {"vertices": LINE["vertices"][:1]}},
        ],
        ids=["a box without its bottom", "a polygon of two", "a lost vertex", "a line of one"],
    )
    def test_an_outline_that_is_not_whole_is_none(self, shape: dict[str, Any]) -> None:
        assert found("valvePredictions", label="valve", **shape).outlines == ()

    @pytest.mark.parametrize("said", [None, "", 1.5, -0.1, True])
    def test_a_confidence_that_is_none_is_not_guessed(self, said: object) -> None:
        assert found("textPredictions", text="x", confidence=said).confidence is None

    def test_a_file_is_called_by_its_external_id_and_looked_for_by_both(self) -> None:
        file = card(
            "cognite", fileId=42, fileExternalId="pump-1.jpg", fileInstanceId={"space": "s"}
        )
        assert file.title == "pump-1.jpg"
        assert file.pictures == (Picture("", ("pump-1.jpg", "42")),)
        assert file.facts == {"fileId": 42, "fileInstanceId": {"space": "s"}}
        assert card("cognite", fileId=42).title == "42"

    def test_files_are_with_features_without_or_failed(self) -> None:
        some = {"textPredictions": [{"text": "x"}]}
        assert card("cognite", predictions=some).group == "with features"
        assert card("cognite", predictions={"textPredictions": []}).group == "nothing found"
        failed = card("cognite", predictions=some, errorMessage="not read")
        assert (failed.group, failed.message, failed.failed) == ("failed", "not read", True)


class TestModzy:
    def test_an_input_shows_the_scores_of_its_outputs_and_what_else_they_hold(self) -> None:
        predictions = [{"class": "negative", "score": 0.9}, {"class": "positive", "score": 0.1}]
        one = card(
            "modzy",
            inputKey="first-key",
            status="SUCCESSFUL",
            engine="model",
            outputUploading=None,
            **{"results.json": {"data": {"result": {"classPredictions": predictions}}}},
        )
        assert one == Card(
            "first-key",
            "successful",
            facts={"engine": "model"},
            scores=(Score("negative", 0.9), Score("positive", 0.1)),
        )

    @pytest.mark.parametrize(
        "pair",
        [
            {"class": "cat", "score": 0.5},
            {"label": "cat", "confidence": 0.5},
            {"name": "cat", "probability": "0.5"},
        ],
    )
    def test_scores_are_found_under_other_names_and_however_deep(self, pair: Any) -> None:
        nested: Any = pair
        for _ in range(10_000):
            nested = [{"deeper": nested}]
        assert card("modzy", output=nested).scores == (Score("cat", 0.5),)

    @pytest.mark.parametrize("pair", [{"class": "cat"}, {"score": 0.5}, {"class": "x", "score": 3}])
    def test_what_is_no_pair_is_a_fact(self, pair: Any) -> None:
        assert card("modzy", output=pair) == Card(facts={"output": pair})

    def test_a_failed_input_shows_why(self) -> None:
        failed = card("modzy", inputKey="wrong-key", status="FAILED", error="no input.txt")
        assert failed == Card("wrong-key", "failed", "no input.txt", failed=True, facts={})


class TestModelArts:
    def test_a_sample_is_seen_before_and_after_with_what_was_done_to_it(self) -> None:
        sample = {
            "sample_id": "0ac9",
            "origin_source": "s3://bucket/in/8.jpg",
            "new_source": "obs://bucket/out/Data/8.jpg",
        }
        one = card(
            "modelarts",
            **sample,
            signed_origin_source="https://bucket/in/8.jpg?Signature=***",
            result_property=3,
            result_description=[["noise"], ["more", 2]],
        )
        assert one == Card(
            "8.jpg",
            "added",
            "noise; more; 2",
            facts=sample,
            pictures=(
                Picture("before", ("s3://bucket/in/8.jpg",)),
                Picture("after", ("obs://bucket/out/Data/8.jpg",)),
            ),
        )

    @pytest.mark.parametrize(
        ("number", "word"),
        [(0, "kept"), (1, "modified"), ("2", "deleted"), (3, "added"), (7, "7"), (None, None)],
    )
    def test_samples_are_told_apart_by_what_became_of_them(
        self, number: object, word: str | None
    ) -> None:
        assert card("modelarts", result_property=number).group == word

    def test_a_deleted_sample_has_no_picture_after(self) -> None:
        deleted = card("modelarts", sample_id="0ac9", origin_source="s3://b/1.jpg", new_source=None)
        assert [one.caption for one in deleted.pictures] == ["before"]

    def test_a_sample_without_a_source_is_called_by_its_id(self) -> None:
        assert card("modelarts", sample_id="0ac9").title == "0ac9"

    @pytest.mark.parametrize("said", ["noise", ["noise"], [["noise"]]])
    def test_a_description_is_read_in_fewer_lists_too(self, said: object) -> None:
        assert card("modelarts", result_description=said).message == "noise"


class TestOracleContent:
    def test_an_entry_is_skipped_or_ignored_for_a_reason(self) -> None:
        skipped = card("oracle-content", outcome="skipped", id="a.jpg", type="file", error="exists")
        assert skipped == Card("a.jpg", "skipped", "exists", failed=True, facts={})
        assert not card("oracle-content", outcome="ignored").failed


class TestVas:
    def test_a_place_is_called_by_its_address(self) -> None:
        place = {"output": "obs", "bucket": "iva", "path": "out/"}
        assert card("vas", **place) == Card("obs://iva/out/", "obs", facts=place)

    def test_a_hosted_result_shows_its_fields(self) -> None:
        assert card("vas", objects=[1]) == Card(facts={"objects": [1]})


KEYS = st.sampled_from(
    [
        "fileId", "fileExternalId", "errorMessage", "predictions", "textPredictions", "text",
        "textRegion", "xMin", "xMax", "yMin", "yMax", "objectRegion", "polygon", "vertices",
        "objectDetection", "keypointCollection", "keypoints", "point", "x", "y", "attributes",
        "value", "confidence", "boundingBox", "assetRef", "id", "inputKey", "status", "error",
        "class", "score", "results.json", "result_property", "result_description",
        "origin_source", "new_source", "sample_id", "outcome", "output", "bucket", "path",
    ]
)  # fmt: skip
RECORDS = st.recursive(
    anything | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


@pytest.mark.parametrize("name", ["cognite", "modelarts", "modzy", "oracle-content", "vas", "ray"])
def test_any_record_has_a_card_that_a_page_can_show(name: str, tmp_path: Path) -> None:
    cls = registry.find(name)

    def now() -> datetime:
        return datetime(2024, 10, 29, tzinfo=UTC)

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(RECORDS)
    def check(record: Any) -> None:
        path = tmp_path / "report.html"
        with HtmlPage(path, JobRef.parse("x/1"), cls.card, images=None, now=now) as page:
            page.records([json.dumps(record).encode()])
            page.finish()
        assert path.read_text(encoding="utf-8").endswith("</html>\n")

    check()
