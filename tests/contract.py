"""The contract that every provider keeps; each `tests/providers/test_*.py` runs it over its own."""

import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulated import Hand
from slowly import others

from jobctl import registry
from jobctl.auth.cache import TokenCache
from jobctl.config import Configuration, Profile, open_profile, sandbox_profile
from jobctl.errors import AuthError, JobctlError, UnavailableError, UsageError
from jobctl.models import Job, JobRef, JobState
from jobctl.provider import Provider
from jobctl.render import open_renderer
from jobctl.sandbox import Lives, Scenario, Service, service, services

Handler = Callable[[httpx.Request], httpx.Response]

FIELDS = [
    "schema", "ref", "provider", "id", "name", "state", "status", "ended", "progress",
    "created_at", "started_at", "updated_at", "ended_at", "duration_seconds", "message",
    "error_code", "failures", "url", "web_url", "detail",
]  # fmt: skip
PROGRESS = ["percent", "total", "succeeded", "failed", "skipped", "pending"]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["0", "1", "-5", "true", "false", "2021-08-02T21:19:52.529+0000", "250"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def bodies(fields: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies with any of the fields, each as a service sends it or holding anything at all."""
    return st.fixed_dictionaries(
        {}, optional={name: likely | anything for name, likely in fields.items()}
    )


KINDS = ("table", "json", "ndjson", "yaml", "csv", "tsv", "ids", "raw")


def show(job: Job, kinds: Iterable[str] = KINDS) -> None:
    """Show a job in each of the formats, by itself and among several."""
    for kind in kinds:
        for single in (True, False):
            out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            renderer = open_renderer(
                kind, out, single=single, waiting=False, now=lambda: NOW, environ={}
            )
            renderer.changed(job)
            renderer.finish([job], None)
            out.flush()
            assert out.buffer.tell() or kind == "raw"


def played(name: str) -> Service:
    """The service of a provider, as the sandbox plays it: its own, or the examples of its file."""
    if name in services():
        return service(name)
    player: Service = registry.find(name).player()
    return player


_SETTINGS: dict[type[Provider], Mapping[str, str]] = {}


def settings_of(cls: type[Provider]) -> Mapping[str, str]:
    """The settings that the sandbox has for a provider; to play the examples takes its time."""
    if cls not in _SETTINGS:
        _SETTINGS[cls] = played(cls.name).settings(f"{ROOT}/{cls.name}")
    return _SETTINGS[cls]


NOW = datetime(2024, 10, 29, 14, 0, tzinfo=UTC)
ROOT = "http://127.0.0.1:1"


def make(
    name: str,
    handler: Handler,
    *,
    waiting: bool = False,
    options: Mapping[str, str | bool] | None = None,
    **values: str,
) -> Provider:
    """A provider with the sandbox's settings, whose requests are answered by `handler`."""
    cls = registry.find(name)
    profile = sandbox_profile(cls.sections(), {**settings_of(cls), **values})
    # nobody has the files that the tools of the catalogue's vendors sign in by
    strange = registry.origin(name) == "catalogue"
    auth = None if strange else cls.auth(profile, TokenCache(None))
    client = httpx.Client(transport=httpx.MockTransport(handler), auth=auth)
    return cls(profile, client, options=options, waiting=waiting)


def profile(provider: str, **values: str) -> Profile:
    """A profile that nothing outside bends: these values and defaults."""
    return sandbox_profile(registry.find(provider).sections(), values)


def opened(
    provider: str,
    folder: Path,
    text: str,
    environ: Mapping[str, str] | None = None,
    name: str = "default",
) -> Profile:
    """A profile of a file with that text, and of those variables."""
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    told = Configuration.read({"JOBCTL_CONFIG": str(file)})
    return open_profile(registry.find(provider).sections(), told, name, environ=environ or {})


def sandbox(name: str, clock: Lives) -> Handler:
    """The sandbox's service as a handler."""
    prefix = f"/{name}"
    player = played(name)

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.url.path.startswith(prefix)
        return player.answer(request, request.url.path.removeprefix(prefix), clock)

    return handle


def story(job: JobRef, *seconds: float) -> list[Job]:
    """A job of the sandbox as looked at so many seconds after its first look."""
    now = [1_000_000.0]
    provider = make(job.provider, sandbox(job.provider, Lives(Hand(lambda: now[-1]))))
    provider.get(job)
    found = []
    for moment in seconds:
        now.append(now[0] + moment)
        found.append(provider.get(job))
    return found


def answering(
    name: str, *answers: tuple[int, Any] | tuple[int, Any, Mapping[str, str]]
) -> tuple[Handler, list[httpx.Request]]:
    """A handler that gives each answer once, the last for ever, and the API requests it has seen.

    Sign-in requests go to the sandbox's service.
    """
    seen: list[httpx.Request] = []
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return sandbox(name, Lives())(request)
        seen.append(request)
        status, body, *headers = left.pop(0) if len(left) > 1 else left[0]
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.Response(status, headers=headers[0] if headers else {}, content=content)

    return handle, seen


class ProviderContract:
    """What holds for every provider.

    `refs` names a job of each form; `likely` the fields of a body as the service sends them;
    `says_succeeded` is the second opinion on a body, written from the vendor's page.
    """

    name: ClassVar[str]
    likely: ClassVar[Mapping[str, st.SearchStrategy[Any]]]
    error_codes: ClassVar[Mapping[str, int]]
    bad_ids: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def says_succeeded(body: Mapping[str, Any]) -> bool:
        """Whether the body says that everything was done."""
        raise NotImplementedError

    def scenarios(self) -> Iterator[Scenario]:
        yield from (one for one in played(self.name).SCENARIOS if one.verb == "get")

    def ref(self, id: str) -> JobRef:
        return registry.find(self.name).check(JobRef.parse(f"{self.name}/{id}"))

    def test_every_field_is_always_there(self) -> None:
        for scenario in self.scenarios():
            one = make(self.name, sandbox(self.name, Lives()))
            document = one.get(self.ref(scenario.id)).document()
            assert list(document) == FIELDS
            assert list(document["progress"]) == PROGRESS
            assert json.loads(json.dumps(document)) == document

    def test_each_job_of_the_sandbox_comes_to_an_end(self) -> None:
        for scenario in self.scenarios():
            seconds = iter(range(10_000))
            clock = Lives(Hand(partial(next, seconds)))
            one = make(self.name, sandbox(self.name, clock))
            job = next(
                job for _ in range(1000) if (job := one.get(self.ref(scenario.id))).state.ended
            )
            assert job.url is not None

    def test_a_pause_that_a_good_answer_asks_for_is_told_with_the_job(self) -> None:
        play, asked = sandbox(self.name, Lives()), ["7", "3"]

        def handle(request: httpx.Request) -> httpx.Response:
            answer = play(request)
            if "oauth2" not in request.url.path and asked:
                answer.headers["Retry-After"] = asked.pop(0)
            return answer

        one, ref = make(self.name, handle), self.ref(next(self.scenarios()).id)
        looks = [one.get(ref).pause for _ in range(3)]
        assert looks in ([7.0, 3.0, 0.0], [7.0, 0.0, 0.0])

    def test_each_documented_error_has_its_exit_code(self) -> None:
        found = {}
        for scenario in played(self.name).ERRORS:
            if scenario.verb != "get":
                continue
            one = make(self.name, sandbox(self.name, Lives()))
            with pytest.raises(JobctlError) as caught:
                one.get(self.ref(scenario.id))
            assert caught.value.provider == self.name
            found[scenario.id] = int(caught.value.exit_code)
        assert found == self.error_codes

    def test_credentials_are_tried_by_one_request(self) -> None:
        asked = []
        play = sandbox(self.name, Lives())

        def handle(request: httpx.Request) -> httpx.Response:
            asked.append(request.method)
            return play(request)

        make(self.name, handle).probe()
        assert asked.count("GET") == 1
        for status in (401, 403):
            handler, _ = answering(self.name, (status, {}))
            with pytest.raises(AuthError):
                make(self.name, handler).probe()

    def test_what_signs_a_url_in_an_error_is_masked(self) -> None:
        url = "https://h.test/a.jpg?AccessKeyId=PLANTED&Expires=1&Signature=PLANTED%3D"
        said = f"fetching {url} failed; SIGNATURE=PLANTEDPLANTEDPLANTED"
        ref = self.ref(next(self.scenarios()).id)
        for status in (400, 401, 403, 404, 429, 500):
            for body in ({"message": said}, {"error": {"message": said}}, said.encode()):
                handler, _ = answering(self.name, (status, body))
                with pytest.raises(JobctlError) as caught:
                    make(self.name, handler).get(ref)
                assert "PLANTED" not in str(caught.value.document())

    def test_of_an_endless_error_little_is_shown(self) -> None:
        ref = self.ref(next(self.scenarios()).id)
        for said in ("signature=" * 100_000, "?a=b&" * 200_000, "http://" * 150_000):
            handler, _ = answering(self.name, (400, {"message": said}))
            with pytest.raises(JobctlError) as caught:
                make(self.name, handler).get(ref)
            assert len(caught.value.message) < 3_000

    def test_the_api_url_of_a_job_names_the_job(self) -> None:
        for scenario in self.scenarios():
            ref = self.ref(scenario.id)
            one = make(self.name, sandbox(self.name, Lives()))
            url = one.get(ref).url
            assert url is not None
            assert one.ref_of_url(url) == ref

    def test_a_url_of_another_host_is_refused_before_any_request(self) -> None:
        handle, seen = answering(self.name, (500, {}))
        one = make(self.name, handle)
        url = one.url(self.ref(next(self.scenarios()).id))
        for other in (
            url.replace("127.0.0.1:1", "127.0.0.1:2"),
            url.replace("127.0.0.1:1", "[::1"),
            url.replace("http:", "https:"),
        ):
            with pytest.raises(UsageError):
                one.ref_of_url(other)
        assert seen == []

    def test_an_id_that_cannot_be_one_is_refused_before_any_request(self) -> None:
        good = next(self.scenarios()).id
        for bad in (
            *self.bad_ids,
            f"{good}/more/and/more",
            f"{good}/..",
            "..",
            ".",
            f"{good}%2F..",
        ):
            with pytest.raises(UsageError):
                self.ref(bad)

    def test_an_answer_that_is_no_json_object_is_unavailable(self) -> None:
        for body in (b"", b"<html>sign in</html>", b'{"a": ', b"[]", b"null", b"[" * 100_000):
            handle, _ = answering(self.name, (200, body))
            with pytest.raises(JobctlError) as caught:
                make(self.name, handle).get(self.ref(next(self.scenarios()).id))
            assert caught.value.exit_code == 6
            assert caught.value.transient

    @pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 507, *range(520, 531), 599])
    def test_every_error_of_a_gateway_or_server_may_pass(self, status: int) -> None:
        handle, _ = answering(self.name, (status, b"<html>upstream connect error"))
        with pytest.raises(UnavailableError) as caught:
            make(self.name, handle).get(self.ref(next(self.scenarios()).id))
        assert caught.value.transient

    def test_only_the_services_own_not_found_is_final(self) -> None:
        ref = self.ref(next(self.scenarios()).id)
        pages = (b"", b"<html>404 Not Found</html>", b"default backend - 404", b'{"message": ')
        for status in (404, 410):
            for body in (*pages, {"message": "no such job"}, {}, ["none"]):
                handle, _ = answering(self.name, (status, body))
                with pytest.raises(JobctlError) as caught:
                    make(self.name, handle).get(ref)
                foreign = body in pages
                error = caught.value
                assert (error.exit_code, error.transient) == ((6, True) if foreign else (5, False))
                assert not foreign or "base_url" in str(error.hint)

    def test_an_answer_that_tells_of_another_job_is_not_believed(self) -> None:
        cls, ref = registry.find(self.name), self.ref(next(self.scenarios()).id)
        answer = make(self.name, sandbox(self.name, Lives())).get(ref).raw
        for part in cls.ids[: len(ref.parts)]:
            if part.name not in cls.id_fields:
                continue
            handle, _ = answering(
                self.name, (200, json.loads(answer) | {cls.id_fields[part.name]: "other"})
            )
            with pytest.raises(UnavailableError, match="other when asked for") as caught:
                make(self.name, handle).get(ref)
            assert caught.value.transient

    def test_only_get_reaches_the_service(self) -> None:
        methods = set()

        def handle(request: httpx.Request) -> httpx.Response:
            if "authorization" in request.headers and "oauth2" not in request.url.path:
                methods.add(request.method)
            return sandbox(self.name, Lives())(request)

        for scenario in self.scenarios():
            make(self.name, handle).get(self.ref(scenario.id))
        assert methods == {"GET"}

    @pytest.mark.hypothesis
    @pytest.mark.parametrize("number", [50, *others(10_000)])
    def test_no_body_is_called_succeeded_that_does_not_say_so(self, number: int) -> None:
        self.look_at_bodies(number)

    def look_at_bodies(self, number: int) -> None:
        """Generate bodies: none may crash, and none may end as what it does not say.

        Jobs are shown, for what a renderer cannot show is a crash as well: of many one format each.
        """
        turns = itertools.cycle([[kind] for kind in KINDS] if number > 1_000 else [KINDS])
        ref = self.ref(next(self.scenarios()).id)

        @settings(max_examples=number, suppress_health_check=list(HealthCheck))
        @given(bodies(self.likely))
        def check(body: dict[str, Any]) -> None:
            job = self.look(ref, body)
            if job is None:
                return
            show(job, next(turns))
            if job.state is JobState.SUCCEEDED:
                assert self.says_succeeded(body)

        check()

    def look(self, ref: JobRef, body: Mapping[str, Any]) -> Job | None:
        """The job a body stands for; none where the provider refuses the body."""
        handle, _ = answering(self.name, (200, body))
        try:
            job = make(self.name, handle).get(ref)
        except JobctlError:
            return None
        assert json.loads(json.dumps(job.document())) == job.document()
        return job
