"""IPTC (IIM 4.2), as it stands in pictures inside the image resources of Photoshop, and those themselves."""

import struct
from collections.abc import Iterator

from concord.jail.moment import iptc_moment
from concord.jail.tags import text_of

Said = tuple[str, str, str]
Dataset = tuple[int, int]  # record and number

MOST_RESOURCES = 1_000
MOST_DATASETS = 2_000

RESOURCE_IPTC, RESOURCE_EXIF, RESOURCE_XMP = 0x0404, 0x0422, 0x0424

UNIQUE_NAME, DOCUMENT_ID = (1, 100), (2, 187)
PROGRAM, VERSION = (2, 65), (2, 70)
TIMES = {"time.taken": ((2, 55), (2, 60)), "time.digitised": ((2, 62), (2, 63))}
WANTED = frozenset({UNIQUE_NAME, DOCUMENT_ID, PROGRAM, VERSION, *(one for pair in TIMES.values() for one in pair)})


def read_iptc(block: bytes) -> Iterator[Said]:
    texts: dict[Dataset, str] = {}
    for dataset, raw in _datasets(block):
        if dataset in WANTED:
            texts.setdefault(dataset, text_of(raw))
    for dataset in (UNIQUE_NAME, DOCUMENT_ID):
        if dataset in texts:
            yield "document.id", texts[dataset], "iptc"
    if PROGRAM in texts:
        yield "software", f"{texts[PROGRAM]} {texts.get(VERSION, '')}", "iptc"
    for kind, (date, time) in TIMES.items():
        if date in texts and (when := iptc_moment(texts[date], texts.get(time))):
            yield kind, when, "iptc"


def _datasets(block: bytes) -> Iterator[tuple[Dataset, bytes]]:
    """Those of a common length, until the block ends or makes no sense."""
    at = 0
    for _ in range(MOST_DATASETS):
        if block[at : at + 1] != b"\x1c" or at + 5 > len(block):
            return
        record, number, length = struct.unpack_from(">BBH", block, at + 1)
        at += 5
        if length & 0x8000 or at + length > len(block):  # the length of a length: pictures inside, nothing for us
            return
        yield (record, number), block[at : at + length]
        at += length


def resources(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Photoshop's image resources, each with its number, until they end or make no sense."""
    at = 0
    for _ in range(MOST_RESOURCES):
        if data[at : at + 4] != b"8BIM" or at + 12 > len(data):
            return
        (number,) = struct.unpack_from(">H", data, at + 4)
        at += 6 + (data[at + 6] + 2 & ~1)  # the name with its length, even
        if at + 4 > len(data):
            return
        (length,) = struct.unpack_from(">I", data, at)
        yield number, data[at + 4 : at + 4 + length]
        at += 4 + length + length % 2
