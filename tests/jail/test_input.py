import fcntl
import os
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from concord.errors import NotAFile, UnreadableFile
from concord.jail.input import opened


def can_write(descriptor: int) -> bool:
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def test_a_descriptor_that_can_only_read_goes_in_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"words")
    with (tmp_path / "file").open("rb") as file, closing(opened(file.fileno(), "file")) as made:
        assert (made.descriptor, made.size_bytes, made.ranged) == (file.fileno(), 5, False)


def test_a_descriptor_that_can_write_is_opened_again_without() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"words")
        file.flush()
        with closing(opened(file.fileno(), "file")) as made:
            assert made.descriptor != file.fileno()
            if not made.ranged:
                assert not can_write(made.descriptor)
                assert os.pread(made.descriptor, 9, 0) == b"words"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(made.descriptor)


def test_where_it_cannot_be_opened_again_ranges_of_it_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    with tempfile.TemporaryFile() as file:
        file.write(b"words")
        file.flush()
        monkeypatch.setattr(os, "open", refuse)
        with closing(opened(file.fileno(), "file")) as made:
            assert made.ranged
            assert made.size_bytes == 5


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    folder = os.open(tmp_path, os.O_RDONLY)
    for descriptor in (reading, folder):
        with pytest.raises(NotAFile):
            opened(descriptor, "thing")
    for descriptor in (reading, writing, folder):
        os.close(descriptor)
    with pytest.raises(UnreadableFile):
        opened(folder, "closed")
