"""The manifest: which segments are the index, what is removed from them, and how far they have read the database.

It is one small file, always replaced as a whole: what it names is the index, anything else in the directory is nothing.
"""

import os
import zlib
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from concord.errors import DamagedIndex
from concord.matching.cursor import Cursor

NAME = "manifest"
VERSION = 1


class Part(msgspec.Struct, frozen=True):
    """A segment as it counts at present."""

    name: str
    entries: int
    removed: tuple[int, ...] = ()  # ids, each of at least one entry, ascending
    gone: int = 0  # entries that have one of these ids


class Manifest(msgspec.Struct, frozen=True):
    parts: tuple[Part, ...] = ()
    cursor: Cursor = Cursor()
    removed_since: datetime | None = None  # nothing in `removed` was removed earlier
    version: int = VERSION

    def packed(self) -> bytes:
        text = msgspec.json.encode(self)
        return b"%s\n%08x\n" % (text, zlib.crc32(text))

    @classmethod
    def parse(cls, content: bytes) -> "Manifest":
        """Raises ValueError, saying what is wrong with it."""
        text, _, checksum = content.partition(b"\n")
        if checksum != b"%08x\n" % zlib.crc32(text):
            raise ValueError("it does not agree with its checksum")
        read = msgspec.json.decode(text, type=cls)
        if read.version != VERSION:
            raise ValueError(f"it is of version {read.version}, which this program does not know")
        return read


class Stamp:
    """A manifest that was found, held open: it tells at once when another one has taken its name."""

    def __init__(self, directory: Path) -> None:
        """Where there is none, it is current as long as there is none."""
        self._path = os.fspath(directory / NAME)
        self._descriptor: int | None = None
        with suppress(FileNotFoundError):
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def exists(self) -> bool:
        return self._descriptor is not None

    def read(self) -> Manifest:
        """Raises DamagedIndex."""
        if self._descriptor is None:
            return Manifest()
        try:
            return Manifest.parse(os.pread(self._descriptor, os.fstat(self._descriptor).st_size, 0))
        except ValueError as error:
            raise DamagedIndex(directory=Path(self._path).parent, cause=f"{NAME}: {error}") from error

    def is_current(self) -> bool:
        """Asked before every search. A file that was replaced has no name any more: no path need be walked to see that."""
        if self._descriptor is None:
            return not os.path.exists(self._path)  # noqa: PTH110 four times as fast
        return os.fstat(self._descriptor).st_nlink > 0

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
