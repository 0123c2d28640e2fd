"""Boxes (ISO/IEC 14496-12), of which HEIF, AVIF and JPEG 2000 are made: the items in them that hold notes."""

import struct
from collections.abc import Iterator

MOST_BOXES = 1_000
MOST_ITEMS = 10_000
MOST_EXTENTS = 64  # of a note
MOST_NOTE_BYTES = 4 << 20

Box = tuple[bytes, int, int]  # name, and where its content begins and ends

_UUID_EXIF = b"JpgTiffExif->JP2"
_UUID_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def boxes(data: bytes, start: int, stop: int) -> Iterator[Box]:
    """Until they end or do not fit."""
    for _ in range(MOST_BOXES):
        if start + 8 > stop:
            return
        length, name = struct.unpack_from(">I4s", data, start)
        content = start + 8
        if length == 1 and start + 16 <= stop:
            (length,) = struct.unpack_from(">Q", data, content)
            content += 8
        end = stop if length == 0 else start + length
        if not content <= end <= stop:
            return
        yield name, content, end
        start = end


def uuid_notes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """EXIF and XMP of a JPEG 2000 file."""
    for name, start, stop in boxes(data, 0, len(data)):
        kind = {_UUID_EXIF: "exif", _UUID_XMP: "xmp"}.get(data[start : start + 16]) if name == b"uuid" else None
        if kind:
            yield kind, data[start + 16 : stop]


def item_notes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """EXIF and XMP of a HEIF or AVIF file. Raises struct.error where its directory breaks off."""
    meta = next((box for box in boxes(data, 0, len(data)) if box[0] == b"meta"), None)
    if meta is None:
        return
    inside = {name: (start, stop) for name, start, stop in boxes(data, meta[1] + 4, meta[2])}
    if not {b"iinf", b"iloc"} <= inside.keys():
        return
    items = dict(_items(data, *inside[b"iinf"]))
    for number, extents in _locations(data, inside[b"iloc"][0], inside.get(b"idat", (0, 0))[0], items):
        if sum(length for _, length in extents) > MOST_NOTE_BYTES:
            continue
        content = b"".join(data[start : start + length] for start, length in extents)
        if items[number] == "exif":  # before it stands how far off its beginning is
            (ahead,) = struct.unpack_from(">I", content)
            content = content[4 + ahead :]
        yield items[number], content


def _items(data: bytes, start: int, stop: int) -> Iterator[tuple[int, str]]:
    """The numbers of those that hold notes."""
    version = data[start]
    for _, begin, end in boxes(data, start + (6 if version == 0 else 8), stop):
        wide = data[begin] == 3  # the version of the entry
        number, _, kind = struct.unpack_from(">IH4s" if wide else ">HH4s", data, begin + 4)
        if kind == b"Exif":
            yield number, "exif"
        elif kind == b"mime" and b"application/rdf+xml\0" in data[begin + 10 : end] + b"\0":
            yield number, "xmp"


def _locations(data: bytes, at: int, idat: int, wanted: dict[int, str]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Where the wanted items stand: each with the beginnings and lengths of its parts."""
    version = data[at]
    widths, more = data[at + 4], data[at + 5]
    form = ">I" if version == 2 else ">H"
    (count,) = struct.unpack_from(form, data, at + 6)
    at += 6 + struct.calcsize(form)
    for _ in range(min(count, MOST_ITEMS)):
        (number,) = struct.unpack_from(form, data, at)
        at += struct.calcsize(form)
        method = 0
        if version:
            (method,) = struct.unpack_from(">H", data, at)
            at += 2
        base, at = _number(data, at + 2, more >> 4)
        (parts,) = struct.unpack_from(">H", data, at)
        at += 2
        extents = []
        part_bytes = (widths >> 4) + (widths & 15) + (more & 15 if version else 0)
        for place in range(min(parts, MOST_EXTENTS)):
            here = at + place * part_bytes + (more & 15 if version else 0)
            offset, here = _number(data, here, widths >> 4)
            length, _ = _number(data, here, widths & 15)
            extents.append((base + offset + (idat if method & 15 == 1 else 0), length))
        at += parts * part_bytes
        if number in wanted:
            yield number, extents


def _number(data: bytes, at: int, width_bytes: int) -> tuple[int, int]:
    """The number at this place, and the place behind it."""
    return int.from_bytes(data[at : at + width_bytes]), at + width_bytes
