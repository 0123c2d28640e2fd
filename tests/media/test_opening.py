import errno
import os
import socket
from pathlib import Path

import pytest

from concord.errors import EmptyFile, NoSuchFile, NotAFile, UnreadableFile
from concord.media.opening import hold, open_file


def test_a_file_is_opened_for_reading_only(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    with open_file(tmp_path / "a", "a") as file:
        assert file.read() == b"content"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(file.fileno(), b"x")


@pytest.mark.parametrize("name", ["missing", "file/below", "zero\0byte"])
def test_what_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(NoSuchFile):
        open_file(tmp_path / name, name)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(EmptyFile):
        open_file(tmp_path / "empty", "empty")


def test_a_pipe_is_left_alone_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotAFile, match="pipe"):
        open_file(tmp_path / "pipe", "a")


def test_a_socket_and_a_device_are_left_alone(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "s"))
        with pytest.raises(NotAFile, match="socket"):
            open_file(tmp_path / "s", "a")
    with pytest.raises(NotAFile, match="character device"):
        open_file(Path("/dev/null"), "null")


def test_a_folder_and_a_link_to_itself_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(UnreadableFile, match="folder"):
        open_file(tmp_path, "a")
    with pytest.raises(UnreadableFile):
        open_file(tmp_path / "round", "a")


def test_a_name_exchanged_for_a_pipe_after_the_first_look_is_still_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    looked_at = (tmp_path / "file").stat()
    monkeypatch.setattr(Path, "stat", lambda self, **_: looked_at)
    with pytest.raises(NotAFile, match="pipe"):
        open_file(tmp_path / "pipe", "a")


def test_a_file_without_permission_is_named_with_its_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"x")

    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", refuse)  # as root, which tests may run as, nothing is refused
    with pytest.raises(UnreadableFile, match="Permission denied"):
        open_file(tmp_path / "a", "a")


@pytest.mark.parametrize("in_memory", [True, False])
def test_held_bytes_are_read_back(in_memory: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not in_memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    with hold(b"content") as file:
        file.seek(0)
        assert file.read() == b"content"


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="only Linux has sealed files in memory")
def test_held_bytes_cannot_be_changed_by_whoever_gets_the_descriptor() -> None:
    with hold(b"content") as file, pytest.raises(PermissionError):
        os.pwrite(file.fileno(), b"x", 0)
