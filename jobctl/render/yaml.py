"""`yaml`: exact when parsed, by YAML 1.1 and 1.2 readers alike, inert on a terminal."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TextIO

import yaml

from jobctl.models import Job
from jobctl.render import Renderer, Verdict
from jobctl.render.clean import HIDDEN
from jobctl.render.json import whole
from jobctl.render.query import Selector
from jobctl.render.streams import write

# PyYAML quotes what YAML 1.1 reads as something else; other readers take 1e3, 0o17 and y as well.
_OTHERS = re.compile(r"[-+.]?[0-9].*|[yYnN]")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = "'" if _OTHERS.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=quoted)


_Dumper.add_representer(str, _string)


class YamlRenderer(Renderer):
    """One mapping, or a sequence of them, at the end."""

    def __init__(
        self,
        out: TextIO,
        document: Callable[[Job], dict[str, Any]],
        select: Selector,
        *,
        single: bool,
    ) -> None:
        self._out = out
        self._document = document
        self._select = select
        self._single = single

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        write(self._out, encode(self._select(whole(jobs, self._document, self._single))))


def encode(value: Any) -> str:
    """A value as YAML; in ASCII with escapes if any of its text holds hidden characters."""
    text = _dump(value, unicode=True)
    if HIDDEN.search(text.replace("\n", "")):
        text = _dump(value, unicode=False)
    # The mark that ends a document is only needed before another one.
    return text.removesuffix("...\n")


def _dump(value: Any, *, unicode: bool) -> str:
    return str(
        yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=unicode, width=2**31)
    )
