"""Bytes that come piece by piece and go into no folder: in memory, and beyond a limit in a file without a name."""

import shutil
import tempfile
from typing import BinaryIO

from concord.media.opening import nameless, sealed

IN_MEMORY_BYTES = 64 << 20


class Held:
    """Open until `file` has been called, whose result is the caller's to close, or `drop`."""

    def __init__(self, in_memory_bytes: int = IN_MEMORY_BYTES) -> None:
        self._in_memory_bytes = in_memory_bytes
        self._file = nameless()
        self._in_memory = True
        self.size_bytes = 0

    def write(self, piece: bytes) -> None:
        self.size_bytes += len(piece)
        if self._in_memory and self.size_bytes > self._in_memory_bytes:
            self._move()
        self._file.write(piece)

    def _move(self) -> None:
        """What is larger than memory should hold lies on the disk, as the seized file itself does."""
        larger = tempfile.TemporaryFile()  # noqa: SIM115 - it is the caller's to close
        self._file.seek(0)
        shutil.copyfileobj(self._file, larger, 1 << 20)
        self._file.close()
        self._file, self._in_memory = larger, False

    def file(self) -> BinaryIO:
        """All of it, from the beginning. In memory it cannot be changed any more."""
        return sealed(self._file)

    def drop(self) -> None:
        self._file.close()
