"""The rows of a segment: how they lie in a file, and the search over them that needs nothing compiled.

A segment begins with three columns, each at a multiple of 64 bytes: ids, first halves, second halves of the hashes.
What follows, if anything, are the tables that native/segment.cpp makes; whoever cannot use them scans the columns.

Hashes are stored with their bits in another order, which spreads the correlated neighbours of a picture's hash over
all chunks. Distances do not depend on the order as long as a question is put into it too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concord.matching.index import HASH_BYTES, Hits
from concord.matching.reference import ENTRIES_AT_ONCE, Entries, Found, ReferenceIndex, near

SECTION_BYTES = 64
PERMUTATION = 1  # what a file says of the order below; it is fixed for ever
_BITS = 8 * HASH_BYTES
_ORDER = np.arange(_BITS) * 159 % _BITS  # bit p of a stored hash is this bit of the given one
_BACK = np.argsort(_ORDER)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Questions and entries within the radius of one another, sorted by question, distance, id."""

    questions: NDArray[np.int64]
    ids: NDArray[np.uint64]
    distances: NDArray[np.uint8]

    def kept(self, which: NDArray[np.bool_]) -> Self:
        return type(self)(self.questions[which], self.ids[which], self.distances[which])

    @classmethod
    def of_hits(cls, hits: Hits) -> Self:
        counts = np.diff(hits.offsets)
        return cls(np.repeat(np.arange(len(counts)), counts), hits.ids, hits.distances)

    def hits(self, questions: int) -> Hits:
        """Of so many questions."""
        return Hits(offsets(self.questions, questions), self.ids, self.distances)

    @classmethod
    def together(cls, found: Sequence[Self]) -> Self:
        """Those of several sets of entries."""
        return cls.of(
            np.concatenate([np.empty(0, np.int64), *(pairs.questions for pairs in found)]),
            np.concatenate([np.empty(0, np.uint64), *(pairs.ids for pairs in found)]),
            np.concatenate([np.empty(0, np.uint8), *(pairs.distances for pairs in found)]),
        )

    @classmethod
    def of(cls, questions: NDArray[np.int64], ids: NDArray[np.uint64], distances: NDArray[np.uint8]) -> Self:
        """From pairs in any order."""
        order = np.lexsort((ids, distances, questions))
        return cls(questions[order], ids[order], distances[order])


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The three columns of `n` entries, hashes as they are stored."""

    ids: NDArray[np.uint64]  # [n]
    first: NDArray[np.uint64]  # [n, 2]
    second: NDArray[np.uint64]  # [n, 2]

    @classmethod
    def over(cls, memory: NDArray[np.uint8], entries: int) -> Self:
        """Views of a segment's memory."""
        columns, begin = [], 0
        for width in (1, 2, 2):
            column = memory[begin : begin + 8 * width * entries].view("<u8")
            columns.append(column if width == 1 else column.reshape(entries, width))
            begin += _padded(8 * width * entries)
        return cls(*columns)

    def hashes(self, positions: slice | NDArray[np.intp]) -> NDArray[np.uint8]:
        """uint8[k, 32], in stored order."""
        return np.hstack((self.first[positions], self.second[positions])).view(np.uint8)

    def holding(self, ids: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Positions of the entries with one of these ascending ids."""
        blocks = range(0, len(self.ids), ENTRIES_AT_ONCE)
        found = [np.flatnonzero(among(self.ids[at : at + ENTRIES_AT_ONCE], ids)) + at for at in blocks]
        return np.concatenate([np.empty(0, np.intp), *found])

    def within(self, questions: NDArray[np.uint8], radius: int) -> Pairs:
        """Scans all entries for uint8[m, 32] questions as given."""
        wanted = stored(questions).view("<u8")
        found = [(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.uint8))]
        for begin in range(0, len(self.ids), ENTRIES_AT_ONCE):
            block = slice(begin, begin + ENTRIES_AT_ONCE)
            first, second = self.first[block].T, self.second[block].T
            for number, question in enumerate(wanted):
                positions, distances = near(first, second, question, radius)
                if len(positions):
                    found.append((np.full(len(positions), number, np.int64), self.ids[positions + begin], distances))
        return Pairs.of(*(np.concatenate(column) for column in zip(*found, strict=True)))


class RowsEngine:
    """Makes segments without tables, and scans the rows of any. See `Engine` for the contract."""

    def __init__(self) -> None:
        self._flat = ReferenceIndex()
        self.name = self._flat.engine

    def shape(self, entries: int) -> tuple[int, int]:
        return 0, rows_bytes(entries) + SECTION_BYTES

    def scan(self, entries: Entries, questions: NDArray[np.uint8], radius: int) -> Found:
        return self._flat.within(entries, questions, radius)

    def fill(
        self,
        memory: NDArray[np.uint8],
        chunks: int,  # noqa: ARG002  none: `shape` never asks for any
        hashes: NDArray[np.uint8],
        ids: NDArray[np.uint64],
        release: Callable[[], None],
    ) -> None:
        rows = Rows.over(memory, len(ids))
        rows.ids[:] = ids
        for begin in range(0, len(ids), ENTRIES_AT_ONCE):
            block = slice(begin, begin + ENTRIES_AT_ONCE)
            words = stored(hashes[block]).view("<u8")
            rows.first[block], rows.second[block] = words[:, :2], words[:, 2:]
        release()

    def search(
        self,
        memory: NDArray[np.uint8],
        entries: int,
        chunks: int,  # noqa: ARG002  the rows lie the same with any
        questions: NDArray[np.uint8],
        radius: int,
    ) -> Hits:
        return Rows.over(memory, entries).within(questions, radius).hits(len(questions))

    def restored(self, hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return restored(hashes)


def among(ids: NDArray[np.uint64], ascending: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of the ids are among others; np.isin would sort these anew every time."""
    if not len(ascending):
        return np.zeros(len(ids), np.bool_)
    places = np.searchsorted(ascending, ids)
    found: NDArray[np.bool_] = ascending[np.minimum(places, len(ascending) - 1)] == ids
    return found


def offsets(questions: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Where the pairs of each of so many questions begin, which are sorted by question, and where the last ones end."""
    if count == 1:  # by far the most frequent
        return np.array((0, len(questions)), np.int64)
    return np.searchsorted(questions, np.arange(count + 1)).astype(np.int64, copy=False)


def rows_bytes(entries: int) -> int:
    """Where the tables begin."""
    return sum(_padded(8 * width * entries) for width in (1, 2, 2))


def stored(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8[n, 32] in the order of bits that segments keep."""
    return _reordered(hashes, _ORDER)


def restored(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """And back."""
    return _reordered(hashes, _BACK)


def _reordered(hashes: NDArray[np.uint8], order: NDArray[np.intp]) -> NDArray[np.uint8]:
    bits = np.unpackbits(hashes, axis=1, bitorder="little")
    return np.packbits(np.take(bits, order, axis=1), axis=1, bitorder="little")


def _padded(size: int) -> int:
    return -size % SECTION_BYTES + size
