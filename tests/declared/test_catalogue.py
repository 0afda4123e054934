"""Every file of the catalogue says what it claims: its examples come out, whatever they are of."""

from pathlib import Path

import pytest

from jobctl import registry
from jobctl.declared import examples
from jobctl.declared.load import provider_of, spec_of
from jobctl.errors import JobctlError, kind_of
from jobctl.models import Job, JobState

FILES = sorted(registry.CATALOGUE.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_examples_come_out_and_hold_every_word_verb_and_error(path: Path) -> None:
    spec = spec_of(path)
    cls = provider_of(spec)
    found = list(examples.outcomes(cls, spec))
    assert [text for one in found for text in one.mistakes] == []
    looks = [job for one in found for job in one.looks]
    told = {(word, job.state) for job in looks for word in _words(job)}
    assert [*cls.states.items()] == [one for one in cls.states.items() if one in told]
    assert JobState.UNKNOWN in {job.state for job in looks}
    verbs = {"id"} | {verb for verb in ("results", "logs") if getattr(spec, verb)}
    assert {one.example.kind for one in found} == verbs | ({"list"} if spec.listing else set())
    errors = {kind_of(one.found.exit_code) for one in found if isinstance(one.found, JobctlError)}
    assert errors >= {"not-found"} | {rule.kind for rule in spec.rules}
    assert spec.docs.startswith("https://")


def _words(job: Job) -> list[str]:
    """What a look shows of the words that a file lists: the status, its parts, any other one."""
    status = (job.status or "").casefold()
    return [status, *status.split("+"), "*"]
