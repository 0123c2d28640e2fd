"""JPEG's quantisation tables (ITU-T T.81, B.2.4.1), which tell cameras and programs apart."""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

Said = tuple[str, str, str]
Table = tuple[int, ...]  # 64 steps, row by row

DIGEST_BYTES = 16
MOST_SEGMENT_BYTES = 4 * (1 + 128)  # four tables, which is as many as there can be, of two bytes a step

# Annex K.1, which the Independent JPEG Group's library scales to its qualities.
BRIGHTNESS: Table = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)
COLOUR: Table = (
    *(17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99),
    *(24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 32),
)


def _zigzag() -> tuple[int, ...]:
    """For each place row by row, where it stands in a file: along the diagonals, up and down in turn."""
    places = sorted(
        ((row, column) for row in range(8) for column in range(8)),
        key=lambda place: (sum(place), place[0] if sum(place) % 2 else place[1]),
    )
    order = {place: number for number, place in enumerate(places)}
    return tuple(order[row, column] for row in range(8) for column in range(8))


ZIGZAG = _zigzag()


def scaled(table: Table, quality: int) -> Table:
    """As the Independent JPEG Group's library does it, within a byte a step; quality 1 to 100."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(min(max((step * percent + 50) // 100, 1), 255) for step in table)


_QUALITIES: tuple[Mapping[Table, int], ...] = tuple(
    {scaled(table, quality): quality for quality in range(100, 0, -1)} for table in (BRIGHTNESS, COLOUR)
)


def read_quantisation(segments: Iterable[bytes]) -> Iterator[Said]:
    """Of the contents of a file's table segments (DQT) before its first scan."""
    return iter(_read(tuple(segment for segment in segments if len(segment) <= MOST_SEGMENT_BYTES)))


@lru_cache(maxsize=256)
def _read(segments: tuple[bytes, ...]) -> tuple[Said, ...]:
    """A camera writes the same ones into thousands of pictures."""
    tables: dict[int, Table] = {}
    for segment in segments:
        tables |= _tables(segment)
    if not tables:
        return ()
    said = [("quantisation.tables", digest(tables), "jpeg")]
    if estimate := quality_of(tables):
        said.append(("quantisation.quality", str(estimate), "jpeg"))
    return tuple(said)


def _tables(segment: bytes) -> dict[int, Table]:
    found: dict[int, Table] = {}
    at = 0
    while at < len(segment):
        precision, number = segment[at] >> 4, segment[at] & 15
        form = ">64H" if precision else ">64B"
        at += 1
        if precision > 1 or number > 3 or at + struct.calcsize(form) > len(segment):
            break
        steps = struct.unpack_from(form, segment, at)
        found[number] = tuple(steps[place] for place in ZIGZAG)
        at += struct.calcsize(form)
    return found


def digest(tables: Mapping[int, Table]) -> str:
    """The first 16 bytes of SHA-256, hexadecimal, over the tables by number: each its number (1 byte) and its steps row by
    row (2 bytes each, the higher first). The same however they are cut into segments, and with either precision."""
    content = b"".join(struct.pack(">B64H", number, *tables[number]) for number in sorted(tables))
    return hashlib.sha256(content).digest()[:DIGEST_BYTES].hex()


def quality_of(tables: Mapping[int, Table]) -> int | None:
    """That of the Independent JPEG Group's library where its tables are these exactly; None: made otherwise."""
    if not tables.keys() <= {0, 1} or 0 not in tables:
        return None
    found = {_QUALITIES[number].get(table) for number, table in tables.items()}
    return found.pop() if len(found) == 1 else None
