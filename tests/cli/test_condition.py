"""`--for`: what can never come true is refused, and what has not come true is told."""

from typing import Any

import pytest

from jobctl.commands.look.condition import Condition
from jobctl.errors import UsageError
from jobctl.models import Failure, Job, JobRef, JobState, Progress

SOON = ("--interval", "0.01", "--timeout", "5s")
RUNNING = (200, {"status": "Running"})
DONE = (200, {"status": "Completed"})
FAILED = (200, {"status": "Failed"})
JOB = Job(
    ref=JobRef("acme", ("1",)),
    state=JobState.RUNNING,
    status="Distributing",
    progress=Progress(percent=50),
    failures=(Failure("7", "broken", "a.png"),),
    detail={"kind": {"deep": 1}},
)


@pytest.mark.parametrize(
    "text",
    [
        "running",
        "state=='running'",
        "'running' == state && state != 'failed'",
        "contains(['running', 'succeeded'], state)",
        'contains(`["running", "succeeded"]`, state)',
        "starts_with(state, 'run')",
        "progress.percent >= `50`",
        "@.progress.percent",
        "failures[?name=='a.png'].message | [0]",
        "failures[0].id == '7'",
        "failures[*].name",
        "failures[].[id, name]",
        "failures[:1].id | [0]",
        "sort_by(failures, &id)[0].anything || `1`",
        "detail.kind.deep",
        "values(detail) | [?deep]",
        "detail.* | [0]",
        "!ended",
        "{any: state, thing: detail.none}.any",
        "state || 'none'",
        "contains('queued or running', state)",
        "progress.percent != `null` && message == error_code",
    ],
)
def test_what_may_become_true_is_understood(text: str) -> None:
    assert Condition(text).met(JOB, print)


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        ("runing", "no field 'runing'", "did you mean running?"),
        ("RUNNING", "no field 'RUNNING'", "did you mean running?"),
        ("state=='FAILED'", "no state 'FAILED'", "did you mean failed?"),
        ("stat=='running'", "no field 'stat'", "did you mean state?"),
        ("state=='runing'", "no state 'runing'", "did you mean running?"),
        ("'Completed' != state", "no state 'Completed'", "known: queued, running"),
        ("state == `1`", "no state 1", "known: queued"),
        ("state==running", "no field 'running'", "state=='running', or --for running alone"),
        ("contains(['running', 'done'], state)", "no state 'done'", "known: queued"),
        ('contains(`["runing"]`, state)', "no state 'runing'", "did you mean running?"),
        ("progress.percnt > `50`", "no field 'percnt'", "did you mean percent?"),
        ("failures[?nam=='a.png']", "no field 'nam'", "did you mean name?"),
        ("failures[*].mesage | [0]", "no field 'mesage'", "did you mean message?"),
        ("failures[0].mesage", "no field 'mesage'", "did you mean message?"),
        ("[message, statu]", "no field 'statu'", "did you mean status?"),
        ("ref.id == '7'", "what 'id' is to be a field of", ""),
        ("[?state=='running']", "only an array has elements", "each job is looked at alone"),
        ("name[0]", "only an array has elements", ""),
        ("@.state == 'runing'", "no state of a job", "states: queued, running"),
        ("contains(state, 'runing')", "no state of a job", "states: queued, running"),
        ("ended && state == 'queued'", "no state of a job", "states: queued, running"),
        ("progress.percent >= '50'", "a number and a text are never alike", "in backticks: "),
        ("'true' == ended", "a text and true or false are never alike", "in backticks: "),
        ("ended_at > message", "a text is neither less nor more", ""),
        ("'running'", "'running' says nothing of a job", "--for running"),
        ("a" + " | a" * 20_000, "nested too deep", ""),
    ],
    ids=lambda value: value[:30],
)
def test_what_can_never_become_true_is_refused(text: str, told: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        Condition(text)
    assert told in refused.value.message
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize("word", ["ended", *JobState])
def test_a_state_is_a_condition(word: str) -> None:
    for state in JobState:
        job = Job(ref=JOB.ref, state=state, status=None)
        assert Condition(word).met(job, print) == (
            state.ended if word == "ended" else word == state
        )


@pytest.mark.usefixtures("account")
def test_a_wait_for_a_state_ends_with_it(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, {"status": "Queued"}), RUNNING]}
    ran = jobctl("wait", "cognite/1", "--for", "running", *SOON)
    assert (ran.code, "never" in ran.err) == (0, False)


@pytest.mark.parametrize(("last", "code"), [(DONE, 10), (FAILED, 10)])
@pytest.mark.usefixtures("account")
def test_a_job_that_ends_without_it_is_told(
    last: tuple[int, Any], code: int, service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [RUNNING, last], "2": [RUNNING]}
    ran = jobctl("wait", "cognite/1", "cognite/2", "--for", "message", *SOON)
    assert ran.code == code
    assert "warning: --for message never came true: cognite/1\n" in ran.err


@pytest.mark.usefixtures("account")
def test_what_can_never_become_true_is_refused_before_any_request(
    service: Any, jobctl: Any
) -> None:
    ran = jobctl("wait", "cognite/1", "--for", "stat=='running'")
    assert (ran.code, service.requests) == (2, [])
    assert "hint: did you mean state?" in ran.err
