"""Pictures for the page: found by the names that services give, never outside of the folder."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from jobctl.errors import UsageError
from jobctl.models import Picture
from jobctl.render.page.pictures import Pictures

PNG = b"\x89PNG\r\n\x1a\n"

Place = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def place(folder: Path) -> Place:
    """Put pictures into the folder; each holds its own name, so that it is known again."""

    def put(*names: str) -> Path:
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(PNG + name.encode())
        return folder

    return put


def found(folder: Path, *names: str) -> str | None:
    """Which picture is found under the names."""
    (frame,) = Pictures(folder).find([Picture("", names)])
    return frame.data.removeprefix(PNG).decode() if frame.type else None


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("line 3/8.jpg", "line 3/8.jpg"),
        ("s3://bucket/plant/line 3/8.jpg", "line 3/8.jpg"),
        ("8.jpg", "8.jpg"),
        ("elsewhere/only.jpg", "deep/down/only.jpg"),
        ("4411983027540281", "4411983027540281.png"),
        ("nothing.jpg", None),
        ("", None),
    ],
    ids=[
        "the whole name",
        "the end of it, from a folder on",
        "the whole name before the same one deeper down",
        "the name without its folders",
        "a name without the file's suffix",
        "no file of that name",
        "no name",
    ],
)
def test_a_picture_is_found_by(place: Place, name: str, file: str | None) -> None:
    folder = place("line 3/8.jpg", "8.jpg", "deep/down/only.jpg", "4411983027540281.png")
    assert found(folder, name) == file


def test_the_first_name_that_finds_one_counts(place: Place) -> None:
    folder = place("a.jpg", "b.jpg")
    assert found(folder, "x.jpg", "b.jpg", "a.jpg") == "b.jpg"


def test_what_several_files_share_finds_none_of_them(place: Place) -> None:
    folder = place("before/8.jpg", "after/8.jpg", "one/9.png", "one/9.jpg")
    assert found(folder, "8.jpg") is None
    assert found(folder, "9") is None
    assert found(folder, "obs://bucket/after/8.jpg") == "after/8.jpg"


def test_a_file_found_by_its_name_alone_stands_for_one_picture(place: Place) -> None:
    pictures = Pictures(place("7.jpg", "after/8.jpg", "ok.jpg"))

    def found(*names: str) -> list[str]:
        frames = pictures.find([Picture("", (name,)) for name in names])
        return [frame.data.removeprefix(PNG).decode() for frame in frames]

    assert found("s3://b/before/7.jpg", "s3://b/after/7.jpg") == ["", ""], "whose would it be"
    assert found("s3://b/before/8.jpg", "s3://b/after/8.jpg") == ["", "after/8.jpg"]
    assert found("line 1/ok.jpg") == ["ok.jpg"]
    assert found("line 2/ok.jpg") == [""], "the other line's"
    assert found("line 1/ok.jpg") == ["ok.jpg"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_the_same_however_its_letters_are_spelled(
    place: Place, form: Literal["NFC", "NFD"]
) -> None:
    folder = place(unicodedata.normalize("NFD", "Prüfstück.png"))
    assert found(folder, "line 1/" + unicodedata.normalize(form, "Prüfstück.png"))


def test_a_missing_picture_has_a_reason(place: Place) -> None:
    folder = place("bad.svg")
    (folder / "bad.svg").write_bytes(b"<svg>")
    frames = Pictures(folder).find([Picture("", ("bad.svg",)), Picture("", ("none.jpg",))])
    assert [frame.why for frame in frames] == [
        "bad.svg is no JPEG, PNG, GIF or WebP of at most 32 MiB",
        "the picture is not there",
    ]


@pytest.mark.parametrize("name", ["../secret.png", "/etc/../secret.png", "a/../../secret.png"])
def test_no_name_leads_out_of_the_folder(place: Place, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    folder = place("a/8.jpg")
    assert found(folder, name) is None
    assert found(folder, str(tmp_path / "secret.png")) is None


def test_a_link_is_followed_within_the_folder_and_not_out_of_it(
    place: Place, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(PNG)
    folder = place("8.jpg")
    (folder / "within.png").symlink_to(folder / "8.jpg")
    (folder / "file.png").symlink_to(outside / "secret.png")
    (folder / "others").symlink_to(outside)
    assert found(folder, "within.png") == "8.jpg"
    for name in ("file.png", "others/secret.png", "secret.png"):
        assert found(folder, name) is None


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", ""),
        (b"<script>", ""),
        (b"", ""),
    ],
)
def test_the_bytes_tell_what_it_is_and_not_the_name(folder: Path, start: bytes, kind: str) -> None:
    (folder / "any.svg").write_bytes(start)
    (frame,) = Pictures(folder).find([Picture("before", ("any.svg",))])
    assert (frame.caption, frame.type, frame.data) == ("before", kind, start if kind else b"")


def test_a_file_too_large_for_a_page_or_gone_in_the_meantime_is_not_there(place: Place) -> None:
    folder = place("large.png", "gone.png")
    os.truncate(folder / "large.png", (32 << 20) + 1)
    pictures = Pictures(folder)
    (folder / "gone.png").unlink()
    for name in ("large.png", "gone.png"):
        assert pictures.find([Picture("", (name,))])[0].data == b""


def test_a_folder_that_is_not_there_is_a_wrong_argument(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--images"):
        Pictures(tmp_path / "nowhere")


def test_what_cannot_be_looked_at_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--images: there is no folder"):
        Pictures(tmp_path / ("x" * 300))
