"""What every reader of archives yields: a member, not unpacked yet."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedIOBase
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol

from concord.errors import ItemError

CHUNK_BYTES = 1 << 20
PROGRESS_BYTES = 8 << 20  # after so many the outside learns that there is work being done
LONGEST_NAME_BYTES = 4096
_KINDS: Final = MappingProxyType(
    {
        stat.S_IFLNK: "link",
        stat.S_IFIFO: "pipe",
        stat.S_IFSOCK: "socket",
        stat.S_IFCHR: "character device",
        stat.S_IFBLK: "block device",
    }
)


class Damage(Exception):
    """Why an archive or a member cannot be read on, in a few words."""


class Readable(Protocol):
    """A stream from its beginning to its end. Raises Damage."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, none only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """To be read before the next one is asked for. Folders are no entries."""

    name: str  # as the archive has it: it may be absolute, lead upwards, or be taken twice. No path is made of it
    open: Callable[[], Readable]  # raises Damage
    refusal: ItemError | None = None  # why it is not to be opened


Entries = Iterator[Entry | None]  # None: there is work being done


def refused(name: str, refusal: ItemError) -> Entry:
    return Entry(name, _nothing, refusal)


def _nothing() -> Readable:
    raise Damage("it is not to be opened")


def name_of(stored: bytes, encoding: str = "utf-8") -> str:
    """Text that can be printed and stored; what is not in this encoding, and a zero byte, is written as \\xNN."""
    short = stored if len(stored) <= LONGEST_NAME_BYTES else stored[:LONGEST_NAME_BYTES] + b"..."
    return short.decode(encoding, errors="backslashreplace").replace("\0", "\\x00")


def kind_of(mode: int) -> str | None:
    """What is no file, by its mode of Unix."""
    return _KINDS.get(stat.S_IFMT(mode))


def exactly(stream: Readable, count: int) -> bytes:
    """So many bytes, fewer only at the end."""
    pieces = bytearray()
    while len(pieces) < count and (piece := stream.read(count - len(pieces))):
        pieces += piece
    return bytes(pieces)


class Window(BufferedIOBase):
    """A part of a stream that can seek, as a stream of its own that can seek too."""

    def __init__(self, stream: BinaryIO, start_byte: int, size_bytes: int) -> None:
        self._stream, self._start_byte, self._size_bytes = stream, start_byte, size_bytes
        self._position_bytes = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position_bytes

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        self._position_bytes = {SEEK_SET: 0, SEEK_CUR: self._position_bytes, SEEK_END: self._size_bytes}[
            whence
        ] + offset
        return self._position_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        left_bytes = max(0, self._size_bytes - self._position_bytes)
        size = left_bytes if size is None or size < 0 else min(size, left_bytes)
        if not size:
            return b""
        self._stream.seek(self._start_byte + self._position_bytes)
        piece = self._stream.read(size)
        self._position_bytes += len(piece)
        return piece


class Slice:
    """So many of the next bytes of a stream that cannot seek."""

    def __init__(self, stream: Readable, size_bytes: int) -> None:
        self._stream, self.left_bytes = stream, size_bytes

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(min(size, self.left_bytes))
        if not piece and self.left_bytes and size:
            raise Damage("the archive ends in the middle of it")
        self.left_bytes -= len(piece)
        return piece

    def skip(self) -> Iterator[None]:
        """To its end. Yields now and then."""
        skipped_bytes = 0
        while piece := self.read(CHUNK_BYTES):
            skipped_bytes += len(piece)
            if skipped_bytes >= PROGRESS_BYTES:
                skipped_bytes = 0
                yield None
        if skipped_bytes >= PROGRESS_BYTES // 32:  # of many members it is enough as well
            yield None
