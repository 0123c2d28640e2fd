"""A segment: an immutable file of entries, mapped and shared by all processes. Byte by byte in docs/segment-format.md.

Its checksums are computed once for each state of the file: at a gigabyte a second that is too long for every command.
Whoever has done it leaves a mark beside the file with the inode, size and times it had, and whoever finds a mark that
still fits need not do it again.
"""

import logging
import mmap
import os
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concord.errors import DamagedIndex
from concord.matching import disk
from concord.matching.engines import Engine
from concord.matching.index import HASH_BYTES, Hits
from concord.matching.layout import layout_of
from concord.matching.rows import PERMUTATION, Rows, rows_bytes

log = logging.getLogger(__name__)

MAGIC = b"CNCDHASH"
VERSION = 2
HEADER_BYTES = 4096  # a page, so that the section behind it is aligned as well as any memory
NO_PAYLOAD = 0
_HEADER = struct.Struct("<8sIIQIIQII")  # the order of Header's fields, between magic, version and payload
_CHECKSUM = struct.Struct("<I")
_CHECKSUM_AT = HEADER_BYTES - _CHECKSUM.size
_CHECKED_AT_ONCE = 1 << 24  # bytes
_MADV_COLLAPSE = 25  # Linux 6.1; Python has no name for it yet
_COLLAPSED_FROM = 64 << 20  # bytes: a smaller segment stays in the caches with small pages too


@dataclass(frozen=True, slots=True)
class Header:
    entries: int
    chunks: int  # 0: no tables
    section_bytes: int
    rows_crc32: int
    tables_crc32: int

    @property
    def checksum(self) -> int:
        """The last four bytes of it."""
        return int(_CHECKSUM.unpack_from(self.packed(), _CHECKSUM_AT)[0])

    def packed(self) -> bytes:
        fields = (self.entries, self.chunks, PERMUTATION, self.section_bytes, self.rows_crc32, self.tables_crc32)
        page = _HEADER.pack(MAGIC, VERSION, NO_PAYLOAD, *fields).ljust(_CHECKSUM_AT, b"\0")
        return page + _CHECKSUM.pack(zlib.crc32(page))

    @classmethod
    def parse(cls, page: bytes, file_bytes: int) -> Self:
        """Raises ValueError, saying what is wrong with it."""
        if len(page) < HEADER_BYTES or page[: len(MAGIC)] != MAGIC:
            raise ValueError("it is no segment")
        _, version, payload, entries, chunks, permutation, size, *checksums = _HEADER.unpack_from(page)
        if _CHECKSUM.unpack_from(page, _CHECKSUM_AT)[0] != zlib.crc32(page[:_CHECKSUM_AT]):
            raise ValueError("its header does not agree with its checksum")
        if (version, payload, permutation) != (VERSION, NO_PAYLOAD, PERMUTATION):
            raise ValueError(f"it is of version {version}.{payload}.{permutation}, which this program does not know")
        if file_bytes != HEADER_BYTES + size:
            raise ValueError(f"it has {file_bytes} bytes, not the {HEADER_BYTES + size} it was made with")
        if size != layout_of(entries, chunks).size_bytes:
            raise ValueError(f"{entries} entries and {chunks} chunks do not take the {size} bytes it says")
        return cls(entries, chunks, size, *checksums)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Any number of threads may search it. The mapping lives as long as anybody holds this."""

    name: str
    entries: int
    chunks: int  # of the tables that may be used; 0: it is scanned
    damaged: bool  # its tables, which are then not used
    checksum: int  # of its header, which holds those of all the rest
    memory: NDArray[np.uint8]
    mapped: mmap.mmap  # what `memory` is a part of

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises DamagedIndex where its rows cannot be trusted, FileNotFoundError where it is gone."""
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            try:
                header = Header.parse(file.read(HEADER_BYTES), state.st_size)
            except ValueError as error:
                raise _damaged(path, str(error)) from error
            mapped = mmap.mmap(file.fileno(), state.st_size, prot=mmap.PROT_READ)
        _ask_for_huge_pages(mapped, state.st_size)
        memory = np.frombuffer(mapped, np.uint8, header.section_bytes, HEADER_BYTES)
        intact = True
        if not _is_marked(path, state):
            if intact := _is_intact(path, header, memory):
                _leave_mark(path, state)
            _let_go(mapped)
        return cls(
            path.name, header.entries, header.chunks if intact else 0, not intact, header.checksum, memory, mapped
        )

    @property
    def rows(self) -> Rows:
        return Rows.over(self.memory, self.entries)

    def let_go(self) -> None:
        _let_go(self.mapped)

    def within(self, engine: Engine, questions: NDArray[np.uint8], radius: int) -> Hits:
        return engine.search(self.memory, self.entries, self.chunks, questions, radius)


class Spool:
    """Entries on their way into a segment, in memory that can be given back while others still refer to it."""

    def __init__(self, entries: int) -> None:
        size = max(1, entries * (HASH_BYTES + 8))
        private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # what is shared is never given back
        self._memory = mmap.mmap(-1, size, flags=private)
        self.ids = np.frombuffer(self._memory, np.uint64, entries)
        self.hashes = np.frombuffer(self._memory, np.uint8, entries * HASH_BYTES, entries * 8).reshape(-1, HASH_BYTES)

    def release(self) -> None:
        _let_go(self._memory)


def write(path: Path, engine: Engine, spool: Spool) -> int:
    """A new segment file, on the disk when this returns its number of entries. Empties the spool. Raises OSError."""
    entries = len(spool.ids)
    chunks, size = engine.shape(entries)
    mapped = disk.create(path, HEADER_BYTES + size)
    memory = np.frombuffer(mapped, np.uint8, size, HEADER_BYTES)
    engine.fill(memory, chunks, spool.hashes, spool.ids, spool.release)
    mapped[:HEADER_BYTES] = Header(entries, chunks, size, *_checksums(memory, entries)).packed()
    disk.finish(mapped, path)
    del memory
    mapped.close()
    disk.forget(path)
    return entries


def _let_go(mapped: mmap.mmap) -> None:
    """Of the memory its pages take: those of a file come back when they are asked for, others are gone."""
    if hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def mark_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.verified")


def _is_intact(path: Path, header: Header, memory: NDArray[np.uint8]) -> bool:
    """Whether tables and rows are; raises DamagedIndex where the rows are not."""
    rows, tables = _checksums(memory, header.entries)
    if rows != header.rows_crc32:
        raise _damaged(path, "its rows do not agree with their checksum")
    if tables != header.tables_crc32:
        log.error("%s: its tables do not agree with their checksum; it is scanned until it has been made anew", path)
    return tables == header.tables_crc32


def _checksums(memory: NDArray[np.uint8], entries: int) -> tuple[int, int]:
    """Of the rows and of what follows them."""
    border = rows_bytes(entries)
    return _crc32(memory[:border]), _crc32(memory[border:])


def _crc32(memory: NDArray[np.uint8]) -> int:
    checksum = 0
    for begin in range(0, len(memory), _CHECKED_AT_ONCE):  # between two, a signal is heard
        checksum = zlib.crc32(memory[begin : begin + _CHECKED_AT_ONCE].data, checksum)
    return checksum


def _damaged(path: Path, cause: str) -> DamagedIndex:
    return DamagedIndex(directory=path.parent, cause=f"{path.name}: {cause}")


def _is_marked(path: Path, state: os.stat_result) -> bool:
    try:
        return mark_of(path).read_text() == _state_text(state)
    except (OSError, UnicodeDecodeError):
        return False


def _leave_mark(path: Path, state: os.stat_result) -> None:
    with suppress(OSError):  # a reader that may not write here verifies every time
        mark_of(path).write_text(_state_text(state))


def _state_text(state: os.stat_result) -> str:
    """Any writing to the file changes the times."""
    return f"{state.st_ino} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}\n"


def _ask_for_huge_pages(mapped: mmap.mmap, size: int) -> None:
    """A look-up touches lines all over the file: with pages of 2 MiB the processor finds them with fewer misses."""
    if size < _COLLAPSED_FROM or not hasattr(mmap, "MADV_HUGEPAGE"):
        return
    for advice in (mmap.MADV_HUGEPAGE, _MADV_COLLAPSE):
        with suppress(OSError):  # most file systems have none for files
            mapped.madvise(advice)
