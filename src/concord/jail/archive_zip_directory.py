"""The central directory of a zip archive, entry by entry. Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.4."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

from concord.errors import UnreadArchive
from concord.jail.archive_entry import Damage, name_of
from concord.jail.picture import NO_ITEM

END, END_64, LOCATOR_64 = b"PK\5\6", b"PK\6\6", b"PK\6\7"
CENTRAL, LOCAL = b"PK\1\2", b"PK\3\4"
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT_BYTES = 0xFFFF
SEARCHED_BYTES = 1 << 20  # at the end of the file, for the end of the directory: other things may follow upon it
_FARTHEST_BYTE = 1 << 62  # that a file may have; systems count to twice as many
UNKNOWN_16, UNKNOWN_32 = 0xFFFF, 0xFFFFFFFF  # the number stands in the 64-bit part

ENCRYPTED, SIZES_FOLLOW, PATCHED, STRONGLY_ENCRYPTED, UTF_8, MASKED = 1, 1 << 3, 1 << 5, 1 << 6, 1 << 11, 1 << 13
_UNICODE_NAME, _SIZES_64 = 0x7075, 0x0001
_UNIX, _MACOS = 3, 19  # where it was made


@dataclass(frozen=True, slots=True)
class Described:
    """A member as a header describes it."""

    stored_name: bytes
    name: str
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    header_byte: int = 0  # where its own header stands, from the beginning of the archive
    mode: int = 0  # of Unix; 0: not recorded
    header_bytes: int = 0  # of a local header, with name and more

    @property
    def is_folder(self) -> bool:
        return self.stored_name.endswith(b"/") and not self.size_bytes


@dataclass(frozen=True, slots=True)
class Directory:
    """Where it stands."""

    start_byte: int
    end_byte: int
    shift_bytes: int  # of everything, as something was put before the archive
    count: int
    wraps: bool  # whether larger counts are only known modulo 65,536


def find_directory(stream: BinaryIO) -> Directory | None:
    """None: there is none, or not any more. Raises Damage, UnreadArchive for one of several volumes."""
    size_bytes = stream.seek(0, SEEK_END)
    searched_byte = max(0, size_bytes - SEARCHED_BYTES)
    tail = _at(stream, searched_byte, size_bytes - searched_byte)
    place = len(tail)
    candidates: list[int] = []
    while (place := tail.rfind(END, 0, place)) >= 0 and len(candidates) < 64:
        if place + _END.size <= len(tail):
            candidates.append(place)
    # Best is one whose remark ends with the file; else the last, and other things stand behind it.
    fits = [at for at in candidates if at + _END.size + _END.unpack_from(tail, at)[-1] == len(tail)]
    for at in [*fits, *candidates][:1]:
        return _directory(stream, searched_byte + at, _END.unpack_from(tail, at))
    return None


def _directory(stream: BinaryIO, end_byte: int, fields: tuple[int, ...]) -> Directory:
    _, disk, first_disk, here, count, length_bytes, offset, _ = fields
    wraps = True
    located = _at(stream, end_byte - _LOCATOR_64.size, _LOCATOR_64.size) if end_byte >= _LOCATOR_64.size else b""
    if located.startswith(LOCATOR_64):
        wraps = False
        end_byte, (disk, first_disk, here, count, length_bytes, offset) = _large_end(stream, end_byte, located)
    # Not recorded there (0xFFFF), or as the only volume calls itself: 0 of 1.
    if disk not in (0, UNKNOWN_16) or first_disk not in (0, UNKNOWN_16) or here != count:
        raise UnreadArchive(item=NO_ITEM, what="one of several parts of a zip archive")
    shift_bytes = end_byte - length_bytes - offset
    if shift_bytes < 0:
        raise Damage("its central directory does not lie where it should")
    return Directory(offset + shift_bytes, end_byte, shift_bytes, count, wraps)


def _large_end(stream: BinaryIO, end_byte: int, located: bytes) -> tuple[int, tuple[int, ...]]:
    """Of an archive beyond 4 GiB or 65,535 members."""
    _, _, offset, disks = _LOCATOR_64.unpack(located)
    if disks > 1:
        raise UnreadArchive(item=NO_ITEM, what="one of several parts of a zip archive")
    near_byte = end_byte - _LOCATOR_64.size - _END_64.size  # where it stands if something was put before the archive
    for at in (offset, near_byte):
        found = _at(stream, at, _END_64.size) if 0 <= at < end_byte else b""
        if len(found) == _END_64.size and found.startswith(END_64):
            fields = _END_64.unpack(found)
            return at, tuple(fields[4:])
    raise Damage("the 64-bit end of its central directory is missing")


def members_in(stream: BinaryIO, directory: Directory) -> Iterator[Described]:
    """Raises Damage where it breaks off or does not hold as many as it says."""
    at, count = directory.start_byte, 0
    while at < directory.end_byte and (head := _at(stream, at, _CENTRAL.size)).startswith(CENTRAL):
        if len(head) < _CENTRAL.size:
            raise Damage("its central directory breaks off")
        count += 1
        fields = _CENTRAL.unpack(head)
        name_bytes, extra_bytes, remark_bytes = fields[10:13]
        rest = _at(stream, at + _CENTRAL.size, name_bytes + extra_bytes)
        yield _described(fields, rest[:name_bytes], rest[name_bytes:], directory.shift_bytes)
        at += _CENTRAL.size + name_bytes + extra_bytes + remark_bytes
    if at < directory.end_byte and not _is_signature(stream, at):
        raise Damage(f"its central directory is damaged behind {count} members")
    if count != directory.count and not (directory.wraps and count % 0x10000 == directory.count):
        raise Damage(f"its central directory speaks of {directory.count} members and holds {count}")


def _is_signature(stream: BinaryIO, at: int) -> bool:
    return _at(stream, at, 4) == b"PK\5\5"  # a digital signature may end the directory


def _described(fields: tuple[int, ...], stored_name: bytes, extra: bytes, shift_bytes: int) -> Described:
    _, made_by, _, flags, method, _, _, crc, packed, size, _, _, _, _, _, attributes, offset = fields
    size, packed, offset = _large(extra, size, packed, offset)
    mode = attributes >> 16 if made_by >> 8 in (_UNIX, _MACOS) else 0
    name = _readable(stored_name, flags, extra)
    return Described(stored_name, name, flags, method, crc, packed, size, offset + shift_bytes, mode)


def local_header(stream: BinaryIO, at: int) -> Described:
    """The header before the member's own bytes. Raises Damage."""
    head = _at(stream, at, _LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(LOCAL):
        raise Damage("there is no member where the central directory says")
    _, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _LOCAL.unpack(head)
    rest = _at(stream, at + _LOCAL.size, name_bytes + extra_bytes)
    if len(rest) < name_bytes + extra_bytes:
        raise Damage("its header breaks off")
    stored_name, extra = rest[:name_bytes], rest[name_bytes:]
    size, packed, _ = _large(extra, size, packed, 0)
    length_bytes = _LOCAL.size + name_bytes + extra_bytes
    name = _readable(stored_name, flags, extra)
    return Described(stored_name, name, flags, method, crc, packed, size, at, header_bytes=length_bytes)


def _large(extra: bytes, *numbers: int) -> list[int]:
    """Those that 32 bits cannot hold stand in a part of their own, in this order."""
    part = _parts(extra).get(_SIZES_64, b"")
    large = []
    for number in numbers:
        if number == UNKNOWN_32 and len(part) >= 8:
            number, part = int.from_bytes(part[:8], "little"), part[8:]
        large.append(number)
    return large


def _parts(extra: bytes) -> dict[int, bytes]:
    parts: dict[int, bytes] = {}
    while len(extra) >= 4:
        kind, length_bytes = struct.unpack_from("<HH", extra)
        parts.setdefault(kind, extra[4 : 4 + length_bytes])
        extra = extra[4 + length_bytes :]
    return parts


def _readable(stored: bytes, flags: int, extra: bytes) -> str:
    """Said to be UTF-8, said in UTF-8 beside it, or likely UTF-8; else of the old IBM PC, where every byte is a sign."""
    if flags & UTF_8:
        return name_of(stored)
    beside = _parts(extra).get(_UNICODE_NAME, b"")
    if len(beside) > 5 and beside[0] == 1 and int.from_bytes(beside[1:5], "little") == zlib.crc32(stored):
        return name_of(beside[5:])
    try:
        stored.decode()
    except UnicodeDecodeError:
        return name_of(stored, "cp437")
    return name_of(stored)


def _at(stream: BinaryIO, at: int, count: int) -> bytes:
    if at > _FARTHEST_BYTE:
        return b""
    stream.seek(at)
    pieces = bytearray()
    while len(pieces) < count and (piece := stream.read(count - len(pieces))):
        pieces += piece
    return bytes(pieces)
