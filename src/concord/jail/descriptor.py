"""A file descriptor as a stream of its own position: the position that both processes share is left alone."""

import io
import os
from typing import Any, BinaryIO, cast


class Positioned(io.RawIOBase):
    """A stream of known size that can be read anywhere; how, is for those made of it to say."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self._size_bytes = size_bytes
        self._position_bytes = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Raises ValueError for a place before the beginning."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position_bytes, io.SEEK_END: self._size_bytes}[whence]
        if start + offset < 0:
            raise ValueError(f"position {start + offset} lies before the beginning")
        self._position_bytes = start + offset
        return self._position_bytes

    def tell(self) -> int:
        return self._position_bytes


class DescriptorReader(Positioned):
    """Reads a regular file of known size from its beginning, and anywhere. Closing it leaves the descriptor open.

    It has no `fileno`: nothing that is handed this stream can reach the descriptor behind it.
    """

    def __init__(self, descriptor: int, size_bytes: int) -> None:
        super().__init__(size_bytes)
        self._descriptor = descriptor

    def read(self, size: int | None = -1, /) -> bytes:
        """At most `size` bytes in one call to the system; without a size, all up to the end."""
        if size is None or size < 0:
            return self.readall()
        # No more is set aside than the file can have: most files are much smaller than what is asked for.
        piece = os.pread(
            self._descriptor, min(size, max(self._size_bytes - self._position_bytes, 1)), self._position_bytes
        )
        self._position_bytes += len(piece)
        return piece

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        piece = os.pread(self._descriptor, len(view), self._position_bytes)
        view[: len(piece)] = piece
        self._position_bytes += len(piece)
        return len(piece)


def stream_of(source: int | BinaryIO) -> BinaryIO:
    """Of a descriptor of a regular file; a stream is one already."""
    if not isinstance(source, int):
        return source
    return cast(BinaryIO, DescriptorReader(source, os.fstat(source).st_size))
