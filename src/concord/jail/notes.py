"""Where in a file the notes about it stand, format by format. Nothing is decoded for it, so a damaged picture still says
what it can."""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from concord.jail.boxes import item_notes, uuid_notes
from concord.jail.iptc import RESOURCE_EXIF, RESOURCE_IPTC, RESOURCE_XMP, resources
from concord.jail.jpeg import segments
from concord.jail.png import chunks
from concord.jail.tags import Block

Note = tuple[str, bytes]  # "exif", "xmp", "iptc", or "tables" for a segment of quantisation tables

MOST_NOTES = 32  # of one file; a hostile one has thousands
MOST_CHUNKS = 20_000
MOST_UNPACKED_BYTES = 1 << 20  # of a packed note

_JPEG_HEADS = {  # by the segment's marker
    0xE1: ((b"Exif\0\0", "exif"), (b"http://ns.adobe.com/xap/1.0/\0", "xmp")),
    0xED: ((b"Photoshop 3.0\0", "resources"),),
    0xDB: ((b"", "tables"),),
}
_RESOURCES = {RESOURCE_IPTC: "iptc", RESOURCE_EXIF: "exif", RESOURCE_XMP: "xmp"}
_TIFF_TAGS = {700: "xmp", 33723: "iptc", 34377: "resources"}


def notes_in(begins_as: str | None, data: bytes) -> Iterator[Note]:
    """Raises struct.error, zlib.error or LookupError where the file breaks off."""
    places = PLACES.get(begins_as or "")
    return islice(places(data), MOST_NOTES) if places else iter(())


def _opened(kind: str, content: bytes) -> Iterator[Note]:
    if kind != "resources":
        yield kind, content
        return
    for number, inner in resources(content):
        if number in _RESOURCES:
            yield _RESOURCES[number], inner


def _in_jpeg(data: bytes) -> Iterator[Note]:
    pieces: list[bytes] = []  # of the resources, which may be longer than a segment
    for marker, start, stop in segments(data):
        for head, kind in _JPEG_HEADS.get(marker, ()):
            if data.startswith(head, start):
                content = data[start + len(head) : stop]
                if kind == "resources":
                    pieces.append(content)
                else:
                    yield kind, content
    if pieces:
        yield from _opened("resources", b"".join(pieces))


def _in_tiff(data: bytes) -> Iterator[Note]:
    yield "exif", data
    if block := Block.of(data):
        fields, _ = block.directory(block.first(), _TIFF_TAGS)
        for tag, field in fields.items():
            yield from _opened(_TIFF_TAGS[tag], field.raw)


def _in_png(data: bytes) -> Iterator[Note]:
    for name, start, stop in islice(chunks(data), MOST_CHUNKS):
        content = data[start + 8 : max(start + 8, stop - 4)] if name in (b"eXIf", b"iTXt", b"tEXt", b"zTXt") else b""
        if name == b"eXIf":
            yield "exif", content
        elif content:
            yield from _in_text(name, content)


def _in_text(name: bytes, content: bytes) -> Iterator[Note]:
    """XMP has its keyword; ImageMagick and those who follow it write notes of every kind as hexadecimal text."""
    keyword, _, rest = content.partition(b"\0")
    kind = _PNG_KEYWORDS.get(keyword)
    if kind is None:
        return
    if name == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
    else:
        packed, rest = name == b"zTXt", rest[1:] if name == b"zTXt" else rest
    text = zlib.decompressobj().decompress(rest, MOST_UNPACKED_BYTES) if packed else rest
    if keyword == _PNG_XMP:
        yield kind, text
    elif found := _RAW_PROFILE.fullmatch(text):
        yield from _opened("resources" if found[1].startswith(b"8BIM".hex().encode()) else kind, _bytes(found[1]))


_PNG_XMP = b"XML:com.adobe.xmp"
_PNG_KEYWORDS = {
    _PNG_XMP: "xmp",
    b"Raw profile type exif": "exif",
    b"Raw profile type APP1": "exif",
    b"Raw profile type iptc": "iptc",
    b"Raw profile type xmp": "xmp",
}
_RAW_PROFILE = re.compile(rb"\s*+\w++\s++\d++\s++([0-9a-fA-F\s]++)")  # what has matched is not tried again


def _bytes(hexadecimal: bytes) -> bytes:
    digits = b"".join(hexadecimal.split())
    return bytes.fromhex(digits[: len(digits) & ~1].decode())


def _in_webp(data: bytes) -> Iterator[Note]:
    at = 12
    for _ in range(MOST_CHUNKS):
        if at + 8 > len(data):
            return
        name, length = struct.unpack_from("<4sI", data, at)
        if kind := {b"EXIF": "exif", b"XMP ": "xmp"}.get(name):
            yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _in_psd(data: bytes) -> Iterator[Note]:
    (colours,) = struct.unpack_from(">I", data, 26)
    (length,) = struct.unpack_from(">I", data, 30 + colours)
    yield from _opened("resources", data[34 + colours : 34 + colours + length])


PLACES: Mapping[str, Callable[[bytes], Iterator[Note]]] = MappingProxyType(
    {
        "avif": item_notes,
        "heif": item_notes,
        "jpeg": _in_jpeg,
        "jpeg2000": uuid_notes,
        "png": _in_png,
        "psd": _in_psd,
        "tiff": _in_tiff,
        "webp": _in_webp,
    }
)
