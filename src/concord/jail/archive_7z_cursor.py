"""The numbers and bits of a 7z archive's list. Source: 7zFormat.txt of the LZMA SDK."""

from array import array
from collections.abc import Generator
from typing import TypeVar

from concord.config import Limits
from concord.errors import ArchiveLimit
from concord.jail.archive_entry import Damage
from concord.jail.picture import NO_ITEM

PROGRESS = 1 << 16  # numbers between two signs of life

Made = TypeVar("Made")
Slowly = Generator[None, None, Made]  # yields now and then that there is work being done, and returns


def bit(bits: bytes, place: int) -> bool:
    return place >> 3 < len(bits) and bool(bits[place >> 3] & (0x80 >> (place & 7)))


def unknown(part: int) -> Damage:
    return Damage(f"its list has an unknown part ({part})")


class Cursor:
    """Goes through a list. Raises Damage where it ends too early."""

    def __init__(self, text: bytes | bytearray, limits: Limits) -> None:
        self._text, self.at, self._limits = text, 0, limits

    def take(self, count: int) -> bytes:
        if count > len(self._text) - self.at:
            raise Damage("its list breaks off")
        self.at += count
        return bytes(self._text[self.at - count : self.at])

    def passes(self, expected: bytes) -> bool:
        """Whether these bytes come next; then they are behind it."""
        if not self._text.startswith(expected, self.at):
            return False
        self.at += len(expected)
        return True

    def since(self, start: int) -> bytes:
        return bytes(self._text[start : self.at])

    def byte(self) -> int:
        if self.at >= len(self._text):
            raise Damage("its list breaks off")
        self.at += 1
        return self._text[self.at - 1]

    def expect(self, byte: int) -> None:
        if (found := self.byte()) != byte:
            raise unknown(found)

    def number(self) -> int:
        """Of 1 to 9 bytes: as many ones as its first byte begins with, so many bytes follow, the lowest first."""
        first, value = self.byte(), 0
        if first < 0x80:  # most are
            return first
        for place in range(8):
            if not first & (0x80 >> place):
                return value | (first & (0x7F >> place)) << 8 * place
            value |= self.byte() << 8 * place
        return value

    def within(self, least: int, most: int) -> int:
        if not least <= (number := self.number()) <= most:
            raise Damage("a block of it is impossible")
        return number

    def count(self) -> int:
        """Of what takes at least a byte each."""
        self.check_count(count := self.number())
        if count > len(self._text) - self.at:
            raise Damage("its list breaks off")
        return count

    def check_count(self, count: int) -> None:
        if count > self._limits.archive_members:
            raise ArchiveLimit(item=NO_ITEM, limit="archive_members", most=self._limits.archive_members)

    def numbers(self, count: int) -> "Slowly[array[int]]":
        numbers = array("Q")
        for place in range(count):
            numbers.append(self.number())
            if place % PROGRESS == 0:
                yield None
        return numbers

    def crcs(self, count: int) -> Slowly[list[int | None]]:
        """Of all, or of those that bits name."""
        bits = b"" if self.byte() else self.take((count + 7) // 8)
        crcs: list[int | None] = []
        for place in range(count):
            crcs.append(int.from_bytes(self.take(4), "little") if not bits or bit(bits, place) else None)
            if place % PROGRESS == 0:
                yield None
        return crcs
