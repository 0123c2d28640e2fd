"""The directory of numbers (IFD) that TIFF begins with, and EXIF and MPF blocks inside other formats."""

import struct
from collections.abc import Iterator

ORIENTATION = 0x0112
PICTURES = 0xB001  # of an MPF block: how many pictures the file holds

MOST_ENTRIES = 1_000  # of one directory; real ones have fewer than a hundred
_SIZES = {3: "H", 4: "I"}  # short, long


def first_number(block: bytes, tag: int) -> int | None:
    """The number under `tag` in the first directory of a block that begins as TIFF does; None: there is none."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for at in range(start + 2, start + 2 + 12 * min(count, MOST_ENTRIES), 12):
            found, kind, _ = struct.unpack_from(f"{order}HHI", block, at)
            if found == tag and kind in _SIZES:
                (number,) = struct.unpack_from(order + _SIZES[kind], block, at + 8)
                return int(number)
    except struct.error:  # it leads past the end
        return None
    return None


def orientation(exif: bytes) -> int:
    """EXIF's 1 to 8, of a block with or without its heading; 1 where there is none that can be read."""
    found = first_number(exif.removeprefix(b"Exif\0\0"), ORIENTATION)
    return found if found in range(1, 9) else 1  # type: ignore[return-value]


def directories(data: bytes) -> Iterator[int]:
    """The positions of a TIFF file's directories, one a picture, until the chain ends, leads nowhere or back."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count_form, entry_bytes, next_form, at = ("Q", 20, "Q", 8) if big else ("H", 12, "I", 4)
    seen: set[int] = set()
    try:
        (start,) = struct.unpack_from(order + next_form, data, at)
        while start and start not in seen:
            seen.add(start)
            (count,) = struct.unpack_from(order + count_form, data, start)
            yield start
            following = start + struct.calcsize(count_form) + entry_bytes * count
            (start,) = struct.unpack_from(order + next_form, data, following)
    except (struct.error, OverflowError):  # it leads past the end
        return
