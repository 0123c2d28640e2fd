"""The index in plain NumPy: what every other engine must equal. Where the native
part is missing it also scans what is not in a segment yet.

Entries are stored by column, word w of all hashes side by side. A scan settles nearly every entry by its first two
words: in two hashes within the radius those never differ by more than the radius, in two unrelated ones nearly always
(2 in 1,000,000,000 random pairs are within 31 bits there).
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concord.matching.index import HASH_BYTES, RADIUS, Hits, Stats, checked_hashes, checked_ids, checked_radius

WORDS = HASH_BYTES // 8
QUESTIONS_AT_ONCE = 1024  # between two blocks of questions a signal is heard
ENTRIES_AT_ONCE = 1 << 15  # two columns of them fit in a second-level cache, and so do NumPy's intermediate arrays
SMALLEST_GROWTH = 1024  # entries


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """The entries at one moment. Beyond `count` the arrays have room that only the next writer touches."""

    count: int
    ids: NDArray[np.uint64]  # [capacity]
    words: NDArray[np.uint64]  # [WORDS, capacity]

    @classmethod
    def with_room(cls, capacity: int) -> Self:
        return cls(0, np.empty(capacity, np.uint64), np.empty((WORDS, capacity), np.uint64))

    @property
    def capacity(self) -> int:
        return len(self.ids)

    def extended(self, ids: NDArray[np.uint64], words: NDArray[np.uint64]) -> Self:
        """Puts uint64[n] ids and uint64[WORDS, n] words behind the present ones, in place where there is room."""
        count, capacity = self.count + len(ids), len(self.ids)
        room = self if count <= capacity else self._moved(max(count, 2 * capacity, SMALLEST_GROWTH))
        room.ids[self.count : count] = ids
        room.words[:, self.count : count] = words
        return type(self)(count, room.ids, room.words)

    def kept(self, positions: NDArray[np.intp]) -> Self:
        return type(self)(len(positions), self.ids[positions], self.words.take(positions, axis=1))

    def trimmed(self) -> Self:
        return self if self.count == self.capacity else self._moved(self.count)

    def _moved(self, capacity: int) -> Self:
        room = self.with_room(capacity)
        return room.extended(self.ids[: self.count], self.words[:, : self.count])


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Pairs of a question and an entry within the radius, in any order: three columns of equal length."""

    questions: NDArray[np.int64]
    positions: NDArray[np.int64]
    distances: NDArray[np.uint8]


class ReferenceIndex:
    """See `Index` for the contract. A subclass with a faster scan overrides `within` and `engine`.

    Threads: a search takes the current `Entries` once, in one reference. A writer holds the lock, writes where no
    `Entries` published so far looks, into the room behind the last entry or into new arrays, and then publishes a new
    `Entries`. So readers never wait, and see a change wholly or not at all.
    """

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._entries = Entries.with_room(0)

    @property
    def engine(self) -> str:
        return "NumPy reference"

    def add(self, ids: NDArray[np.uint64], hashes: NDArray[np.uint8]) -> None:
        ids, hashes = checked_ids(ids), checked_hashes(hashes)
        if len(ids) != len(hashes):
            raise ValueError(f"as many ids as hashes are wanted, not {len(ids)} and {len(hashes)}")
        if len(ids):
            with self._writing:
                self._entries = self._entries.extended(ids, columns(hashes))

    def search(self, queries: NDArray[np.uint8], radius: int = RADIUS) -> Hits:
        questions, radius = checked_hashes(queries, "queries"), checked_radius(radius)
        entries = self._entries
        blocks = [
            _sorted(self.within(entries, block, radius), entries, len(block))
            for block in in_blocks(questions, QUESTIONS_AT_ONCE)
        ]
        return joined(blocks)

    def remove(self, ids: NDArray[np.uint64]) -> None:
        ids = checked_ids(ids)
        if not len(ids):
            return
        with self._writing:
            entries = self._entries
            staying = np.flatnonzero(np.isin(entries.ids[: entries.count], ids, invert=True))
            if len(staying) < entries.count:
                self._entries = entries.kept(staying)

    def seal(self) -> None:
        """Nothing to do: a scan needs no tables."""

    def compact(self) -> None:
        with self._writing:
            self._entries = self._entries.trimmed()

    def stats(self) -> Stats:
        entries = self._entries
        return Stats(self.engine, entries.count, entries.ids.nbytes + entries.words.nbytes)

    def __len__(self) -> int:
        return self._entries.count

    def within(self, entries: Entries, questions: NDArray[np.uint8], radius: int) -> Found:
        """All pairs of one of uint8[m, 32] questions and an entry that differ by `radius` bits or fewer."""
        wanted = columns(questions).T
        asked, positions, distances = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.uint8)]
        for begin in range(0, entries.count, ENTRIES_AT_ONCE):
            words = entries.words[:, begin : min(begin + ENTRIES_AT_ONCE, entries.count)]
            for number, question in enumerate(wanted):
                found, distance = near(words[:2], words[2:], question, radius)
                if len(found):
                    asked.append(np.full(len(found), number, np.int64))
                    positions.append(found + begin)
                    distances.append(distance)
        return Found(np.concatenate(asked), np.concatenate(positions), np.concatenate(distances))


def near(
    first: NDArray[np.uint64], second: NDArray[np.uint64], question: NDArray[np.uint64], radius: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Positions and distances of the entries within `radius` of uint64[WORDS], given as two halves, uint64[2, n] each.

    Counts are uint8: no sum can pass 255, since the second half is only added to a first half of at most MAX_RADIUS.
    """
    distances = _differing(first[0], question[0]) + _differing(first[1], question[1])
    candidates = np.flatnonzero(distances <= radius)
    rest = second[:, candidates]
    distances = distances[candidates] + _differing(rest[0], question[2]) + _differing(rest[1], question[3])
    within = distances <= radius
    return candidates[within].astype(np.int64, copy=False), distances[within]


def _differing(words: NDArray[np.uint64], word: np.uint64) -> NDArray[np.uint8]:
    counts: NDArray[np.uint8] = np.bitwise_count(words ^ word)
    return counts


def columns(hashes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """uint8[n, 32] as uint64[WORDS, n]. Byte order does not matter: only differing bits are ever counted."""
    return hashes.view(np.uint64).T


def in_blocks(questions: NDArray[np.uint8], size: int) -> Iterator[NDArray[np.uint8]]:
    for begin in range(0, len(questions), size):
        yield questions[begin : begin + size]


def _sorted(found: Found, entries: Entries, questions: int) -> Hits:
    ids = entries.ids[found.positions]
    order = np.lexsort((ids, found.distances, found.questions))
    counts = np.bincount(found.questions, minlength=questions)
    return Hits(np.concatenate(([0], np.cumsum(counts, dtype=np.int64))), ids[order], found.distances[order])


def joined(blocks: list[Hits]) -> Hits:
    if len(blocks) == 1:
        return blocks[0]
    counts = [np.diff(block.offsets) for block in blocks]
    return Hits(
        np.cumsum(np.concatenate([np.zeros(1, np.int64), *counts])),
        np.concatenate([np.empty(0, np.uint64), *(block.ids for block in blocks)]),
        np.concatenate([np.empty(0, np.uint8), *(block.distances for block in blocks)]),
    )
