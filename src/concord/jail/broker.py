"""Ranges of an input that is no plain file: the inside asks over a socket of its own, a thread outside answers.

So an encrypted object, or a file larger than the worker's memory, is read as far as a decoder wants it, and no key and
no second descriptor goes inside. A question is (offset, length), an answer its length in bytes or the negated number
of an error, and the bytes.
"""

import errno
import io
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol, cast

from concord.errors import ConcordError
from concord.jail.descriptor import Positioned

RANGE_BYTES = 1 << 20  # the most that one answer holds, whatever is asked for
READ_AHEAD_BYTES = 256 << 10  # inside: a decoder's small steps stay inside
FAREWELL_SECONDS = 5  # wall time that a read under way has to end when its item is over

_QUESTION = struct.Struct("<QI")  # offset and length in bytes
_ANSWER = struct.Struct("<i")


class Source(Protocol):
    """What can be read from anywhere; used by one thread at a time."""

    @property
    def size_bytes(self) -> int: ...

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """At most so many bytes; fewer, or none, only at the end. Raises OSError or ConcordError."""
        ...


class FileSource:
    """An open file, where its descriptor cannot be handed inside."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size_bytes = os.fstat(descriptor).st_size

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        return os.pread(self._descriptor, length_bytes, offset_bytes)


# ---- outside ------------------------------------------------------------------------------------------------------


class Broker:
    """Answers for one source while its item is examined."""

    def __init__(self, source: Source, line: socket.socket) -> None:
        self._source = source
        self._line = line
        self.error: ConcordError | None = None  # what the source raised: the inside only learns that it failed

    def serve(self) -> None:
        """Until the other side is closed. What asks nonsense is not answered any more."""
        try:
            while question := _exactly(self._line, _QUESTION.size):
                offset_bytes, length_bytes = _QUESTION.unpack(question)
                self._line.sendall(self._answer(offset_bytes, min(length_bytes, RANGE_BYTES)))
        except OSError:
            return
        finally:
            self._line.close()

    def _answer(self, offset_bytes: int, length_bytes: int) -> bytes:
        if offset_bytes >= self._source.size_bytes:
            return _ANSWER.pack(0)
        try:
            piece = self._source.read_at(offset_bytes, length_bytes)[:length_bytes]
        except OSError as error:
            return _ANSWER.pack(-(error.errno or errno.EIO))
        except ConcordError as error:
            self.error = error
            return _ANSWER.pack(-errno.EIO)
        return _ANSWER.pack(len(piece)) + piece


@contextmanager
def brokered(source: Source) -> Iterator[tuple[int, Broker]]:
    """The descriptor for the inside, and who answers until the end of the block."""
    line, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    broker = Broker(source, line)
    thread = threading.Thread(target=broker.serve, name="broker", daemon=True)
    with inside:
        thread.start()
        try:
            yield inside.fileno(), broker
        finally:
            inside.shutdown(socket.SHUT_RDWR)  # of both ends, whoever else holds this one
            thread.join(FAREWELL_SECONDS)


# ---- inside -------------------------------------------------------------------------------------------------------


class RangeReader(Positioned):
    """The other end, as a file."""

    def __init__(self, line: socket.socket, size_bytes: int) -> None:
        super().__init__(size_bytes)
        self._line = line

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)[:RANGE_BYTES]
        if not len(view) or self._position_bytes >= self._size_bytes:
            return 0
        self._line.sendall(_QUESTION.pack(self._position_bytes, len(view)))
        (length_bytes,) = _ANSWER.unpack(_exactly(self._line, _ANSWER.size) or _ANSWER.pack(-errno.EPIPE))
        if length_bytes < 0:
            raise OSError(-length_bytes, os.strerror(-length_bytes))
        view[:length_bytes] = _exactly(self._line, length_bytes)
        self._position_bytes += length_bytes
        return int(length_bytes)


def ranged_stream(line: socket.socket, size_bytes: int) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(RangeReader(line, size_bytes), READ_AHEAD_BYTES))


def _exactly(line: socket.socket, count: int) -> bytes:
    """Empty where the other side is closed."""
    pieces = bytearray()
    while len(pieces) < count:
        piece = line.recv(count - len(pieces))
        if not piece:
            return b""
        pieces += piece
    return bytes(pieces)
