import errno
import hashlib
import io
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.errors import VaultUnavailable
from concord.jail.broker import RANGE_BYTES, FileSource, brokered, ranged_stream

DATA = bytes(range(256)) * 20_000  # 5 MB: more than one range


class Held:
    """Bytes as a source, which notes what it was asked."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size_bytes = len(data)
        self.asked: list[tuple[int, int]] = []

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        self.asked.append((offset_bytes, length_bytes))
        return self.data[offset_bytes : offset_bytes + length_bytes]


class Failing(Held):
    def __init__(self, error: Exception) -> None:
        super().__init__(DATA)
        self.error = error

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        raise self.error


def line_to(descriptor: int) -> socket.socket:
    return socket.socket(fileno=os.dup(descriptor))


@contextmanager
def stream_from(source: Held) -> Iterator[BinaryIO]:
    with brokered(source) as (descriptor, _), line_to(descriptor) as line:
        yield ranged_stream(line, source.size_bytes)


def test_a_source_is_read_like_a_file_and_nothing_is_asked_twice() -> None:
    source = Held(DATA)
    with stream_from(source) as stream:
        assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(DATA).digest()
    assert sum(length for _, length in source.asked) >= len(DATA)
    assert len({offset for offset, _ in source.asked}) == len(source.asked)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-40, 40), st.integers(0, 50)), max_size=20))
def test_any_steps_give_what_a_file_gives(steps: list[tuple[int, int, int]]) -> None:
    source, file = Held(DATA[:60]), io.BytesIO(DATA[:60])
    with stream_from(source) as stream:
        for whence, offset, size in steps:
            start = {0: 0, 1: file.tell(), 2: 60}[whence]
            if start + offset >= 0:
                assert stream.seek(offset, whence) == file.seek(start + offset)
            assert stream.read(size) == file.read(size)
            assert stream.tell() == file.tell()


def test_a_seek_before_the_beginning_is_refused() -> None:
    with stream_from(Held(DATA)) as stream, pytest.raises((OSError, ValueError)):
        stream.seek(-1)


def test_no_more_than_one_range_is_read_for_one_question() -> None:
    source = Held(DATA)
    with brokered(source) as (descriptor, _), line_to(descriptor) as line:
        line.sendall(struct.pack("<QI", 7, 2**32 - 1))
        (length_bytes,) = struct.unpack("<i", line.recv(4, socket.MSG_WAITALL))
        assert line.recv(length_bytes, socket.MSG_WAITALL) == DATA[7 : 7 + RANGE_BYTES]
    assert source.asked == [(7, RANGE_BYTES)]


def test_behind_the_end_there_is_nothing_and_the_source_is_not_asked() -> None:
    source = Held(DATA)
    with brokered(source) as (descriptor, _), line_to(descriptor) as line:
        line.sendall(struct.pack("<QI", 2**64 - 1, 10))
        assert line.recv(4, socket.MSG_WAITALL) == struct.pack("<i", 0)
    assert source.asked == []


def test_an_error_of_the_medium_arrives_as_itself() -> None:
    with brokered(Failing(OSError(errno.ENODEV, "gone"))) as (descriptor, broker), line_to(descriptor) as line:
        stream = ranged_stream(line, len(DATA))
        with pytest.raises(OSError, match=os.strerror(errno.ENODEV)):
            stream.read(1)
    assert broker.error is None


def test_an_error_of_ours_is_kept_outside() -> None:
    error = VaultUnavailable(cause="a secret address")
    with brokered(Failing(error)) as (descriptor, broker), line_to(descriptor) as line:
        stream = ranged_stream(line, len(DATA))
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            stream.read(1)
    assert broker.error is error


def test_when_the_item_is_over_nothing_is_answered_any_more() -> None:
    source = Held(DATA)
    with brokered(source) as (descriptor, _):
        kept = line_to(descriptor)
    with kept, pytest.raises(OSError), ranged_stream(kept, len(DATA)) as stream:
        stream.read(1)
    assert source.asked == []


def test_a_file_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA)
    with (tmp_path / "file").open("rb") as file:
        source = FileSource(file.fileno())
        assert source.size_bytes == len(DATA)
        assert source.read_at(1000, 10) == DATA[1000:1010]
        assert file.tell() == 0
