"""Where the tables of a segment lie: docs/segment-format.md says it in words, native/segment.cpp in C++.

A hash is cut into chunks, and each chunk has a table from its value to the entries that hold it. Two hashes that differ
by few bits differ by very few in some chunk: whoever looks up the values near each chunk of a question meets every entry
near the question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from concord.matching.index import HASH_BYTES
from concord.matching.rows import SECTION_BYTES, padded, rows_bytes

LEAST_CHUNKS, MOST_CHUNKS = 11, 16
MOST_ENTRIES = 0xFFFFFFFF  # positions are of 32 bits
POSITION_BYTES = 4
_BITS = 8 * HASH_BYTES
_WORD_BITS = 64
# So many chunks serve up to so many entries best, as measured (docs/benchmarks-hamming.md); beyond the last, the least.
_CHUNKS_UP_TO = ((16_000, 0), ((1 << 22) + 1, 16), ((1 << 25) + 1, 13))
_MARK_BITS = 13  # of the number of a mark

# Said when tables point nowhere under a right checksum: the memory itself, or a forger.
DAMAGED = "the tables of a segment are damaged: it is scanned"


@dataclass(frozen=True, slots=True)
class Table:
    """Of one chunk. `starts` and `postings` count positions, of 4 bytes, from where the segment's memory begins."""

    bit: int  # where the chunk begins in a stored hash
    width: int  # bits
    starts: int
    postings: int  # entries are sorted by the first chunk: its table has none, a bucket holds the positions themselves

    @property
    def buckets(self) -> int:
        return 1 << self.width

    def keys(self, words: Sequence[NDArray[np.uint64]] | NDArray[np.uint64]) -> NDArray[np.int64]:
        """The chunk of each of n hashes, of which the four words are given as uint64[n], in stored order."""
        word, bit = divmod(self.bit, _WORD_BITS)
        values = words[word] >> np.uint64(bit)
        if bit + self.width > _WORD_BITS:
            values |= words[word + 1] << np.uint64(_WORD_BITS - bit)
        return (values & np.uint64(self.buckets - 1)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Layout:
    entries: int
    tables: tuple[Table, ...]
    marks: int  # where they begin, counted as in a table
    mark_count: int
    size_bytes: int

    @property
    def position_bits(self) -> int:
        """Of a posting; the rest of its 32 bits is the hint."""
        return max(0, self.entries - 1).bit_length()

    @property
    def run_bits(self) -> int:
        """A mark tells of 2 to the power of this entries."""
        return max(0, self.position_bits - _MARK_BITS)

    def next(self, number: int) -> Table:
        """Whose chunk the hints of a table hold a part of: round the ring of all but the first."""
        return self.tables[number + 1 if number + 1 < len(self.tables) else 1]


def chunks_for(entries: int) -> int:
    """How many serve best; 0: a scan does."""
    return next((chunks for below, chunks in _CHUNKS_UP_TO if entries < below), LEAST_CHUNKS)


def is_possible(entries: int, chunks: int) -> bool:
    return entries <= MOST_ENTRIES and (chunks == 0 or LEAST_CHUNKS <= chunks <= MOST_CHUNKS)


@lru_cache(maxsize=256)
def layout_of(entries: int, chunks: int) -> Layout:
    """Raises ValueError where no segment is so.

    Bits that are left over when chunks are equal widen the first chunks once there are entries for twice as many
    buckets; before that they lie in no chunk, which is as right and keeps the tables half as large.
    """
    if not is_possible(entries, chunks):
        raise ValueError(f"no segment has {entries} entries and {chunks} chunks")
    tables, bit, end = [], 0, rows_bytes(entries)
    for number in range(chunks):
        equal = _BITS // chunks
        width = equal + (number < _BITS % chunks and entries >> (equal + 1) != 0)
        postings = end + padded(((1 << width) + 1) * POSITION_BYTES)
        tables.append(Table(bit, width, end // POSITION_BYTES, postings // POSITION_BYTES))
        end = postings + padded(entries * POSITION_BYTES if number else 0)
        bit += width
    position_bits = max(0, entries - 1).bit_length()
    mark_count = 1 << min(position_bits, _MARK_BITS) if 0 < chunks < MOST_CHUNKS else 0
    marks, end = end // POSITION_BYTES, end + padded(mark_count * POSITION_BYTES)
    return Layout(
        entries, tuple(tables), marks, mark_count, end + SECTION_BYTES
    )  # native code may read a few positions too many
