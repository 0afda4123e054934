"""What the files of AWS's services ask and read is what botocore's models of these have."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import pytest
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import get_session
from botocore.validate import validate_parameters

from jobctl import registry
from jobctl.declared import examples
from jobctl.declared.load import provider_of, spec_of
from jobctl.declared.mapping import find
from jobctl.declared.spec import Example, Spec
from jobctl.errors import NotFoundError
from jobctl.models import JobState, Query

pytestmark = pytest.mark.slow

# the service as botocore names it, the operation that looks, and where its status stands
LOOKS = {
    "aws-athena": ("athena", "GetQueryExecution", "QueryExecution.Status.State"),
    "aws-batch": ("batch", "DescribeJobs", "jobs.status"),
    "aws-codebuild": ("codebuild", "BatchGetBuilds", "builds.buildStatus"),
    "aws-emr-serverless": ("emr-serverless", "GetJobRun", "jobRun.state"),
    "aws-glue": ("glue", "GetJobRun", "JobRun.JobRunState"),
    "aws-step-functions": ("stepfunctions", "DescribeExecution", "status"),
    "aws-transcribe": (
        "transcribe",
        "GetTranscriptionJob",
        "TranscriptionJob.TranscriptionJobStatus",
    ),
    "bedrock-batch": ("bedrock", "GetModelInvocationJob", "status"),
    "sagemaker-training": ("sagemaker", "DescribeTrainingJob", "TrainingJobStatus"),
}
MOMENT = datetime(2024, 5, 29, 16, 26, 40, tzinfo=UTC)
# of batch the model has mere numbers: its page says that they are milliseconds
MILLISECONDS = ("createdAt", "startedAt", "stoppedAt")


class File(NamedTuple):
    """A file and what botocore knows of the service."""

    spec: Spec
    service: ServiceModel
    look: OperationModel
    words: tuple[str, ...]
    protocol: str

    @property
    def body(self) -> Any:
        """An answer in which nothing lacks; what comes in arrays has each of its words once."""
        return self._filled(self.look.output_shape, ())

    def _filled(self, shape: Shape, above: tuple[str, ...], turn: int = 0, name: str = "") -> Any:
        above = (*above, shape.name)
        if shape.type_name == "structure":
            members = [one for one in shape.members.items() if one[1].name not in above]
            one_of = 1 if getattr(shape, "is_tagged_union", False) else None
            return {one: self._filled(each, above, turn, one) for one, each in members[:one_of]}
        if shape.type_name == "list":
            if shape.member.name in above:
                return []
            inside = getattr(shape.member, "members", {})
            words = [len(one.enum) for one in inside.values() if getattr(one, "enum", None)]
            return [self._filled(shape.member, above, one) for one in range(max(words, default=1))]
        if shape.type_name == "map":
            return {word: self._filled(shape.value, above, turn) for word in self.words}
        if shape.type_name == "timestamp":
            iso = shape.serialization.get("timestampFormat") == "iso8601"
            return "2024-05-29T16:26:40Z" if iso else MOMENT.timestamp()
        if shape.type_name in {"integer", "long", "float", "double"}:
            return int(MOMENT.timestamp() * 1000) if name in MILLISECONDS else 7
        if shape.type_name == "boolean":
            return True
        choices: list[str] = list(getattr(shape, "enum", None) or [f"a {name}"])
        return sorted(choices, key=self._goes_on)[turn % len(choices)]

    def _goes_on(self, word: str) -> bool:
        state = self.spec.meaning.states.get(word.casefold())
        return state is None or not state.ended


@pytest.fixture(scope="module", params=LOOKS)
def file(request: pytest.FixtureRequest) -> File:
    service, look, status = LOOKS[request.param]
    model = get_session().get_service_model(service)
    shape: Any = model.operation_model(look).output_shape
    for name in status.split("."):
        shape = (shape if shape.type_name == "structure" else shape.member).members[name]
    (protocol,) = {"json", "rest-json"} & set(model.metadata["protocols"])
    spec = spec_of(registry.CATALOGUE / f"{request.param}.yaml")
    return File(spec, model, model.operation_model(look), tuple(shape.enum), protocol)


def test_every_word_of_the_model_has_a_state_and_no_other_word_has_one(file: File) -> None:
    told = {word.split("+")[0] for word in provider_of(file.spec).states}
    assert told == {word.casefold() for word in file.words}


def test_the_address_is_taken_from_the_variables_that_botocore_looks_at(file: File) -> None:
    name = file.service.service_id.replace(" ", "_").upper()
    (base,) = (one for one in file.spec.settings if one.name == "base_url")
    assert base.env == (f"AWS_ENDPOINT_URL_{name}", "AWS_ENDPOINT_URL")


def test_every_member_that_is_read_is_in_the_model_and_is_read_as_botocore_does(
    file: File,
) -> None:
    spec = file.spec
    meaning = spec.meaning
    body = find(spec.get[0].at, file.body) if spec.get[0].at else file.body
    fields = [*meaning.texts.items(), *meaning.times.items()]
    fields += [("duration", meaning.duration)] if meaning.duration else []
    places = {name: field.places for name, field in fields}
    places |= {name: (one,) for name, one in {**meaning.counts, **meaning.detail}.items()}
    empty = {name for name, some in places.items() for one in some if find(one, body) is None}
    assert empty == set()
    if meaning.failures:
        at, parts = meaning.failures
        failed = find(at, body)
        assert failed
        assert all(find(one, failed[0]) for field in parts.values() for one in field.places)
    # the same body as botocore reads it
    answer = {"status_code": 200, "headers": {}, "body": json.dumps(file.body).encode()}
    read = create_parser(file.protocol).parse(answer, file.look.output_shape)
    assert {*_moments(read)} <= {MOMENT}
    of = next(one.of for one in spec.examples if one.kind == "id")
    text = json.dumps(file.body)
    for part, asked in zip(spec.ids, of.split("/", len(spec.ids) - 1), strict=False):
        if part.name in spec.told:  # it answers for the job that is asked for
            text = text.replace(json.dumps(find(spec.told[part.name], body)), json.dumps(asked))
    told = Example("id", of, ({"body": json.loads(text)},))
    job = examples.play(provider_of(spec), spec, told, examples.Script(told, spec.folder))
    assert {name: getattr(job, name) for name in meaning.times} == dict.fromkeys(
        meaning.times, MOMENT
    )


def test_every_error_that_says_that_nothing_is_there_is_told_so(file: File) -> None:
    of = next(one.of for one in file.spec.examples if one.kind == "id")
    asked = {one.name: one for one in (_as_botocore(file, each) for each in _asked(file))}
    for error in (shape for one in asked.values() for shape in one.error_shapes):
        if "NotFound" in error.name or "DoesNotExist" in error.name:
            told = Example("id", of, ({"status": 400, "body": {"__type": error.name}},))
            script = examples.Script(told, file.spec.folder)
            with pytest.raises(NotFoundError):
                examples.play(provider_of(file.spec), file.spec, told, script)


def test_every_request_is_what_botocore_would_send(file: File) -> None:
    assert {_as_botocore(file, request).name for request in _asked(file)} > {file.look.name}


def _asked(file: File) -> list[httpx.Request]:
    """All that its examples ask, the lists with filters, too."""
    spec = file.spec
    cls = provider_of(spec)
    sent: list[httpx.Request] = []

    class Listening(examples.Script):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return super().handle_request(request)

    for example in spec.examples:
        script = Listening(example, spec.folder)
        if "error" in example.expect:
            continue
        examples.play(cls, spec, example, script)
        for state in JobState if example.kind == "list" else ():
            script = Listening(example, spec.folder)
            provider = examples.provider_for(cls, spec, example.settings, script)
            query = Query(cls.placed(example.of), frozenset({state}), since=MOMENT, size=7)
            provider.list(query, None)
    # a transcript lies where the answer says
    return [one for one in sent if "X-Amz-Signature" not in one.url.params]


def _as_botocore(file: File, request: httpx.Request) -> OperationModel:
    """The operation that a request asks for; the test fails if botocore would ask otherwise."""
    operation, params = _understood(file, request)
    assert validate_parameters(params, operation.input_shape) is None
    wanted = create_serializer(file.protocol).serialize_to_request(params, operation)
    assert request.method == wanted["method"]
    assert request.url.raw_path.partition(b"?")[0].decode() == wanted["url_path"]
    assert json.loads(request.content or b"{}") == json.loads(wanted["body"] or b"{}")
    told = {name: str(text) for name, text in httpx.QueryParams(wanted["query_string"]).items()}
    assert {name: text.replace(".000Z", "Z") for name, text in request.url.params.items()} == told
    for name in ("X-Amz-Target", "Content-Type"):
        assert request.headers.get(name) == wanted["headers"].get(name)
    return operation


def _understood(file: File, request: httpx.Request) -> tuple[OperationModel, dict[str, Any]]:
    """Which operation a request is, and its parameters as one would give them to botocore."""
    operations = [
        file.service.operation_model(name)
        for name in file.service.operation_names
        if name.startswith(("Get", "List", "Describe", "BatchGet"))
    ]
    params: dict[str, Any] = json.loads(request.content or b"{}")
    target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    for one in operations:
        uri = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(one.http["requestUri"]))
        found = re.fullmatch(uri, request.url.raw_path.partition(b"?")[0].decode())
        if found and (one.name == target or (not target and one.http["method"] == request.method)):
            members = one.input_shape.members
            given = {
                name: httpx.URL(f"/{text}").path[1:] for name, text in found.groupdict().items()
            }
            for name, text in {**given, **request.url.params}.items():
                number = members[name].type_name in {"integer", "long"}
                many = members[name].type_name == "list"
                params[name] = int(text) if number else [text] if many else text
            return one, params
    raise AssertionError(request.url)


def _moments(value: Any) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value.astimezone(UTC)
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _moments(one)
