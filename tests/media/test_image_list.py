"""Lists of files: a path a line, or a column of paths."""

import os
from pathlib import Path

import pytest

from concord.errors import UnfitList
from concord.media.image_list import is_image_list, listed


def names(path: Path, text: str | bytes) -> list[str]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [os.path.relpath(item, path.parent) for item, _ in listed(path)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "list.txt"


def test_paths_are_relative_to_the_list(file: Path) -> None:
    assert names(file, "a.jpg\n\nb/c.jpg\r\n") == ["a.jpg", "b/c.jpg"]


def test_whole_paths_are_taken_as_they_are(file: Path, tmp_path: Path) -> None:
    assert names(file, f"{tmp_path}/b/c.jpg") == ["b/c.jpg"]


def test_spaces_belong_to_a_name(file: Path) -> None:
    assert names(file, " a b.jpg \n") == [" a b.jpg "]


@pytest.mark.parametrize(
    "text",
    ["name,Path\n1,a.jpg\n2,\"b, c.jpg\"\n", "PATH\na.jpg\n\"b, c.jpg\"\n", "size;path\n1;a.jpg\n1;b, c.jpg\n",
     "x\tfile path\n1\ta.jpg\n1\tb, c.jpg\n"],
)  # fmt: skip
def test_of_csv_the_column_of_paths_is_read(file: Path, text: str) -> None:
    assert names(file, text) == ["a.jpg", "b, c.jpg"]


def test_a_folder_in_a_list_is_walked(file: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("y.jpg", "x.jpg"):
        (tmp_path / "b" / name).touch()
    assert names(file, "b\na.jpg\n") == ["b/x.jpg", "b/y.jpg", "a.jpg"]


def test_names_that_are_not_utf8_are_found(file: Path, tmp_path: Path) -> None:
    name = b"caf\xe9.jpg"
    (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    file.write_bytes(name + b"\n")
    ((item, path),) = listed(file)
    assert item.endswith("caf\\xe9.jpg")
    assert isinstance(path, (str, Path))
    assert Path(path).read_bytes() == b"x"


def test_what_has_no_lines_is_refused(file: Path) -> None:
    with pytest.raises(UnfitList, match="line 1 is too long"):
        names(file, "x" * 100_000)


def test_a_list_is_known_by_its_name(tmp_path: Path) -> None:
    for name, is_list in (("a.TXT", True), ("a.csv", True), ("a.zip", False), ("a.jpg", False)):
        (tmp_path / name).write_text("x")
        assert is_image_list(tmp_path / name) == is_list
    (tmp_path / "folder.txt").mkdir()
    assert not is_image_list(tmp_path / "folder.txt")
