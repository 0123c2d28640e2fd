"""The rows of a segment: how they lie in a file, and the scan over them that needs nothing compiled.

A segment begins with three columns, each at a multiple of 64 bytes: ids, first halves, second halves of the hashes.
What follows, if anything, are tables (`layout`); whoever cannot use them scans the columns.

Hashes are stored with their bits in another order, which spreads the correlated neighbours of a picture's hash over
all chunks. Distances do not depend on the order as long as a question is put into it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concord.matching.index import HASH_BYTES, Hits
from concord.matching.reference import ENTRIES_AT_ONCE

SECTION_BYTES = 64
PERMUTATION = 1  # what a file says of the order below; it is fixed for ever
_BITS = 8 * HASH_BYTES
_ORDER = np.arange(_BITS) * 159 % _BITS  # bit p of a stored hash is this bit of the given one
_BACK = np.argsort(_ORDER)
_REORDERED_AT_ONCE = 4096  # hashes: a byte for each of their bits, twice, fits in a second-level cache


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
            begin += padded(8 * width * entries)
        return cls(*columns)

    def hashes(self, positions: slice | NDArray[np.intp]) -> NDArray[np.uint8]:
        """uint8[k, 32], in stored order."""
        return np.hstack((self.first[positions], self.second[positions])).view(np.uint8)

    def words(self, block: slice) -> tuple[NDArray[np.uint64], ...]:
        """The four words of the hashes of a block, uint64[k] each."""
        first, second = self.first[block], self.second[block]
        return first[:, 0], first[:, 1], second[:, 0], second[:, 1]

    def holding(self, ids: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Positions of the entries with one of these ascending ids."""
        blocks = range(0, len(self.ids), ENTRIES_AT_ONCE)
        found = [np.flatnonzero(among(self.ids[at : at + ENTRIES_AT_ONCE], ids)) + at for at in blocks]
        return np.concatenate([np.empty(0, np.intp), *found])

    def within(self, questions: NDArray[np.uint8], radius: int) -> Pairs:
        """Scans all entries for uint8[m, 32] questions as given."""
        wanted, candidates = stored(questions).view("<u8"), _Candidates()
        found = [(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.uint8))]
        for begin in range(0, len(self.ids), ENTRIES_AT_ONCE):
            first = self.first[begin : begin + ENTRIES_AT_ONCE]
            for number, question in enumerate(wanted):
                near, halfway = candidates.within(first, question, radius)
                if len(near):
                    positions, distances = self.settled(near + begin, halfway, question, radius)
                    found.append((np.full(len(positions), number, np.int64), self.ids[positions], distances))
        return Pairs.of(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def settled(
        self, positions: NDArray[np.intp], halfway: NDArray[np.uint8], question: NDArray[np.uint64], radius: int
    ) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Those of the entries that are within the radius of uint64[4] altogether, and their distances.

        `halfway` are the distances of their first halves, which are within it: MAX_RADIUS at most, so that no sum can
        pass the 255 of uint8.
        """
        second = np.bitwise_count(self.second.take(positions, axis=0) ^ question[2:])
        distances = halfway + second[:, 0] + second[:, 1]
        within = distances <= radius
        return positions[within], distances[within]


class _Candidates:
    """A scan's intermediate arrays, made once: made anew for each block they would push one another out of the caches."""

    def __init__(self) -> None:
        self._words = np.empty(ENTRIES_AT_ONCE, np.uint64)
        self._counts = np.empty((2, ENTRIES_AT_ONCE), np.uint8)

    def within(
        self, first: NDArray[np.uint64], question: NDArray[np.uint64], radius: int
    ) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Those of uint64[n, 2] first halves that are within the radius, and their distances."""
        words, counts = self._words[: len(first)], self._counts[:, : len(first)]
        for number in (0, 1):
            np.bitwise_xor(first[:, number], question[number], out=words)
            np.bitwise_count(words, out=counts[number])
        np.add(counts[0], counts[1], out=counts[0])
        positions = np.flatnonzero(counts[0] <= radius)
        return positions, counts[0][positions]


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
    return sum(padded(8 * width * entries) for width in (1, 2, 2))


def stored(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8[n, 32] in the order of bits that segments keep."""
    return _reordered(hashes, _ORDER)


def restored(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """And back."""
    return _reordered(hashes, _BACK)


def _reordered(hashes: NDArray[np.uint8], order: NDArray[np.intp]) -> NDArray[np.uint8]:
    if len(hashes) > _REORDERED_AT_ONCE:
        blocks = range(0, len(hashes), _REORDERED_AT_ONCE)
        return np.concatenate([_reordered(hashes[at : at + _REORDERED_AT_ONCE], order) for at in blocks])
    bits = np.unpackbits(hashes, axis=1, bitorder="little")
    return np.packbits(np.take(bits, order, axis=1), axis=1, bitorder="little")


def padded(size_bytes: int) -> int:
    """With what fills it up to where the next section begins."""
    return -size_bytes % SECTION_BYTES + size_bytes
