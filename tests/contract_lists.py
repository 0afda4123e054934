"""What holds for every provider that lists jobs, or gives what jobs produced."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import httpx
import jmespath
import pytest
from contract import FIELDS, ProviderContract, answering, bodies, make, sandbox, show
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulated import Hand
from slowly import others

from jobctl.errors import JobctlError, Unsupported
from jobctl.masking.records import without_secrets
from jobctl.models import Job, JobRef, JobState, Query, Record
from jobctl.provider import Provider
from jobctl.sandbox import Lives
from jobctl.stream.pages import Walk

ENCODINGS = ["utf-8-sig", "utf-16", *others("utf-16-be", "utf-32")]
# Our words for an order -> the place in a job's document that is in order then.
ORDERED = {
    "created": "created_at",
    "updated": "updated_at",
    "name": "name",
    "duration": "duration_seconds",
    "state": "status",
}


def rows(one: Provider, query: Query) -> list[Job]:
    """All jobs of a list."""
    return [job for page in Walk(lambda cursor: one.list(query, cursor)) for job in page.items]


def records(one: Provider, ref: JobRef, size: int = 100) -> list[Record]:
    """All records of a job."""
    walk = Walk(lambda cursor: one.results(ref, cursor, size))
    return [record for page in walk for record in page.items]


class _Sandboxed(ProviderContract):
    """A provider over a sandbox an hour later: what moves with the clock has ended."""

    def later(self, methods: set[str] | None = None, encoding: str = "utf-8") -> Provider:
        """The provider; the methods of its requests but those for tokens are added to `methods`.

        Answers come in another encoding than UTF-8 if one is named.
        """
        now = [4_000_000_000.0]  # after any time that a list begins at by itself
        answer = sandbox(self.name, Lives(Hand(lambda: now[0])))

        def handle(request: httpx.Request) -> httpx.Response:
            if methods is not None and "oauth2" not in request.url.path:
                methods.add(request.method)
            said = answer(request)
            return httpx.Response(
                said.status_code,
                headers={k: v for k, v in said.headers.items() if k != "content-length"},
                content=said.text.encode(encoding),
            )

        one = make(self.name, handle)
        for scenario in self.scenarios():
            one.get(self.ref(scenario.id))
        now[0] += 3600.0
        return one


class ListsContract(_Sandboxed):
    """What holds for every list. `lists` tells how many jobs the sandbox has in which place."""

    ordered: ClassVar[Mapping[str, str]] = ORDERED
    lists: ClassVar[Mapping[tuple[str, ...], int]]
    likely_lists: ClassVar[Mapping[str, st.SearchStrategy[Any]]]

    def test_every_job_is_listed_once_whatever_the_size_of_a_page(self) -> None:
        methods: set[str] = set()
        one = self.later(methods)
        for within, number in self.lists.items():
            for size in (None, 7, 100):
                found = rows(one, Query(within=within, size=size))
                assert len(found) == len({job.ref for job in found}) == number
        assert methods == {"GET"}

    def test_a_row_is_a_job_of_the_place_asked_with_every_field_and_can_be_looked_at(self) -> None:
        one = self.later()
        for within in self.lists:
            for job in one.list(Query(within=within)).items[:5]:
                assert list(job.document()) == FIELDS
                assert job.ref.parts[: len(within)] == within
                assert one.check(job.ref) == job.ref
                assert job.url is not None
                assert one.ref_of_url(job.url) == job.ref
                looked_at = one.get(job.ref)
                assert (looked_at.status, looked_at.name) == (job.status, job.name)
                show(job)

    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_a_list_reads_the_same_in_every_encoding_of_json(self, encoding: str) -> None:
        for within in self.lists:
            asked = Query(within=within)
            assert rows(self.later(encoding=encoding), asked) == rows(self.later(), asked)

    def test_rows_come_in_the_order_asked(self) -> None:
        one = self.later()
        assert one.listing is not None
        for within in self.lists:
            for sort in one.listing.sorts:
                for descending in (True, False):
                    query = Query(within=within, sort=sort, descending=descending)
                    if not one.listing.orders(query):
                        continue
                    found = [
                        jmespath.search(self.ordered[sort], job.document())
                        for job in one.list(query).items
                    ]
                    assert found == sorted(found, reverse=descending)

    def test_asking_for_states_loses_no_job_that_is_in_one_of_them(self) -> None:
        one = self.later()
        for within in self.lists:
            every = rows(one, Query(within=within))
            for state in JobState:
                found = rows(one, Query(within=within, states=frozenset({state})))
                assert [job for job in found if job.state is state] == [
                    job for job in every if job.state is state
                ]

    @pytest.mark.hypothesis
    def test_no_body_of_a_list_crashes_or_calls_a_job_succeeded_that_does_not_say_so(self) -> None:
        for within in self.lists:
            self.look_at_lists(within, 25)

    @pytest.mark.slow
    def test_nor_does_any_list_of_a_thousand(self) -> None:
        for within in self.lists:
            self.look_at_lists(within, 1_000)

    def look_at_lists(self, within: tuple[str, ...], number: int) -> None:
        """Generate bodies of lists; each row tells for itself whether it has succeeded."""

        @settings(max_examples=number, suppress_health_check=list(HealthCheck))
        @given(bodies(self.likely_lists))
        def check(body: dict[str, Any]) -> None:
            handle, _ = answering(self.name, (200, body))
            try:
                page = make(self.name, handle).list(Query(within=within))
            except JobctlError:
                return
            for job in page.items:
                if job.state is JobState.SUCCEEDED:
                    assert self.says_succeeded(json.loads(job.raw))

        check()


class ResultsContract(_Sandboxed):
    """What holds for all results. `ended` names a job, `number` tells how many records it has.

    `ours` are the fields of a record that the service did not write.
    """

    ended: ClassVar[str]
    number: ClassVar[int]
    likely_results: ClassVar[Mapping[str, st.SearchStrategy[Any]]]
    ours: ClassVar[frozenset[str]] = frozenset()

    def test_every_record_comes_once_whatever_the_size_of_a_page(self) -> None:
        methods: set[str] = set()
        one = self.later(methods)
        for size in (7, 100):
            found = records(one, self.ref(self.ended), size)
            assert len(found) == len(set(found)) == self.number
        assert methods == {"GET"}

    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_results_read_the_same_in_every_encoding_of_json(self, encoding: str) -> None:
        ref = self.ref(self.ended)
        assert records(self.later(encoding=encoding), ref) == records(self.later(), ref)

    def test_what_a_page_announces_comes(self) -> None:
        page = self.later().results(self.ref(self.ended))
        assert page.total in (None, self.number)
        assert page.keys is None or len(page.keys) == len(page.items)

    def test_a_record_is_json_that_fits_on_a_line_and_has_no_field_that_is_not_told(self) -> None:
        one = self.later()
        heads = {path if path in one.fields else path.partition(".")[0] for path in one.columns}
        assert heads <= set(one.fields)
        for record in one.results(self.ref(self.ended)).items:
            (line,) = without_secrets([record], show_signed_urls=True)
            assert b"\n" not in line
            assert not one.fields or set(json.loads(line)) <= set(one.fields)

    def test_notes_are_words(self) -> None:
        for note in self.later().results(self.ref(self.ended)).notes:
            assert note.strip()
            assert note.isprintable()

    @pytest.mark.hypothesis
    @pytest.mark.parametrize("number", [50, *others(2_000)])
    def test_no_body_crashes_or_gives_a_record_that_it_does_not_hold(self, number: int) -> None:
        ref = self.ref(self.ended)

        @settings(max_examples=number, suppress_health_check=list(HealthCheck))
        @given(bodies(self.likely_results))
        def check(body: dict[str, Any]) -> None:
            handle, _ = answering(self.name, (200, body))
            try:
                page = make(self.name, handle).results(ref)
            except JobctlError:
                return
            held = list(_parts(body))
            for record in page.items:
                value = json.loads(record)
                assert value in held or (
                    isinstance(value, dict)
                    and all(value[key] in held for key in value.keys() - self.ours)
                )

        check()


def _parts(value: Any) -> Iterator[Any]:
    """A value and all that it holds; a string that is JSON holds that, too."""
    yield value
    if isinstance(value, str):
        try:
            yield from _parts(json.loads(value))
        except ValueError:
            return
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _parts(inner)


class UnlistedContract(ProviderContract):
    """What holds for every provider whose service has no list."""

    def test_a_list_that_does_not_exist_is_refused_before_any_request(self) -> None:
        handle, seen = answering(self.name, (500, {}))
        one = make(self.name, handle)
        assert one.listing is None
        with pytest.raises(Unsupported) as caught:
            one.list(Query())
        assert caught.value.hint
        assert seen == []
