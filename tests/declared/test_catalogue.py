"""Every file of the catalogue says what it claims: its examples come out, whatever they are of."""

from pathlib import Path

import pytest

from jobctl import registry
from jobctl.declared import examples
from jobctl.declared.load import provider_of, spec_of
from jobctl.errors import NotFoundError
from jobctl.models import Job, JobState

FILES = sorted(registry.CATALOGUE.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_examples_come_out_and_hold_every_word(path: Path) -> None:
    spec = spec_of(path)
    found = list(examples.outcomes(provider_of(spec), spec))
    assert [text for one in found for text in one.mistakes] == []
    looks = [one.found for one in found if one.example.kind == "id"]
    states = {one.state for one in looks if isinstance(one, Job)}
    assert {JobState.SUCCEEDED, JobState.FAILED, JobState.UNKNOWN} <= states
    assert any(isinstance(one, NotFoundError) for one in looks)
    assert spec.docs.startswith("https://")
