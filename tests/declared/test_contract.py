"""The contract of all providers holds for one that a file declares."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import pytest
from contract import ProviderContract, played
from contract_lists import ListsContract, ResultsContract
from hypothesis import strategies as st

from jobctl import registry
from jobctl.declared.load import spec_of
from jobctl.errors import EXIT_CODES
from jobctl.registry import Places

FILES = sorted(registry.CATALOGUE.glob("*.yaml"))
STUDIO = Path(__file__).parent / "files" / "studio.yaml"
WORDS = st.sampled_from(["waiting", "rendering", "done", " Done ", "DONE", "broken", "melted", "*"])
TIMES = st.sampled_from(["2024-05-01T10:00:00Z", 1714557600, "0001-01-01T00:00:00Z"])
JOB: Mapping[str, st.SearchStrategy[Any]] = {
    "status": WORDS,
    "name": st.text(max_size=8),
    "created": TIMES,
    "began": TIMES,
    "ended": TIMES,
    "progress": st.fixed_dictionaries(
        {"total": st.integers(0, 9), "done": st.integers(0, 9), "lost": st.integers(0, 2)}
    ),
    "why": st.text(max_size=8),
    "page": st.sampled_from(["https://studio.example/1", "javascript:alert(1)", "https://[::1"]),
}


class TestStudio(ListsContract, ResultsContract):
    name = "studio"
    likely = JOB
    error_codes: ClassVar[Mapping[str, int]] = {
        "main/j-90": 5, "main/j-91": 4, "main/j-92": 6, "main/j-93": 7,
    }  # fmt: skip
    bad_ids = ("main", "main/7", "MAIN/j-7", "main/j-7/8")
    lists: ClassVar[Mapping[tuple[str, ...], int]] = {("main",): 9}
    likely_lists: ClassVar[Mapping[str, st.SearchStrategy[Any]]] = {
        "jobs": st.lists(
            st.fixed_dictionaries({"id": st.just("j-7")}, optional=dict(JOB)), max_size=3
        ),
        "next": st.none() | st.just("c2"),
    }
    ended = "main/j-2"
    number = 12
    likely_results: ClassVar[Mapping[str, st.SearchStrategy[Any]]] = {
        "frames": st.lists(st.dictionaries(st.sampled_from("nxy"), st.integers(), max_size=3)),
        "total": st.integers(-1, 9),
    }
    ours = frozenset({"_key", "value"})

    @pytest.fixture(autouse=True)
    def _file(self) -> Iterator[None]:
        registry.use(lambda: Places((STUDIO,)))
        yield
        registry.use(Places)

    def look_at_bodies(self, number: int) -> None:
        super().look_at_bodies(min(number, 2_000))  # tests/declared/test_generated.py has more

    @staticmethod
    def says_succeeded(body: Mapping[str, Any]) -> bool:
        progress = body.get("progress")
        lost = progress.get("lost") if isinstance(progress, dict) else None
        return str(body.get("status")).strip().lower() == "done" and not lost


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_sandbox_plays_every_job_of_the_catalogue_as_of_any_provider(path: Path) -> None:
    spec = spec_of(path)
    codes = {row.kind: int(row.code) for row in EXIT_CODES}
    told = {
        one.of: codes[one.expect["error"]]
        for one in spec.examples
        if one.kind == "id" and isinstance(one.expect, dict) and "error" in one.expect
    }

    class Of(ProviderContract):
        name = path.stem
        error_codes = MappingProxyType(
            {one.id: told[one.id] for one in played(path.stem).ERRORS if one.verb == "get"}
        )

    one = Of()
    one.test_every_field_is_always_there()
    one.test_a_pause_that_a_good_answer_asks_for_is_told_with_the_job()
    one.test_each_documented_error_has_its_exit_code()
    one.test_an_answer_that_tells_of_another_job_is_not_believed()
