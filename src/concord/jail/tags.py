"""Directories of tagged fields (TIFF 6.0, section 2), as EXIF and makers' notes are written: read where they stand, each
at most once and never past the end."""

import math
import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple, Self

MOST_ENTRIES = 1_000  # of one directory; real ones have fewer than a hundred
MOST_FIELD_BYTES = 1 << 20
MOST_TEXT_BYTES = 2_000  # what is longer is no identifier, and takes its time to read
MOST_NUMBERS_BYTES = 64

ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SIGNED_RATIONAL, DIRECTORY = 2, 3, 4, 5, 7, 10, 13
_SIZES_BYTES = {1: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, SIGNED_RATIONAL: 8, DIRECTORY: 4}
_TEXTS = (1, ASCII, UNDEFINED)
_WHOLE = {1: "B", SHORT: "H", LONG: "I", DIRECTORY: "I"}
_PAIRS = {RATIONAL: "I", SIGNED_RATIONAL: "i"}
_COUNT, _POSITION, _ENTRY = ({order: struct.Struct(order + form) for order in "<>"} for form in ("H", "I", "HHI4x"))


class Field(NamedTuple):  # which is made three times as fast as a dataclass, some twenty times a picture
    kind: int
    order: str
    start: int  # in the block's data
    raw: bytes

    def text(self) -> str:
        """Up to the first zero; empty where it is no text, or too long a one."""
        if self.kind not in _TEXTS or len(self.raw) > MOST_TEXT_BYTES:
            return ""
        return text_of(self.raw.split(b"\0", 1)[0])

    def numbers(self) -> tuple[float, ...]:
        """A fraction without a denominator is not a number (nan); empty where there are none, or too many."""
        if len(self.raw) > MOST_NUMBERS_BYTES:
            return ()
        if form := _WHOLE.get(self.kind):
            return struct.unpack(f"{self.order}{len(self.raw) // struct.calcsize(form)}{form}", self.raw)
        if form := _PAIRS.get(self.kind):
            halves = struct.unpack(f"{self.order}{len(self.raw) // 4}{form}", self.raw)
            pairs = zip(halves[::2], halves[1::2], strict=True)
            return tuple([above / below if below else math.nan for above, below in pairs])
        return ()

    def number(self) -> int | None:
        """The first, where it is whole."""
        numbers = self.numbers()
        return int(numbers[0]) if self.kind in _WHOLE and numbers else None


Fields = dict[int, Field]


@dataclass(frozen=True, slots=True)
class Block:
    """Positions in it count from `base`."""

    data: bytes
    order: str  # "<" or ">"
    base: int = 0

    @classmethod
    def of(cls, data: bytes) -> Self | None:
        """What begins as a TIFF file of 32 bits does; None: it is not one."""
        order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
        return cls(data, order) if order else None

    def first(self) -> int:
        """Where the first directory stands. Raises struct.error."""
        (start,) = _POSITION[self.order].unpack_from(self.data, self.base + 4)
        return int(start)

    def directory(self, at: int, wanted: Collection[int]) -> tuple[Fields, int]:
        """Its wanted fields that are whole, of each the first; and where the next directory stands, 0: nowhere. Raises
        struct.error where it leads past the end."""
        at += self.base
        (count,) = _COUNT[self.order].unpack_from(self.data, at)
        stop = at + 2 + 12 * min(count, MOST_ENTRIES, (len(self.data) - at - 2) // 12)
        found: Fields = {}
        value_at = at + 10
        for tag, kind, length in _ENTRY[self.order].iter_unpack(self.data[at + 2 : stop]):
            if tag in wanted and tag not in found and (field := self._field(kind, length, value_at)):
                found[tag] = field
            value_at += 12
        after = at + 2 + 12 * count
        following = self.data[after : after + 4]
        return found, _POSITION[self.order].unpack(following)[0] if len(following) == 4 else 0

    def _field(self, kind: int, length: int, at: int) -> Field | None:
        size_bytes = _SIZES_BYTES.get(kind, 0) * length
        if not 0 < size_bytes <= MOST_FIELD_BYTES:
            return None
        if size_bytes > 4:
            (at,) = _POSITION[self.order].unpack_from(self.data, at)
            at += self.base
        raw = self.data[at : at + size_bytes]
        return Field(kind, self.order, at, raw) if len(raw) == size_bytes else None


def text_of(raw: bytes) -> str:
    """UTF-8, as most programs write it nowadays, or else Latin-1, which everything can be read as."""
    if len(raw) > MOST_TEXT_BYTES:
        return ""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
