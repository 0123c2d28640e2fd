"""A file descriptor as a stream of its own position: the position that both processes share is left alone."""

import io
import os
from typing import Any, BinaryIO, cast


class DescriptorReader(io.RawIOBase):
    """Reads a regular file from its beginning. Closing it leaves the descriptor open."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._position_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        piece = os.pread(self._descriptor, len(view), self._position_bytes)
        view[: len(piece)] = piece
        self._position_bytes += len(piece)
        return len(piece)


def stream_of(descriptor: int) -> BinaryIO:
    return cast(BinaryIO, DescriptorReader(descriptor))
