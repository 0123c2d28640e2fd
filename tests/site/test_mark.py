"""The mark of an installation: whole or not at all, and each way in which it cannot be read has its error."""

import json
import os
import pwd
from pathlib import Path

import pytest

from concord.errors import DamagedMark, HomeUnusable, NotInitialised
from concord.site import mark
from concord.site.mark import MARK, Mark, read_mark, write_mark
from tests.shell import WHO, Shell

OURS = Mark("1.0", demo=False, keys={"identity": "ab"})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_mark(tmp_path, OURS)
    assert read_mark(tmp_path) == OURS
    assert [path.name for path in tmp_path.iterdir()] == [MARK]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"version": "0.1.0"}',
        b'{"version": "0.1.0", "demo": false}',
        b'{"version": "0.1.0", "demo": "no", "keys": {}}',
        b'{"version": 1, "demo": false, "keys": {}}',
    ],
)
def test_a_damaged_mark_is_refused_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MARK).write_bytes(content)
    with pytest.raises(DamagedMark, match=f"{MARK}.*backup"):
        read_mark(tmp_path)


def test_every_mark_that_was_cut_is_refused(tmp_path: Path) -> None:
    write_mark(tmp_path, OURS)
    whole = (tmp_path / MARK).read_bytes().rstrip()
    for size in range(len(whole)):
        (tmp_path / MARK).write_bytes(whole[:size])
        with pytest.raises(DamagedMark):
            read_mark(tmp_path)


def test_a_mark_written_anew_by_hand_may_leave_the_keys_to_the_database(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text(json.dumps({"version": "0.1.0", "demo": False, "keys": {}}))
    assert read_mark(tmp_path).keys == {}


def test_a_mark_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mark, "sync", full)
    with pytest.raises(HomeUnusable, match="No space left"):
        write_mark(tmp_path, OURS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("home", ["/nonexistent", "/dev/null", "/dev/null/deeper"])
def test_where_there_is_no_home_there_is_no_installation(home: str) -> None:
    with pytest.raises(NotInitialised, match="concord init"):
        read_mark(Path(home))


def test_a_mark_that_cannot_be_read_is_no_reason_to_make_another(tmp_path: Path) -> None:
    (tmp_path / MARK).mkdir()
    with pytest.raises(HomeUnusable, match=str(tmp_path)):
        read_mark(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as another account")
def test_a_home_of_somebody_else_is_refused_by_name(tmp_path: Path) -> None:
    home = tmp_path / "private"
    home.mkdir(mode=0o700)
    write_mark(home, OURS)
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        with pytest.raises(HomeUnusable, match=f"{home}.*account that it belongs to"):
            read_mark(home)
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("home", ["/dev/null", "/dev/null/deeper", "/proc/nothing/here"])
def test_no_installation_is_made_where_no_folder_can_be(home: str) -> None:
    said = Shell(Path(home)).run("init", *WHO, status=1)
    assert f"{home} cannot be used as a home" in said
    assert "CONCORD_HOME" in said


@pytest.mark.parametrize("content", ["", "{}", "not JSON"])
def test_no_second_installation_is_made_over_a_damaged_mark(tmp_path: Path, content: str) -> None:
    (tmp_path / MARK).write_text(content)
    assert "Restore it from the backup" in Shell(tmp_path).run("init", *WHO, status=1)
    assert [path.name for path in tmp_path.iterdir()] == [MARK]
