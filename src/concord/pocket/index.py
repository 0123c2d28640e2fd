"""Where in a journal the lines are: an open hash table in one array, 16 bytes a slot, at most two thirds of them in use.

A dict of the same would take over a hundred bytes a line, and a journal may have millions.
"""

from __future__ import annotations

from array import array
from hashlib import blake2b
from typing import Iterator  # noqa: UP035  Python 3.8

FIRST_SLOTS = 1 << 10  # a power of two, as it stays when it grows
KEY_BYTES = 8


def key_of(item: str, size: int | None, modified_ns: int | None) -> int:
    """Of 64 bits. Two files may share one: whoever looks up compares what the line says."""
    text = repr((item, size, modified_ns)).encode("utf-8", "backslashreplace")
    return int.from_bytes(blake2b(text, digest_size=KEY_BYTES).digest(), "big")


class Index:
    """From keys to places, which are byte numbers above 0."""

    def __init__(self) -> None:
        self._slots = _empty(FIRST_SLOTS)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def size_bytes(self) -> int:
        return len(self._slots) * self._slots.itemsize

    def get(self, key: int) -> int:
        """0: there is none."""
        return self._slots[2 * self._slot(key) + 1]

    def put(self, key: int, place: int) -> None:
        """In the place of the one before."""
        slot = self._slot(key)
        self._count += not self._slots[2 * slot + 1]
        self._slots[2 * slot], self._slots[2 * slot + 1] = key, place
        if 3 * self._count > len(self._slots):  # two entries a slot: two thirds are in use
            self._grow()

    def _slot(self, key: int) -> int:
        """Where the key is, or the free slot where it would be."""
        last = len(self._slots) // 2 - 1
        slot = key & last
        while self._slots[2 * slot + 1] and self._slots[2 * slot] != key:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        entries, self._slots, self._count = self._slots, _empty(len(self._slots)), 0
        for key, place in _pairs(entries):
            self.put(key, place)


def _empty(slots: int) -> array[int]:
    return array("Q", bytes(2 * 8 * slots))


def _pairs(entries: array[int]) -> Iterator[tuple[int, int]]:
    for number in range(0, len(entries), 2):
        if entries[number + 1]:
            yield entries[number], entries[number + 1]
