"""The examined medium is walked whole, once, in one order, and left exactly as it is."""

import hashlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from concord.media import walk
from concord.pocket import medium as medium_module
from concord.pocket.medium import Entry, Medium, is_link, item_of, name_to_open, sha256_of
from concord.pocket.refusal import FileChanged, FolderLoop, NoSuchFile, NotAFile, NotOnMedium, UnreadableFile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "medium"
    for name in ("b/2.txt", "b/1.txt", "a.txt", "b/c/d/3.txt", "Z.txt", ".hidden"):
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return place


def entries(*paths: Path | str) -> list[Entry]:
    return list(Medium().entries(str(path) for path in paths))


def failures(found: list[Entry]) -> list[tuple[str, str]]:
    return [(one.item, one.failure.code) for one in found if one.failure]


def test_every_file_comes_once_in_the_order_of_concord_ask(folder: Path) -> None:
    assert [one.item for one in entries(folder)] == [item for item, _ in walk([folder])]
    assert len(entries(folder)) == 6


def test_the_folder_where_one_stands_is_listed_without_a_dot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert [one.item for one in entries(".")] == [item for item, _ in walk([Path()])]


def test_size_and_time_are_those_of_the_file(folder: Path) -> None:
    (one,) = entries(folder / "a.txt")
    status = (folder / "a.txt").stat()
    assert (one.size, one.modified_ns) == (status.st_size, status.st_mtime_ns)


def test_the_digest_is_the_sha256(folder: Path) -> None:
    (one,) = entries(folder / "a.txt")
    assert sha256_of(one) == hashlib.sha256(b"a.txt").hexdigest()


def test_what_is_not_there_is_an_item_with_its_error() -> None:
    assert failures(entries("/nowhere/x", "a\0b")) == [("/nowhere/x", "no_such_file"), ("a\0b", "no_such_file")]


def test_an_empty_file_a_pipe_and_a_socket_are_named_and_left_alone(folder: Path) -> None:
    (folder / "empty").touch()
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "plug"))
    assert failures(entries(folder)) == [
        (str(folder / "empty"), "empty_file"),
        (str(folder / "pipe"), "not_a_file"),
        (str(folder / "plug"), "not_a_file"),
    ]


def test_links_are_counted_and_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "private.txt").write_text("not seized")
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "loop").symlink_to(folder)
    (folder / "nowhere").symlink_to("/nowhere")
    medium = Medium()
    found = list(medium.entries([str(folder)]))
    assert (len(found), medium.links) == (6, 3)


def test_a_link_that_was_given_by_name_is_followed(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert len(entries(link)) == 6


def test_names_of_any_bytes_are_shown_and_read(folder: Path) -> None:
    name = os.fsencode(folder) + b"/\xff\xfe.txt"
    Path(os.fsdecode(name)).write_bytes(b"x")
    (one,) = [one for one in entries(folder) if one.item.endswith("\\xff\\xfe.txt")]
    assert sha256_of(one) == hashlib.sha256(b"x").hexdigest()


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
    assert [one.item for one in entries(tmp_path)] == [str(deep_file)]


def test_a_folder_that_contains_itself_is_listed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As two mounts of one folder do it."""
    status = folder.stat()
    monkeypatch.setattr(medium_module, "_status", lambda entry: status if entry.name == "b" else entry.stat())
    found = entries(folder)
    assert failures(found) == [(str(folder / "b"), FolderLoop.code)]


def test_a_folder_that_cannot_be_listed_costs_only_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("c"):
            raise PermissionError(13, "Permission denied")
        return os_scandir(path)

    os_scandir = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)
    found = entries(folder)
    assert failures(found) == [(str(folder / "b" / "c"), "unreadable_file")]
    assert len(found) == 6


def test_a_file_that_grows_while_it_is_read_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = entries(folder / "a.txt")
    plain = os.fstat

    def grown(descriptor: int) -> os.stat_result:
        with (folder / "a.txt").open("a") as file:
            file.write("more")
        return plain(descriptor)

    monkeypatch.setattr(os, "fstat", grown)
    with pytest.raises(FileChanged):
        sha256_of(one)


@pytest.mark.parametrize(
    ("error", "expected"), [(FileNotFoundError(2, "x"), NoSuchFile), (PermissionError(13, "locked"), UnreadableFile)]
)
def test_a_file_that_is_gone_or_locked_is_an_item_with_its_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, expected: type[Exception]
) -> None:
    def refuse(*_: object) -> int:
        raise error

    (one,) = entries(folder / "a.txt")
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(expected):
        sha256_of(one)


def test_what_became_a_folder_is_no_file(folder: Path) -> None:
    (one,) = entries(folder / "a.txt")
    (folder / "a.txt").unlink()
    os.mkfifo(folder / "a.txt")
    with pytest.raises(NotAFile):
        sha256_of(one)


def test_nothing_on_the_medium_changes_not_even_a_time(folder: Path) -> None:
    def state() -> list[tuple[str, int, int, int]]:
        found = sorted(folder.rglob("*"))
        return [(str(path), path.stat().st_mtime_ns, path.stat().st_ctime_ns, path.stat().st_size) for path in found]

    before = state()
    times = {path: path.stat().st_atime_ns for path in folder.rglob("*") if path.is_file()}
    for path in times:
        os.utime(path, ns=(0, path.stat().st_mtime_ns))  # long ago, so that any system would set it anew
    before = state()
    for one in entries(folder):
        sha256_of(one)
    assert state() == before
    assert {path.stat().st_atime_ns for path in times} == {0}


# ---- Windows, as far as it can be looked at elsewhere -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "opened"),
    [
        ("E:\\photos\\a.jpg", "\\\\?\\E:\\photos\\a.jpg"),
        ("E:\\" + "x" * 300, "\\\\?\\E:\\" + "x" * 300),
        ("E:\\photos\\NUL.txt", "\\\\?\\E:\\photos\\NUL.txt"),
        ("E:/photos/../b", "\\\\?\\E:\\b"),
        ("\\\\server\\share\\a.jpg", "\\\\?\\UNC\\server\\share\\a.jpg"),
        ("\\\\?\\E:\\a.jpg", "\\\\?\\E:\\a.jpg"),
    ],
)
def test_on_windows_names_are_opened_whole(path: str, opened: str) -> None:
    assert name_to_open(path, windows=True) == opened


def test_elsewhere_names_are_opened_as_they_are() -> None:
    assert name_to_open("a/../b", windows=False) == "a/../b"


@pytest.mark.parametrize(("tag", "expected"), [(0xA0000003, True), (0xA000000C, True), (0x80000017, False), (0, False)])
def test_junctions_are_links_and_compressed_files_are_not(tag: int, expected: bool) -> None:
    status = SimpleNamespace(st_mode=stat.S_IFDIR, st_reparse_tag=tag)
    assert is_link(cast(os.stat_result, status)) is expected


@pytest.mark.parametrize("attribute", [0x1000, 0x40000, 0x400000])
def test_a_file_that_lies_in_a_cloud_is_not_fetched(attribute: int) -> None:
    status = SimpleNamespace(st_mode=stat.S_IFREG, st_size=5, st_mtime_ns=7, st_file_attributes=attribute)
    made = medium_module._entry("a.jpg", "a.jpg", cast(os.stat_result, status))
    assert isinstance(made.failure, NotOnMedium)


def test_halves_of_signs_are_shown() -> None:
    assert item_of("a\udcff.jpg") == "a\\xff.jpg"
