from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from obstore.store import LocalStore, MemoryStore

from concord.config import read_config
from concord.errors import BadSetting, VaultUnavailable
from concord.vault import sync as sync_module
from concord.vault.shelf import Shelf


@pytest.fixture(params=["folder", "store"])
def shelf(request: pytest.FixtureRequest, folder: Path) -> Shelf:
    return Shelf(LocalStore(folder) if request.param == "folder" else MemoryStore())


def test_a_name_is_given_once(shelf: Shelf) -> None:
    assert shelf.create("a/b", b"first")
    assert not shelf.create("a/b", b"second")
    assert shelf.content("a/b") == b"first"


def test_of_many_who_create_one_name_one_does(shelf: Shelf) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            won = list(pool.map(lambda me, n=number: shelf.create(f"a/{n}", b"%d" % me), range(8)))
            assert won.count(True) == 1
            assert shelf.content(f"a/{number}") == b"%d" % won.index(True)


def test_creating_leaves_no_draft(shelf: Shelf) -> None:
    shelf.create("a/b", b"first")
    shelf.create("a/b", b"second")
    assert shelf.names_in("drafts") == []


def test_what_is_written_is_there_in_full(shelf: Shelf) -> None:
    shelf.write("a/b/c", iter([b"x" * 1000, b"", b"y" * 1000]))
    assert shelf.content("a/b/c") == b"x" * 1000 + b"y" * 1000
    assert shelf.size_bytes("a/b/c") == 2000
    assert bytes(shelf.slice("a/b/c", 999, 2)) == b"xy"
    assert bytes(shelf.slice("a/b/c", 1999, 5)) == b"y"
    assert bytes(shelf.slice("a/b/c", 5, 0)) == b""
    assert shelf.names_in("a/b") == ["c"]


def test_what_is_absent_is_none(shelf: Shelf) -> None:
    assert shelf.size_bytes("a/b") is None
    assert shelf.content("a/b") is None
    assert shelf.names_in("a") == []
    shelf.discard("a/b")


def test_a_write_that_fails_on_the_way_leaves_nothing(folder: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x" * (20 << 20)
        assert any(path.is_file() for path in folder.rglob("*"))
        raise KeyError

    with pytest.raises(KeyError):
        Shelf(LocalStore(folder)).write("a/b", chunks())
    assert not any(path.is_file() for path in folder.rglob("*"))


def test_a_place_that_cannot_be_written_is_an_error_of_the_vault(folder: Path) -> None:
    (folder / "a").write_bytes(b"a file where a folder must be")
    with pytest.raises(VaultUnavailable):
        Shelf(LocalStore(folder)).create("a/b", b"")
    with pytest.raises(VaultUnavailable):
        Shelf(LocalStore(folder)).write("a/b", iter([b"x"]))


def test_a_content_is_on_the_disk_before_its_name_and_every_folder_after(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []

    def watched(place: int) -> None:
        path = Path(f"/proc/self/fd/{place}").readlink().relative_to(folder)
        synced.append((str(path), (folder / "a/b/c").exists()))

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to see which file is synced")
    monkeypatch.setattr(sync_module.os, "fsync", watched)
    Shelf(LocalStore(folder)).create("a/b/c", b"content")
    assert synced[0][0].startswith("drafts/")
    assert not synced[0][1]
    assert synced[1:] == [("a/b/c", True), ("a/b", True), ("a", True), (".", True)]


def test_a_taken_name_is_synced_before_anybody_builds_upon_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(LocalStore(folder))
    shelf.create("a/b", b"content")
    synced: list[int] = []
    monkeypatch.setattr(sync_module.os, "fsync", synced.append)
    assert not shelf.create("a/b", b"content")
    assert len(synced) == 1 + len(["a/b", "a", "."])


def test_the_default_place_is_a_private_folder_in_the_home(tmp_path: Path) -> None:
    config = read_config({"CONCORD_HOME": str(tmp_path / "home")})
    Shelf.of(config).create("a/b", b"x")
    assert (config.objects / "a/b").read_bytes() == b"x"
    assert config.objects.stat().st_mode & 0o777 == 0o700


def test_a_file_address_moves_the_place_out(tmp_path: Path) -> None:
    config = read_config({"CONCORD_HOME": str(tmp_path / "home"), "CONCORD_OBJECTS_URL": f"file://{tmp_path}/else"})
    Shelf.of(config).create("a/b", b"x")
    assert (tmp_path / "else/a/b").read_bytes() == b"x"
    assert not config.objects.exists()


@pytest.mark.parametrize("url", ["nonsense", "ftp://host/x", "http://host/x", "memory:///"])
def test_an_address_that_cannot_keep_the_promises_is_refused(tmp_path: Path, url: str) -> None:
    config = replace(read_config({"CONCORD_HOME": str(tmp_path)}), objects_url=url)
    with pytest.raises(BadSetting, match="CONCORD_OBJECTS_URL"):
        Shelf.of(config)
