"""Zip archives: members in the order of the central directory, which counts; each compared with its own header."""

import bz2
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import SEEK_END
from types import MappingProxyType
from typing import BinaryIO

from concord.config import Limits
from concord.errors import EncryptedMember, ItemError, LeftAlone, UnreadMember
from concord.jail.archive_entry import Damage, Entries, Entry, Readable, Window, exactly, kind_of, refused
from concord.jail.archive_unpack import Checked, Decompressor, Inflater, Unpacked, raw_lzma
from concord.jail.archive_zip_directory import (
    ENCRYPTED,
    LOCAL,
    MASKED,
    PATCHED,
    SIZES_FOLLOW,
    STRONGLY_ENCRYPTED,
    UNKNOWN_32,
    Described,
    Directory,
    find_directory,
    local_header,
    members_in,
)
from concord.jail.picture import NO_ITEM

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
_METHODS: Mapping[int, Callable[[], Decompressor]] = MappingProxyType(
    {DEFLATED: lambda: Inflater(-zlib.MAX_WBITS), BZIP2: bz2.BZ2Decompressor}
)
_NAMES = MappingProxyType(
    {1: "shrink", 6: "implode", 9: "deflate64", 93: "zstandard", 95: "xz", 96: "JPEG", 98: "PPMd"}
)


def read_zip(stream: BinaryIO, limits: Limits) -> Entries:
    """Of a stream that can seek. Raises Damage, UnreadArchive; what can be read comes before."""
    directory = find_directory(stream)
    if directory is None:
        yield from _without_directory(stream, limits)
        raise Damage("its central directory is missing, so it is not whole")
    taken = _Taken(directory)
    for one in members_in(stream, directory):
        if not one.is_folder:
            yield _entry(stream, one, taken, limits)


def _entry(stream: BinaryIO, one: Described, taken: "_Taken", limits: Limits) -> Entry:
    if refusal := _refusal(one):
        return refused(one.name, refusal)
    try:
        local = local_header(stream, one.header_byte)
        _compare(one, local)
        data_byte = one.header_byte + local.header_bytes
        taken.take(one.header_byte, data_byte + one.packed_bytes)
    except Damage as damage:
        return Entry(one.name, partial(_raise, damage))
    return Entry(one.name, lambda: _unpacked(Window(stream, data_byte, one.packed_bytes), one, limits))


def _raise(damage: Damage) -> Readable:
    raise damage


def _refusal(one: Described) -> ItemError | None:
    if one.flags & (ENCRYPTED | STRONGLY_ENCRYPTED | MASKED):
        return EncryptedMember(item=NO_ITEM)
    if kind := kind_of(one.mode):
        return LeftAlone(item=NO_ITEM, kind=kind)
    if one.flags & PATCHED or one.method not in (STORED, DEFLATED, BZIP2, LZMA):
        method = "as a patch" if one.flags & PATCHED else _NAMES.get(one.method, f"method {one.method}")
        return UnreadMember(item=NO_ITEM, method=method)
    return None


def _compare(one: Described, local: Described) -> None:
    """Programs that read the one or the other would unpack different things: that is no accident. Raises Damage."""
    if _plain(one.stored_name) != _plain(local.stored_name) and one.name != local.name:
        raise Damage(f"its own header calls it {local.name}")
    if one.method != local.method or (one.flags ^ local.flags) & ENCRYPTED:
        raise Damage("its own header says that it is packed in another way")
    if local.flags & SIZES_FOLLOW or UNKNOWN_32 in (local.packed_bytes, local.size_bytes):
        return
    if (one.packed_bytes, one.size_bytes, one.crc) != (local.packed_bytes, local.size_bytes, local.crc):
        raise Damage("its own header has another size or checksum")


def _plain(name: bytes) -> bytes:
    return name.replace(b"\\", b"/")


class _Taken:
    """The bytes of the archive that belong to a member already: a small archive that is large unpacked shares them."""

    def __init__(self, directory: Directory) -> None:
        self._limit_byte = directory.start_byte
        self._starts: list[int] = []
        self._ends: list[int] = []

    def take(self, start_byte: int, end_byte: int) -> None:
        """Raises Damage."""
        if end_byte > self._limit_byte:
            raise Damage("it reaches into the central directory")
        at = bisect_right(self._starts, start_byte)
        if (at and self._ends[at - 1] > start_byte) or (at < len(self._starts) and self._starts[at] < end_byte):
            raise Damage("it overlaps another member")
        self._starts.insert(at, start_byte)
        self._ends.insert(at, end_byte)


# ---- unpacking ----------------------------------------------------------------------------------------------------


def _unpacked(packed: Readable, one: Described, limits: Limits) -> Readable:
    """A member that is stored as it is can be read anywhere, else only from its beginning."""
    if one.method == STORED and isinstance(packed, Window):
        if one.packed_bytes != one.size_bytes:
            raise Damage("it is stored as it is, and yet in two sizes")
        return Checked(packed, one.size_bytes, one.crc)
    if one.method == LZMA:
        return Checked(Unpacked(packed, _lzma_of(packed, limits)), one.size_bytes, one.crc, to_the_end=False)
    return Checked(Unpacked(packed, _METHODS[one.method]), one.size_bytes, one.crc)


def _lzma_of(packed: Readable, limits: Limits) -> Callable[[], Decompressor]:
    """APPNOTE 5.8: two bytes of version, two of the length of the properties, which are those of LZMA."""
    head = exactly(packed, 4)
    properties = exactly(packed, head[2] + 256 * head[3]) if len(head) == 4 else b""
    return raw_lzma(properties, limits)


# ---- without a central directory ----------------------------------------------------------------------------------


def _without_directory(stream: BinaryIO, limits: Limits) -> Iterator[Entry]:
    """An archive that was cut off: its members one behind another, as far as their headers lead."""
    size_bytes, at = stream.seek(0, SEEK_END), 0
    while at + 4 <= size_bytes:
        stream.seek(at)
        if stream.read(4) != LOCAL:
            return
        one = local_header(stream, at)
        data_byte = at + one.header_bytes
        if one.flags & SIZES_FOLLOW:
            following = _Following(stream, data_byte, size_bytes, one)
            yield refused(one.name, refusal) if (refusal := _refusal(one)) else Entry(one.name, following.open)
            at = following.end_byte()
        else:
            at = data_byte + one.packed_bytes
            if not one.is_folder:
                yield _unsure(stream, one, data_byte, min(one.packed_bytes, size_bytes - data_byte), limits)


def _unsure(stream: BinaryIO, one: Described, data_byte: int, left_bytes: int, limits: Limits) -> Entry:
    if refusal := _refusal(one):
        return refused(one.name, refusal)
    return Entry(one.name, lambda: _unpacked(Window(stream, data_byte, max(0, left_bytes)), one, limits))


class _Following:
    """A member whose sizes follow upon it: where it ends shows when it has been unpacked."""

    def __init__(self, stream: BinaryIO, data_byte: int, size_bytes: int, one: Described) -> None:
        self._stream, self._data_byte, self._size_bytes, self._one = stream, data_byte, size_bytes, one
        self._unpacked: Unpacked | None = None

    def open(self) -> Readable:
        make = _METHODS.get(self._one.method)
        if make is None:
            raise Damage("where it ends is not recorded")
        window = Window(self._stream, self._data_byte, self._size_bytes - self._data_byte)
        self._unpacked = Unpacked(window, make)
        return self._unpacked

    def end_byte(self) -> int:
        """Of the sizes that follow; the end of the archive where it cannot be told."""
        if self._unpacked is None:
            return self._size_bytes
        end_byte = self._data_byte + self._unpacked.packed_bytes
        self._stream.seek(end_byte)
        at = self._stream.read(28).find(b"PK", 4)  # behind 12 to 24 bytes
        return end_byte + at if at >= 0 else self._size_bytes
