import errno
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.errors import FolderLoop, FolderRepeated, ItemError, UnreadableFile
from concord.media.item import item_of
from concord.media.walk import walk


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def listed(folder: Path) -> list[str]:
    """Paths below the folder; an error as its code in brackets."""
    below = ((os.path.relpath(item, folder), found) for item, found in walk([folder]))
    return [f"{name} [{type(found).__name__}]" if isinstance(found, ItemError) else name for name, found in below]


def test_files_come_in_the_order_of_their_names_hidden_ones_too(tmp_path: Path) -> None:
    put(tmp_path, "b/2", "b/1", "a", "c", ".hidden/x", "b.jpg")
    assert listed(tmp_path) == [".hidden/x", "a", "b/1", "b/2", "b.jpg", "c"]


def test_paths_keep_their_order_and_single_files_are_files(tmp_path: Path) -> None:
    put(tmp_path, "z", "folder/y", "a")
    given = [tmp_path / "z", tmp_path / "folder", tmp_path / "a", tmp_path / "missing"]
    assert [path for _, path in walk(given)] == [
        tmp_path / "z",
        tmp_path / "folder/y",
        tmp_path / "a",
        tmp_path / "missing",
    ]


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert listed(tmp_path) == []


def test_links_to_files_and_folders_are_followed(tmp_path: Path) -> None:
    put(tmp_path, "disk/a", "elsewhere/b")
    (tmp_path / "disk/link").symlink_to("a")
    (tmp_path / "disk/out").symlink_to(tmp_path / "elsewhere")
    assert listed(tmp_path / "disk") == ["a", "link", "out/b"]


def test_a_link_back_is_a_loop_for_that_entry_only(tmp_path: Path) -> None:
    put(tmp_path, "a/b/file", "z")
    (tmp_path / "a/b/back").symlink_to(tmp_path / "a")
    (tmp_path / "a/here").symlink_to(".")
    assert listed(tmp_path) == [f"a/b/back [{FolderLoop.__name__}]", "a/b/file", f"a/here [{FolderLoop.__name__}]", "z"]


def test_links_to_links_to_links_cost_no_more_than_there_is(tmp_path: Path) -> None:
    for depth in range(20):
        put(tmp_path, f"{depth}/file")
        for link in ("x", "y"):
            (tmp_path / f"{depth}/{link}").symlink_to(tmp_path / str(depth + 1))
    put(tmp_path, "20/file")
    found = listed(tmp_path / "0")
    assert len([name for name in found if name.endswith("file")]) == 21
    assert len([name for name in found if name.endswith(f"[{FolderRepeated.__name__}]")]) == 20


def test_links_that_lead_nowhere_and_pipes_are_left_to_the_examination(tmp_path: Path) -> None:
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "itself").symlink_to("itself")
    os.mkfifo(tmp_path / "pipe")
    assert listed(tmp_path) == ["broken", "itself", "pipe"]


def test_a_folder_that_cannot_be_listed_is_named_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a", "locked/b", "z")
    scan = os.scandir

    def refuse(path: bytes) -> Iterator["os.DirEntry[bytes]"]:
        if path.endswith(b"/locked"):  # as root, which tests may run as, nothing is refused
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert listed(tmp_path) == ["a", f"locked [{UnreadableFile.__name__}]", "z"]


def test_a_name_that_is_not_utf_8_is_listed_and_can_be_opened(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.jpg"))
    path.write_bytes(b"x")
    ((item, found),) = walk([tmp_path])
    assert item == item_of(tmp_path) + "/\\xe9.jpg"
    assert isinstance(found, Path)
    assert found.read_bytes() == b"x"


@pytest.fixture
def deep_file(tmp_path: Path) -> Iterator[Path]:
    """Below 1,200 folders; taken away again here, as what clears temporary folders recurses."""
    folders = [tmp_path.joinpath(*["d"] * level) for level in range(1, 1_201)]
    for folder in folders:
        folder.mkdir()
    file = folders[-1] / "file"
    file.write_bytes(b"x")
    yield file
    file.unlink()
    for folder in reversed(folders):
        folder.rmdir()


def test_folders_deeper_than_python_recurses_are_walked(tmp_path: Path, deep_file: Path) -> None:
    assert list(walk([tmp_path])) == [(str(deep_file), deep_file)]


def test_nothing_is_listed_before_it_is_asked_for(tmp_path: Path) -> None:
    put(tmp_path, "a/1", "b/1")
    entries = walk([tmp_path])
    assert next(entries)[1] == tmp_path / "a/1"
    put(tmp_path, "b/0")
    assert [path for _, path in itertools.islice(entries, 2)] == [tmp_path / "b/0", tmp_path / "b/1"]
