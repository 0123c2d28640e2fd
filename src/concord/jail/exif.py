"""EXIF (CIPA DC-008): what the camera said, and where and when. Tags that it has no word for are not looked at."""

import struct
from collections.abc import Iterator, Mapping

from concord.jail.maker_note import read_maker_note
from concord.jail.moment import exif_moment, gps_moment
from concord.jail.position import altitude, degrees, position
from concord.jail.tags import Block, Fields

Said = tuple[str, str, str]  # kind, text as it stands, source

MOST_DIRECTORIES = 8  # in a chain: the picture, its thumbnail; of a TIFF, its first pages

MAKE, MODEL, SOFTWARE, CHANGED = 0x010F, 0x0110, 0x0131, 0x0132
EXIF, GPS, MAKER_NOTE = 0x8769, 0x8825, 0x927C
MAIN_TEXTS = {MAKE: "camera.make", MODEL: "camera.model", SOFTWARE: "software"}
EXIF_TEXTS = {
    0xA420: "picture.id",
    0xA431: "camera.serial",
    0xA433: "lens.make",
    0xA434: "lens.model",
    0xA435: "lens.serial",
}
# Kind: the tags of the time, of parts of its second and of its offset from UTC. The first stands in the main directory.
TIMES = {
    "time.changed": (CHANGED, 0x9290, 0x9010),
    "time.taken": (0x9003, 0x9291, 0x9011),
    "time.digitised": (0x9004, 0x9292, 0x9012),
}
MAIN = frozenset({*MAIN_TEXTS, CHANGED, EXIF, GPS})
INNER = frozenset({*EXIF_TEXTS, MAKER_NOTE, *(tag for tags in TIMES.values() for tag in tags)})
PLACE = frozenset({*range(1, 8), 0x1D})


def read_exif(data: bytes) -> Iterator[Said]:
    """Of a block with or without its heading, or a whole TIFF file. Raises struct.error where it breaks off."""
    block = Block.of(data.removeprefix(b"Exif\0\0"))
    if block is None:
        return
    seen: set[int] = set()
    at = block.first()
    while at and at not in seen and len(seen) < MOST_DIRECTORIES:
        seen.add(at)
        fields, at = block.directory(at, MAIN)
        yield from _texts(fields, MAIN_TEXTS)
        inner = _inside(block, fields, EXIF, INNER)
        yield from _texts(inner, EXIF_TEXTS)
        yield from _times({**inner, **fields})
        if GPS in fields:
            yield from _place(_inside(block, fields, GPS, PLACE))
        if MAKER_NOTE in inner:
            make = fields[MAKE].text() if MAKE in fields else ""
            yield from read_maker_note(block, inner[MAKER_NOTE], make)


def _inside(block: Block, fields: Fields, tag: int, wanted: frozenset[int]) -> Fields:
    """The directory that a field leads to; empty where there is none."""
    at = fields[tag].number() if tag in fields else None
    try:
        return block.directory(at, wanted)[0] if at else {}
    except struct.error:  # the others are still there to be read
        return {}


def _texts(fields: Fields, kinds: Mapping[int, str]) -> Iterator[Said]:
    for tag, kind in kinds.items():
        if tag in fields:
            yield kind, fields[tag].text(), "exif"


def _times(fields: Fields) -> Iterator[Said]:
    for kind, tags in TIMES.items():
        text, parts, offset = [fields[tag].text() if tag in fields else None for tag in tags]
        if text and (when := exif_moment(text, parts, offset)):
            yield kind, when, "exif"


def _place(fields: Fields) -> Iterator[Said]:
    if {0x01, 0x02, 0x03, 0x04} <= fields.keys():
        latitude = degrees(fields[0x02].numbers(), fields[0x01].text())
        longitude = degrees(fields[0x04].numbers(), fields[0x03].text())
        if where := position(latitude, longitude):
            yield "gps.position", where, "exif"
    if 0x06 in fields:
        below = 0x05 in fields and fields[0x05].raw[:1] == b"\1"
        if height := altitude(fields[0x06].numbers()[0], below=below) if fields[0x06].numbers() else None:
            yield "gps.altitude", height, "exif"
    if 0x07 in fields and 0x1D in fields and (when := gps_moment(fields[0x1D].text(), fields[0x07].numbers())):
        yield "gps.time", when, "exif"
