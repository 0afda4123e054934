"""`yaml`: exact when parsed, by YAML 1.1 and 1.2 readers alike, inert on terminals and in logs."""

import re
from typing import Any

import yaml

from jobctl.errors import UsageError
from jobctl.render.clean import COMMAND, HIDDEN, SECOND_HASH

# PyYAML quotes what YAML 1.1 reads as something else; other readers take 1e3, 0o17 and y as well.
_OTHERS = re.compile(r"[-+.]?[0-9].*|[yYnN]")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = "'" if _OTHERS.fullmatch(text) else None
    if COMMAND.search(text):
        quoted = '"'  # it stays on its line, and takes escapes
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=quoted)


_Dumper.add_representer(str, _string)


def encode(value: Any) -> str:
    """A value as YAML; in ASCII with escapes if any of its text holds hidden characters.

    Raises:
        UsageError: it is nested too deep.
    """
    text = _dump(value, unicode=True)
    if HIDDEN.search(text.replace("\n", "")):
        text = _dump(value, unicode=False)
    # The mark that ends a document is only needed before another one.
    return SECOND_HASH.sub(r"\\x23", text.removesuffix("...\n"))


def _dump(value: Any, *, unicode: bool) -> str:
    try:
        return str(
            yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=unicode, width=2**31)
        )
    except RecursionError:
        raise UsageError("-o yaml: it is nested too deep", hint="use -o json") from None
