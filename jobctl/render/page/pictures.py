"""Pictures for a page, from a folder of the user's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from jobctl.errors import UsageError
from jobctl.models import Picture

_LARGEST = 32 << 20
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class Frame(NamedTuple):
    """A place for a picture: the bytes and the media type of its file, none if it is not there."""

    caption: str = ""
    data: bytes = b""
    type: str = ""
    wanted: bool = True


class Pictures:
    """The files of a folder by name. Names are looked up and never opened: none leads out of it.

    Raises:
        UsageError: there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageError(f"--images: there is no folder {str(folder)!r}")
        root = folder.resolve()
        self._files = {
            path.relative_to(root).as_posix(): path
            for path in root.rglob("*")
            if path.is_file() and path.resolve().is_relative_to(root)
        }
        self._names = self._unique(lambda path: path.name)
        self._stems = self._unique(lambda path: path.stem)

    def _unique(self, key: Callable[[Path], str]) -> dict[str, Path]:
        """The files by a part of their name; what several share tells nobody which is meant."""
        count = Counter(map(key, self._files.values()))
        return {key(path): path for path in self._files.values() if count[key(path)] == 1}

    def find(self, picture: Picture) -> Frame:
        """The first file that bears one of the names and holds a picture that browsers show."""
        for path in self._candidates(picture.names):
            data = _read(path)
            kind = _type(data)
            if kind:
                return Frame(picture.caption, data, kind)
        return Frame(picture.caption)

    def _candidates(self, names: Sequence[str]) -> Iterator[Path]:
        """Files by the whole name, by its end from some folder on, by base name, without suffix."""
        parts = [name.split("/") for name in names]
        for part in parts:
            for start in range(max(len(part) - 1, 1)):
                yield from _at(self._files, "/".join(part[start:]))
        for known in (self._names, self._stems):
            for part in parts:
                yield from _at(known, part[-1])


def _at(known: dict[str, Path], name: str) -> list[Path]:
    return [known[name]] if name in known else []


def _read(path: Path) -> bytes:
    """The file's bytes; none of one that cannot be read, or is too large for a page."""
    try:
        return path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError:
        return b""


def _type(data: bytes) -> str | None:
    """The media type, told by the bytes a file begins with: a name says what it likes."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)
