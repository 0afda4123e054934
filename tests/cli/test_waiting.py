"""What ends a wait besides the end of every job, and what is printed then."""

import io
import json
import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pyte
import pytest
from crowd import Together
from processes import run_on_a_terminal, shown_on
from simulated import SimulatedClock

from jobctl.commands import Shared, Terminal
from jobctl.commands.look import look
from jobctl.commands.look.request import LookRequest
from jobctl.stream.watch import Limits

RUNNING = (200, {"status": "Running"})
DONE = (200, {"status": "Completed"})
FAILED = (200, {"status": "Failed"})
NONE = (404, {"error": {"message": "none"}})
SOON = ("--interval", "0.02")


def states(ran: Any) -> list[str]:
    return [job["state"] for job in ran.document]


@pytest.mark.usefixtures("account")
def test_any_ends_with_the_first_that_has_ended_and_all_with_the_last(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [RUNNING], "2": [RUNNING, RUNNING, DONE], "3": [RUNNING]}
    jobs = ("cognite/1", "cognite/2", "cognite/3", "--json", *SOON)
    ran = jobctl("wait", *jobs, "--any")
    assert (ran.code, states(ran)) == (0, ["running", "succeeded", "running"])
    assert jobctl("wait", *jobs, "--any", "--all", "--timeout", "0.1").code == 124


@pytest.mark.usefixtures("account")
def test_failing_fast_leaves_the_others_as_they_are(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [RUNNING], "2": [RUNNING, FAILED]}
    ran = jobctl("get", "cognite", "1", "2", "--wait", "--fail-fast", "--json", *SOON)
    assert (ran.code, states(ran)) == (10, ["running", "failed"])
    service.answers["2"] = [NONE]
    ran = jobctl("get", "cognite", "1", "2", "--wait", "--fail-fast", "--json", *SOON)
    assert (ran.code, states(ran)[1], ran.error["kind"]) == (5, "unknown", "not-found")


@pytest.mark.usefixtures("account")
def test_a_condition_ends_a_wait_when_it_is_true_for_every_job(service: Any, jobctl: Any) -> None:
    going = (200, {"status": "Running", "items": [{"fileId": 1}]})
    service.answers = {"1": [RUNNING, going], "2": [going]}
    words = ("wait", "cognite/1", "cognite/2", "--for", "progress.succeeded >= `1`")
    ran = jobctl(*words, "-o", "ndjson", *SOON)
    verdict = json.loads(ran.out.splitlines()[-1])
    assert (ran.code, verdict["verdict"]) == (0, "condition")
    # it is remembered, and not asked for again
    assert len([path for _, path, _ in service.requests if path.endswith("/2")]) == 1


@pytest.mark.usefixtures("account")
def test_a_condition_that_does_not_fit_yet_is_told_once_and_not_true(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [RUNNING, (200, {"status": "Running", "errorMessage": "disk full"})]}
    ran = jobctl("wait", "cognite/1", "--for", "contains(message, 'disk')", *SOON)
    assert ran.code == 0
    assert ran.err.count("warning: cognite/1: --for \"contains(message, 'disk')\"") == 1


@pytest.mark.usefixtures("account")
def test_a_job_in_which_nothing_changes_is_given_up(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [RUNNING], "2": [DONE]}
    words = ("wait", "cognite/1", "cognite/2", "--stall-after", "0.05", *SOON)
    ran = jobctl(*words, "-o", "ndjson")
    verdict = json.loads(ran.out.splitlines()[-1])
    assert (ran.code, verdict["verdict"]) == (13, "stalled")
    assert verdict["states"] == {"running": 1, "succeeded": 1}
    assert ran.error["message"] == "cognite/1: nothing changed for 0 s"


@pytest.mark.usefixtures("account")
def test_an_exit_map_changes_the_code_and_the_verdict_line_alike(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [RUNNING], "2": [NONE]}
    late = ("--timeout", "0", "--exit-map", "timeout=0,not-found=3")
    ran = jobctl("wait", "cognite/1", *late, "-o", "ndjson")
    verdict = json.loads(ran.out.splitlines()[-1])
    assert (ran.code, verdict["verdict"], verdict["exit_code"]) == (0, "timeout", 0)
    assert jobctl("watch", "cognite/2", *late).code == 3
    assert jobctl("get", "cognite", "2", "--exit-map", "not-found=0").code == 0


@pytest.mark.usefixtures("account")
def test_a_query_that_fits_no_longer_ends_the_lines_with_a_verdict(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [(200, {"status": "Running", "errorMessage": "no"}), RUNNING]}
    ran = jobctl("wait", "cognite/1", "-o", "ndjson", "-q", "length(message)", *SOON)
    first, last = map(json.loads, ran.out.splitlines())
    assert (ran.code, first, last["verdict"], last["exit_code"]) == (2, 2, "error", 2)
    assert ran.error["message"].startswith("--query 'length(message)'")


@pytest.mark.usefixtures("account")
def test_a_long_list_of_jobs_that_have_not_ended_is_cut(service: Any, jobctl: Any) -> None:
    service.answers = {str(number): [RUNNING] for number in range(1, 13)}
    ran = jobctl("get", "cognite", *service.answers, "--wait", "--timeout", "0")
    told = ran.err.splitlines()[-1]
    assert told.startswith("warning: timed out; not ended: cognite/1, cognite/2, ")
    assert told.endswith("cognite/10 and 2 more")


@pytest.mark.usefixtures("account")
def test_a_job_that_was_given_up_is_not_said_to_go_on(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [RUNNING], "2": [NONE], "3": [DONE]}
    ran = jobctl("get", "cognite", "1", "2", "3", "--wait", "--timeout", "0")
    assert "warning: timed out; not ended: cognite/1\n" in ran.err


def looked(*jobs: str, **limits: float) -> tuple[int, str, str]:
    """What a wait ends with by a clock that no machine is too slow for, and both its streams."""
    out, err = io.StringIO(), io.StringIO()
    request = LookRequest(
        jobs=list(jobs), shared=Shared(format="json"), wait=True, limits=Limits(**limits)
    )
    code = look(request, Terminal(out, err, io.StringIO(), os.environ), SimulatedClock())
    return code, out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("account")
def test_an_outage_longer_than_allowed_prints_what_was_known(service: Any) -> None:
    service.answers = {"1": [RUNNING, (503, b"")], "2": [DONE]}
    code, out, err = looked("cognite/1", "cognite/2", interval=10.0, outage=0.1)
    assert code == 6
    assert [job["state"] for job in json.loads(out)] == ["running", "succeeded"]
    assert json.loads(err.splitlines()[-1])["error"]["kind"] == "unavailable"


class Screen(pyte.Screen):
    """One that counts how often it rings."""

    bells = 0

    def bell(self, *args: Any) -> None:
        self.bells += 1


Drawn = Callable[..., tuple[int, Screen, str]]


@pytest.fixture
def drawn(account: Any) -> Drawn:
    """Run a command line on a terminal: exit code, the screen at its end, standard error.

    `together`: standard error is the terminal, too. `typed` is typed once a job is seen to run.
    """

    def run(
        *words: str, term: str = "xterm", together: bool = False, typed: bytes = b""
    ) -> tuple[int, Screen, str]:
        sent = b""
        apart = {} if together else {"stderr": subprocess.PIPE}
        with run_on_a_terminal(*words, environ={"TERM": term}, **apart) as (process, end):
            for more in shown_on(end):
                sent += more
                if typed and b"running" in sent:
                    end.write(typed)
                    typed = b""
            err = process.stderr.read() if process.stderr else ""
        screen = Screen(80, 24)
        pyte.ByteStream(screen).feed(sent)
        return process.returncode, screen, err

    return run


def shown(screen: pyte.Screen) -> list[str]:
    return [line.rstrip() for line in screen.display if line.strip()]


@pytest.mark.parametrize("verb", [["watch", "cognite/1"], ["get", "cognite", "1", "--watch"]])
def test_a_watch_leaves_its_last_picture_on_the_terminal_and_no_table(
    verb: list[str], service: Any, drawn: Drawn
) -> None:
    service.answers = {"1": [RUNNING, RUNNING, FAILED]}
    code, screen, err = drawn(*verb, *SOON)
    assert (code, err) == (10, "")
    lines = shown(screen)
    assert len(lines) == 1
    assert re.search(r"failed +cognite/1", lines[0])
    assert not screen.cursor.hidden


def test_what_a_watch_warns_of_stays_out_of_a_picture_that_is_elsewhere(
    service: Any, drawn: Drawn
) -> None:
    service.answers = {"1": [(200, {"status": "Rebalancing"}), DONE]}
    code, screen, err = drawn("watch", "cognite/1", "--quiet", *SOON)
    assert (code, err, len(shown(screen))) == (0, "", 1)
    service.answers = {"1": [(200, {"status": "Rebalancing"}), DONE]}
    code, screen, err = drawn("watch", "cognite/1", *SOON)
    assert (code, len(shown(screen))) == (0, 1)
    assert err.startswith("warning: cognite/1 has the status 'Rebalancing'")


def test_what_a_watch_warns_of_stands_above_the_picture_on_the_same_terminal(
    service: Any, drawn: Drawn
) -> None:
    service.answers = {"1": [(200, {"status": "Rebalancing"}), DONE]}
    code, screen, _ = drawn("watch", "cognite/1", *SOON, together=True)
    warning, *_, picture = shown(screen)
    assert code == 0
    assert warning.startswith("warning: cognite/1 has the status 'Rebalancing'")
    assert re.search(r"succeeded +cognite/1", picture)


@pytest.mark.measured
def test_q_leaves_a_watch_and_tells_the_command_that_goes_on(service: Any, drawn: Drawn) -> None:
    service.answers = {"1": [RUNNING]}
    words = ("watch", "cognite/1", "--timeout", "1h")
    code, screen, err = drawn(*words, *SOON, typed=b"xq")
    assert code == 130
    assert re.search(r"running +cognite/1", shown(screen)[0])
    assert not screen.cursor.hidden
    assert re.fullmatch(
        r"warning: interrupted; the jobs go on: cognite/1\n"
        r"hint: go on with: jobctl watch cognite/1 --timeout 3\d{3}s --interval 0.02\n",
        err,
    )
    _, _, err = drawn(*words, *SOON, "--quiet", typed=b"q")
    assert err == ""


@pytest.mark.measured
def test_a_wait_notifies_on_the_terminal_that_it_is_seen_on(service: Any, drawn: Drawn) -> None:
    service.answers = {"1": [DONE]}
    for words, together in ((("watch", "cognite/1"), False), (("wait", "cognite/1"), True)):
        for notify in ((), ("--notify",)):
            code, screen, _ = drawn(*words, *notify, together=together)
            assert code == 0
            assert screen.bells == len(notify)


@pytest.mark.parametrize(("more", "term"), [(["-o", "ids"], "xterm"), ([], "dumb")])
def test_a_watch_that_cannot_draw_on_standard_output_is_a_wait(
    more: list[str], term: str, service: Any, drawn: Drawn
) -> None:
    service.answers = {"1": [RUNNING, DONE]}
    code, screen, err = drawn("watch", "cognite/1", *more, *SOON, term=term)
    assert code == 0
    assert "cognite/1 running" in err
    assert "cognite/1" in "".join(shown(screen))


@pytest.mark.usefixtures("account")
def test_a_watch_off_a_terminal_is_a_wait(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [RUNNING, DONE]}
    watched = jobctl("watch", "cognite/1", *SOON)
    service.answers = {"1": [RUNNING, DONE]}
    waited = jobctl("wait", "cognite/1", *SOON)
    assert (watched.code, watched.out) == (waited.code, waited.out)
    assert "cognite/1 running" in watched.err


@pytest.mark.usefixtures("account")
def test_a_wait_that_times_out_tells_what_was_heard_last(service: Any) -> None:
    service.answers = {"1": [(200, b"<html>")]}
    code, _, err = looked("cognite/1", timeout=20.0, interval=5.0, outage=60.0)
    assert code == 124
    last = err.splitlines()[-1]
    assert last.startswith("warning: what was heard last: ")
    assert "HTML where JSON should be" in last


@pytest.mark.usefixtures("account")
def test_where_nobody_ever_answers_is_told_at_once_and_once(jobctl: Any) -> None:
    nobody = ("--set", "base_url=http://127.0.0.1:9")
    ran = jobctl("wait", "cognite/1", "cognite/2", "--outage", "0.3", "--interval", "0.1", *nobody)
    assert ran.code == 6
    told = "warning: no service has answered at 127.0.0.1:9 so far: check base_url"
    assert ran.err.splitlines()[1].startswith(told)
    assert ran.err.count("has answered at") == 1


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("answer", [(200, b"<html>"), (200, []), (404, b"<html>")])
def test_somebody_else_who_answers_is_told_at_once_and_once(
    answer: tuple[int, Any], service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [answer]}
    ran = jobctl("wait", "cognite/1", "--outage", "0.2", "--interval", "0.05")
    assert ran.code == 6
    told = [line for line in ran.err.splitlines() if line.startswith("warning: ")]
    assert len(told) == 1
    assert "no service has answered at 127.0.0.1:" in told[0]
    assert "check base_url" in told[0]
    assert "hint: " in ran.err
    # a reason is repeated once in a minute
    assert ran.err.count("no answer for") == 1


@pytest.mark.usefixtures("account")
def test_so_many_requests_at_once_as_the_setting_says(service: Any, jobctl: Any) -> None:
    together = Together(2)

    def answer() -> tuple[int, Any]:
        together.meet()
        return 200, {"status": "Completed"}

    service.answers = {str(one): [answer] for one in range(1, 21)}
    words = ("wait", *(f"cognite/{one}" for one in range(1, 21)), "-o", "ids")
    assert jobctl(*words, "--set", "max_in_flight=2").code == 0
    assert together.most == 2
    assert jobctl(*words, "--set", "max_in_flight=0").code == 2


@pytest.mark.usefixtures("account")
def test_a_job_that_is_given_up_is_told_with_the_cause_while_others_go_on(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [NONE], "2": [(200, {"status": "Completed"})]}
    ran = jobctl("wait", "cognite/1", "cognite/2", "--ci", "none")
    assert ran.code == 5
    assert " cognite/1 given up: Cognite Vision answered 404: none\n" in ran.err


@pytest.mark.usefixtures("account")
def test_what_is_not_there_yet_is_no_silence(service: Any, jobctl: Any) -> None:
    none = (404, {"error": {"message": "no such job"}})
    service.answers = {"1": [none, none, (200, {"status": "Completed"})]}
    ran = jobctl("wait", "cognite/1", "--allow-missing", "60", "--interval", "0.02")
    assert ran.code == 0
    assert "no such job" in ran.err
    assert "no answer for" not in ran.err
