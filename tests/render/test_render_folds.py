"""The lines of a wait, folded in the log of a CI."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from jobctl.models import Job, JobRef
from jobctl.render import open_progress
from jobctl.render.github import Group
from jobctl.render.gitlab import Section

# What GitLab takes for the start or the end of a section.
MARK = re.compile(
    r"\x1b\[0K(section_start|section_end):(\d+):([\w.-]+)(\[collapsed=true\])?\r\x1b\[0K(.*)"
)


def test_a_section_has_a_name_its_times_and_a_title(now: Callable[[], datetime]) -> None:
    moments = iter([now(), now(), now() + timedelta(seconds=7)])
    section = Section(lambda: next(moments))
    begin, end = (MARK.fullmatch(line) for line in (section.begin("t: 1"), section.end()))
    assert begin
    assert end
    seconds = int(now().timestamp())
    name = f"jobctl_{seconds}"
    assert begin.groups() == ("section_start", str(seconds), name, "[collapsed=true]", "t: 1")
    assert end.groups() == ("section_end", str(seconds + 7), name, None, "")


@pytest.mark.parametrize(("ids", "title"), [("1", "cognite/1"), ("123", "3 jobs")])
def test_the_lines_stand_between_the_ends_of_a_fold(
    ids: Sequence[str], title: str, now: Callable[[], datetime], job: Callable[..., Job]
) -> None:
    err = io.StringIO()
    refs = [JobRef("cognite", (one,)) for one in ids]
    progress = open_progress(err, refs=refs, now=now, environ={}, fold=Group())
    progress.start()
    progress.changed(job("cognite/1"))
    progress.stop()
    assert err.getvalue() == (
        f"::group::jobctl: waiting for {title}\n"
        "2024-10-29T14:00:00Z cognite/1 running\n"
        "::endgroup::\n"
    )


def test_silence_and_a_live_view_are_not_folded(
    now: Callable[[], datetime], terminal: Callable[..., io.StringIO]
) -> None:
    for err, quiet in ((io.StringIO(), True), (terminal(), False)):
        progress = open_progress(
            err, refs=[JobRef("vas", ("1",))], now=now, environ={}, quiet=quiet, fold=Group()
        )
        progress.start()
        progress.stop()
        assert "group" not in err.getvalue()
