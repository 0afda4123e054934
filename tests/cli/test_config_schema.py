"""The JSON Schema of config.yaml: what others' readers of it make of good and bad files."""

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from jobctl.cli import main


@pytest.fixture(scope="module")
def validator() -> Any:
    out = io.StringIO()
    with redirect_stdout(out):
        assert main(["config", "schema"]) == 0
    schema = json.loads(out.getvalue())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def mistakes(validator: Any, text: str) -> list[str]:
    """Where a text is wrong."""
    found = validator.iter_errors(yaml.safe_load(text))
    return ["/".join(map(str, one.absolute_path)) for one in found]


def test_the_example_is_right_by_it(validator: Any, root: Path) -> None:
    assert mistakes(validator, (root / "config.example.yaml").read_text()) == []


def test_the_example_with_all_that_is_left_out_is_right_by_it(validator: Any, root: Path) -> None:
    example = (root / "config.example.yaml").read_text()
    example = re.sub("(?m)^      # (?=[a-z_]+:)", "      ", example)
    assert mistakes(validator, example) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "profile: work\nprofiles:\n",
        "profiles: {work: {cognite: {project: 2026, allow_http: true, max_pages: 7}}}",
        "profiles: {work: {cognite: {max_pages: '7', scopes: a, read_timeout: 30}}}",
        "profiles: {work: {cognite: {auth: 'env:WAY', max_pages: 'env:MOST', scopes: [a, b]}}}",
        "profiles: {work: {huawei: {offset_mode: page, service_name: x}, vas: {region: r}}}",
        "profiles: {work: {cognite: {token: 'keyring:jobctl/token', project: }}}",
        "profiles: {work: {vas: {states: {ABNORMAL: running}}, ray: {base_url: 'https://x'}}}",
    ],
)
def test_what_jobctl_takes_is_right_by_it(text: str, validator: Any) -> None:
    assert mistakes(validator, text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("profil: work", ""),
        ("profiles: {sandbox: {}}", "profiles"),
        ("profiles: {work: {cognit: {}}}", "profiles/work"),
        ("profiles: {work: {cognite: {projct: x}}}", "profiles/work/cognite"),
        ("profiles: {work: {cognite: {project: [x]}}}", "profiles/work/cognite/project"),
        ("profiles: {work: {cognite: {token: 12}}}", "profiles/work/cognite/token"),
        ("profiles: {work: {cognite: {auth: guess}}}", "profiles/work/cognite/auth"),
        ("profiles: {work: {cognite: {max_pages: 0}}}", "profiles/work/cognite/max_pages"),
        ("profiles: {work: {cognite: {allow_http: maybe}}}", "profiles/work/cognite/allow_http"),
        ("profiles: {work: {vas: {states: {A: busy}}}}", "profiles/work/vas/states/A"),
    ],
)
def test_what_jobctl_refuses_is_wrong_by_it(text: str, place: str, validator: Any) -> None:
    assert mistakes(validator, text) == [place]
