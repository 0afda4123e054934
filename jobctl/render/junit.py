"""`--junit FILE`: every job a test case, in the XML that CI servers read."""

import os
import re
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from jobctl import files
from jobctl.errors import UsageError
from jobctl.models import Job, rfc3339
from jobctl.render.beside import beside
from jobctl.render.listener import Verdict
from jobctl.render.problem import Cases, Problem, ProblemReport

# What XML 1.0 cannot hold in any form.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JunitReport(ProblemReport):
    """The file, written whole or not at all at the end of the wait that began at `started`."""

    def __init__(self, path: Path, *, started: datetime, partial_ok: bool) -> None:
        """Make sure that the file can be written.

        Raises:
            UsageError: it cannot.
        """
        super().__init__(partial_ok=partial_ok)
        self._path = path
        self._started = started
        try:
            if not files.may_be_file(path):
                raise UsageError(f"--junit: {path} is not a file")
            self._beside = beside(path.with_name(f".{path.name}"), f".{os.getpid()}")
            self._beside.touch()
            self._beside.unlink()
        except OSError as error:
            raise UsageError(f"--junit: cannot write {path}: {error.strerror}") from None

    def report(self, cases: Cases, verdict: Verdict) -> None:
        found = [one for _, one in cases if one is not None]
        counts = {
            "name": "jobctl",
            "tests": str(len(cases)),
            "failures": str(sum(one.of_job for one in found)),
            "errors": str(sum(not one.of_job for one in found)),
            "time": f"{verdict.elapsed_seconds:.3f}",
        }
        root = ET.Element("testsuites", counts)
        began = {"timestamp": rfc3339(self._started)}
        suite = ET.SubElement(root, "testsuite", counts | began)
        for job, wrong in cases:
            _case(suite, job, wrong, verdict)
        ET.indent(root)
        try:
            ET.ElementTree(root).write(self._beside, encoding="utf-8", xml_declaration=True)
            self._beside.replace(self._path)
        except BaseException:
            self._beside.unlink(missing_ok=True)
            raise


def _case(suite: ET.Element, job: Job, wrong: Problem | None, verdict: Verdict) -> None:
    took = verdict.elapsed_seconds if job.duration_seconds is None else job.duration_seconds
    case = ET.SubElement(
        suite,
        "testcase",
        classname=job.ref.provider,
        name=_writable(str(job.ref)),
        time=f"{took:.3f}",
    )
    if wrong is not None:
        tag = "failure" if wrong.of_job else "error"
        message = _writable(wrong.message)
        told = ET.SubElement(case, tag, type=wrong.kind, message=message)
        told.text = "\n".join([message, *map(_writable, wrong.items)])
    elif not job.state.ended and verdict.verdict != "condition":
        ET.SubElement(case, "skipped").text = f"not ended: {job.state}"


def _writable(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
