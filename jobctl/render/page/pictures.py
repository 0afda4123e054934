"""Pictures for a page, from a folder of the user's."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import NamedTuple

from jobctl import files
from jobctl.errors import UsageError
from jobctl.models import Picture

_LARGEST = 32 << 20
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_NOT_THERE = "the picture is not there"


class Frame(NamedTuple):
    """A place for a picture: the bytes and the media type of its file, or why there are none."""

    caption: str = ""
    data: bytes = b""
    type: str = ""
    wanted: bool = True
    why: str = _NOT_THERE


class Pictures:
    """The files of a folder by name. Names are looked up and never opened: none leads out of it.

    Raises:
        UsageError: there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not files.exists(folder) or not folder.is_dir():
            raise UsageError(f"--images: there is no folder {str(folder)!r}")
        root = folder.resolve()
        self._files = {
            _spelled(path.relative_to(root).as_posix()): path
            for path in root.rglob("*")
            if files.exists(path) and path.is_file() and path.resolve().is_relative_to(root)
        }
        self._names = self._unique(lambda path: _spelled(path.name))
        self._stems = self._unique(lambda path: _spelled(path.stem))
        self._meant: dict[Path, Sequence[str]] = {}

    def _unique(self, key: Callable[[Path], str]) -> dict[str, Path]:
        """The files by a part of their name; what several share tells nobody which is meant."""
        count = Counter(map(key, self._files.values()))
        return {key(path): path for path in self._files.values() if count[key(path)] == 1}

    def find(self, pictures: Sequence[Picture]) -> list[Frame]:
        """For each picture of a record the first file that bears one of its names.

        A file's name without its folders stands for one picture alone: where two bear it, nobody
        knows whose it is.
        """
        ends = Counter(end for one in pictures for end in {_end(name) for name in one.names})
        return [self._frame(one, {end for end in ends if ends[end] > 1}) for one in pictures]

    def _frame(self, picture: Picture, shared: Set[str]) -> Frame:
        why = _NOT_THERE
        for path in self._candidates(picture.names, shared):
            data = _read(path)
            kind = _type(data)
            if kind:
                return Frame(picture.caption, data, kind)
            why = f"{path.name} is no JPEG, PNG, GIF or WebP of at most 32 MiB"
        return Frame(picture.caption, why=why)

    def _candidates(self, names: Sequence[str], shared: Set[str]) -> Iterator[Path]:
        """Files by the whole name, by its end from some folder on, by base name, without suffix."""
        parts = [_spelled(name).split("/") for name in names]
        for part in parts:
            for start in range(max(len(part) - 1, 1)):
                yield from _at(self._files, "/".join(part[start:]))
        for known in (self._names, self._stems):
            for part in parts:
                for path in _at(known, part[-1]):
                    if part[-1] not in shared and self._meant.setdefault(path, names) == names:
                        yield path


def _spelled(name: str) -> str:
    """The name in the one of two spellings of letters with marks: file systems differ in that."""
    return unicodedata.normalize("NFC", name)


def _end(name: str) -> str:
    return _spelled(name).rpartition("/")[2]


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
