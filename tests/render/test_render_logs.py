"""Text from a service is untrusted: nothing of it is a command to the CI whose log it stands in."""

import io
import json
from collections.abc import Callable
from datetime import datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from runner import obeyed

from jobctl.errors import UsageError
from jobctl.models import Failure, Job, JobRef, JobState
from jobctl.render import json as as_json
from jobctl.render import open_renderer
from jobctl.render import yaml as as_yaml
from jobctl.render.clean import clean
from jobctl.render.lines import LineProgress
from jobctl.render.messages import error_line
from jobctl.render.table import plain_table

COMMANDS = ["::error::", "##[error]", "::error title=x::y", "##[add-mask]e", "x ##[group]##[group]"]
COMMANDS += ["##vso[task.complete result=Succeeded;]done", "x ##TeamCity[buildStatus text='x']"]
PIECES = ["::", "##[", "error", "]", "#", "[", ":", " ", "\t", "\n", "\r\n", "\xa0", "\u2028", "'"]
PIECES += ["##vso[", "teamcity["]
ANYTHING = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@pytest.mark.parametrize("text", COMMANDS)
def test_the_runner_would_obey_what_these_tests_plant(text: str) -> None:
    assert len(obeyed(text)) == 1


@given(ANYTHING)
def test_what_is_cleaned_is_no_command(text: str) -> None:
    assert obeyed(clean(text)) == []


@given(ANYTHING)
def test_documents_hold_no_command_and_are_exact(text: str) -> None:
    value = {text: [text, {"message": text}]}
    for whole in (text, value):
        for shown in (as_json.encode(whole, 2), as_json.encode(whole)):
            assert obeyed(shown) == []
            assert json.loads(shown) == whole
        shown = as_yaml.encode(whole)
        assert obeyed(shown) == []
        assert yaml.safe_load(shown) == whole


@given(ANYTHING, ANYTHING)
def test_a_piped_table_holds_no_command(first: str, second: str) -> None:
    assert obeyed("".join(plain_table(["a", "b"], [[first, second]]))) == []


@pytest.mark.parametrize("single", [True, False], ids=["report", "rows"])
@pytest.mark.parametrize("environ", [{}, {"FORCE_COLOR": "1", "COLUMNS": "100"}], ids=str)
@pytest.mark.parametrize("text", [*COMMANDS, *(f"{'x' * n} ::error::" for n in range(60, 100, 5))])
def test_nothing_that_people_read_holds_a_command(
    text: str, environ: dict[str, str], single: bool, now: Callable[[], datetime]
) -> None:
    out, err = io.StringIO(), io.StringIO()
    failures = (Failure(text, text),)
    job = Job(
        ref=JobRef("cognite", ("1",)),
        state=JobState.FAILED,
        status=text,
        name=text,
        message=text,
        failures=failures,
    )
    for columns in (None, ["message", "status"]):
        open_renderer(
            "table", out, single=single, waiting=True, now=now, environ=environ, columns=columns
        ).finish([job], None)
    progress = LineProgress(err, now=now)
    progress.changed(job)
    progress.trouble(job.ref, text)
    progress.note(text)
    for format_ in ("table", "json"):
        error_line(err, UsageError(text, hint=text), format_)
    assert obeyed(out.getvalue() + err.getvalue()) == []
