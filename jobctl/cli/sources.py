"""Where providers come from, as the command line and the environment tell."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from jobctl import registry
from jobctl.errors import ConfigError, UsageError

OPTION = "--provider-file"


def use_providers(words: Sequence[str], environ: Mapping[str, str] = os.environ) -> list[str]:
    """See to it that providers are looked for where they may be; the words without `OPTION`.

    The option may stand anywhere and often: typer would want it at its place.

    Raises:
        UsageError: no file follows it.
    """
    files, rest = _split(words)
    registry.use(lambda: _places(files, environ))
    return rest


def _split(words: Sequence[str]) -> tuple[list[Path], list[str]]:
    files: list[Path] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        name, sign, value = word.partition("=")
        if word == "--":
            rest += [word, *left]
        elif name != OPTION:
            rest.append(word)
        elif sign:
            files.append(Path(value))
        else:
            file = next(left, None)
            if file is None:
                raise UsageError(f"{OPTION} wants a file")
            files.append(Path(file))
    return files, rest


def _places(files: Sequence[Path], environ: Mapping[str, str]) -> registry.Places:
    from jobctl.auth.cache import cache_directory
    from jobctl.config import Configuration

    folder = cache = None
    with suppress(ConfigError):
        file = Configuration.find(environ)
        folder = file and file.parent / "providers"
    with suppress(ConfigError):
        cache = cache_directory(environ)
    return registry.Places(tuple(files), folder, plug_ins=True, cache=cache)
