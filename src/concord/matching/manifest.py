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
VERSION = 2  # 1 did not say which file a name stands for


class Part(msgspec.Struct, frozen=True):
    """A segment as it counts at present."""

    name: str
    checksum: int  # of its header, and so of its content: another segment under this name is not this part
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
        version = msgspec.json.decode(text, type=_Versioned).version  # first: of another one the rest may be anything
        if version != VERSION:
            raise ValueError(f"it is of version {version}, which this program does not know")
        return msgspec.json.decode(text, type=cls)


class _Versioned(msgspec.Struct):
    version: int


class Stamp:
    """A manifest that was found, held open: it tells at once when another one has taken its name."""

    def __init__(self, directory: Path) -> None:
        """Where there is none, it is current as long as there is none."""
        self._path = os.fspath(directory / NAME)
        self._descriptor: int | None = None
        with suppress(FileNotFoundError):
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            self._changed_ns = os.fstat(self._descriptor).st_ctime_ns

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
        """Asked before every search. A file that nobody gave or took a name is where it was: no path need be walked."""
        if self._descriptor is None:
            return not os.path.exists(self._path)  # noqa: PTH110 four times as fast
        state = os.fstat(self._descriptor)
        if (state.st_nlink, state.st_ctime_ns) == (1, self._changed_ns):  # times alone are too coarse
            return True
        return state.st_nlink > 0 and self._has_the_name(state)

    def _has_the_name(self, state: os.stat_result) -> bool:
        """It may live on under another name that a copy of the folder by hard links gave it."""
        try:
            return os.path.samestat(os.stat(self._path), state)  # noqa: PTH116 as above
        except FileNotFoundError:
            return False

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
