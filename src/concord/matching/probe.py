"""Asking the tables of a segment in NumPy: each step is done for all buckets of a question at once.

Bounds of buckets, what they hold, first halves of those entries, second halves of the few that are left: four gatherings
from memory. Whatever the tables hold, nothing outside of the segment is read: an index that leads there is refused.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from concord.matching.layout import Layout, layout_of
from concord.matching.plan import Costs, Reach, cheaper_reach, even_reach, flips
from concord.matching.rows import Rows

CANDIDATES_AT_ONCE = 1 << 16  # entries gathered together: they and what is made of them take some megabytes
_SKEWED = 1.5  # a plan is made where asking costs so many times what is usual that it may pay for itself


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """The `k` keys within reach of a question's own keys, those of all tables one after another."""

    reach: Reach
    table: NDArray[np.intp]  # [k]
    flip: NDArray[np.int64]  # [k]: what makes it of the question's key
    start: NDArray[np.int64]  # [k]: where its table's starts are
    posting: NDArray[np.int64]  # [k]: where its table's postings are; 0 for the first, whose buckets hold positions
    sorted: int  # how many are of the first table
    groups: NDArray[np.intp]  # where those begin that differ by 0, 1, ... bits, table after table

    @classmethod
    def of(cls, layout: Layout, reach: Reach) -> Self:
        asked = [(number, bits) for number, most in enumerate(reach) for bits in range(most + 1)]
        turned = [flips(layout.tables[number].width, bits) for number, bits in asked]
        counts = [len(some) for some in turned]
        table = np.repeat(np.array([number for number, _ in asked], np.intp), counts)
        return cls(
            reach,
            table,
            np.concatenate(turned),
            np.array([each.starts for each in layout.tables])[table],
            np.array([0, *(each.postings for each in layout.tables[1:])])[table],
            int(np.searchsorted(table, 1)),
            np.concatenate(([0], np.cumsum(counts)[:-1])),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Of one question, in the order of the probes."""

    begins: NDArray[np.int64]  # of table 0: positions of entries; of others: where these stand
    sizes: NDArray[np.int64]
    sorted: int  # how many of them are of table 0

    def sizes_by_bits(self, probes: Probes) -> list[list[int]]:
        """How many entries the buckets hold that differ by 0, 1, ... bits: a list a table."""
        sums = iter(np.add.reduceat(self.sizes, probes.groups).tolist())
        return [[next(sums) for _ in range(most + 1)] for most in probes.reach]


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """What nearly every question within one radius asks of a segment, and when not."""

    layout: Layout
    radius: int
    costs: Costs
    probes: Probes
    skewed_ns: float  # a question that costs more is worth a plan of its own
    most_ns: float  # one that costs more is answered sooner by a scan


@lru_cache(maxsize=16)
def usual(entries: int, chunks: int, radius: int, costs: Costs) -> Usual | None:
    """None when a scan is expected to cost less. Raises ValueError where no segment is so."""
    layout, reach = layout_of(entries, chunks), even_reach(chunks, radius)
    if reach is None:
        return None
    expected_ns, most_ns = costs.expected(layout, reach), costs.compared * entries
    if expected_ns > most_ns:
        return None
    return Usual(layout, radius, costs, Probes.of(layout, reach), _SKEWED * expected_ns + costs.plan, most_ns)


class Prober:
    """Asks one segment."""

    def __init__(self, memory: NDArray[np.uint8], usual: Usual) -> None:
        self._usual, self._radius = usual, usual.radius
        self._rows, self._positions = Rows.over(memory, usual.layout.entries), memory.view("<u4")
        self._position_mask = np.uint32((1 << usual.layout.position_bits) - 1)  # above it is the hint

    def near(self, question: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.uint8]] | None:
        """Positions and distances of the entries near uint64[4], in stored order. None when a scan costs less.

        Raises IndexError for tables that no segment has.
        """
        usual, keys = self._usual, _keys(self._usual.layout, question)
        buckets = self._looked_up(usual.probes, keys)
        cost = self._cost(buckets)
        if cost > usual.skewed_ns:
            sizes = buckets.sizes_by_bits(usual.probes)
            reach = cheaper_reach(usual.costs, usual.layout, self._radius, usual.probes.reach, sizes)
            if reach is not None:
                buckets = self._looked_up(Probes.of(usual.layout, reach), keys)
                cost = self._cost(buckets)
        return self._compared(buckets, question) if cost <= usual.most_ns else None

    def _cost(self, buckets: Buckets) -> float:
        return self._usual.costs.asking(len(buckets.sizes), int(buckets.sizes.sum()))

    def _looked_up(self, probes: Probes, keys: NDArray[np.int64]) -> Buckets:
        at = keys[probes.table]
        at ^= probes.flip
        at += probes.start
        begins = self._positions.take(at).astype(np.int64)
        at += 1
        ends = self._positions.take(at).astype(np.int64)
        sizes = ends - begins
        if sizes.min() < 0 or ends.max() > self._usual.layout.entries:
            raise IndexError("a bucket ends before it begins, or beyond the last entry")
        begins += probes.posting
        return Buckets(begins, sizes, probes.sorted)

    def _compared(self, buckets: Buckets, question: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """An entry can be in several buckets: it counts once."""
        ends = np.cumsum(buckets.sizes)
        steps = [*range(0, int(ends[-1]), CANDIDATES_AT_ONCE), int(ends[-1])]
        found = [(np.empty(0, np.int64), np.empty(0, np.uint8))]
        found += [self._settled(self._entries(buckets, ends, *step), question) for step in pairwise(steps)]
        positions, distances = (np.concatenate(column) for column in zip(*found, strict=True))
        positions, places = np.unique(positions, return_index=True)
        return positions, distances[places]

    def _entries(self, buckets: Buckets, ends: NDArray[np.int64], begin: int, end: int) -> NDArray[np.int64]:
        """Positions of those entries from `begin` up to `end`, counted over all buckets, which end at `ends`."""
        touched = slice(int(np.searchsorted(ends, begin, "right")), int(np.searchsorted(ends, end, "left")) + 1)
        before = ends[touched] - buckets.sizes[touched]
        counts = np.minimum(ends[touched], end) - np.maximum(before, begin)
        places = np.repeat(buckets.begins[touched] - before, counts)
        places += np.arange(begin, end)
        direct = max(0, int(ends[buckets.sorted - 1]) - begin) if buckets.sorted else 0
        places[direct:] = self._positions.take(places[direct:]) & self._position_mask
        return places

    def _settled(
        self, entries: NDArray[np.int64], question: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """By first halves first: of unrelated hashes two in 1,000,000,000 are within the radius there."""
        first = self._rows.first.take(entries, axis=0)
        first ^= question[:2]
        counts = np.bitwise_count(first)
        halfway = counts[:, 0] + counts[:, 1]
        near = np.flatnonzero(halfway <= self._radius)
        return self._rows.settled(entries[near], halfway[near], question, self._radius)


def _keys(layout: Layout, question: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The question's own chunks. As one number they are had sooner than as arrays of one."""
    value = int.from_bytes(question.tobytes(), "little")
    return np.array([value >> table.bit & (table.buckets - 1) for table in layout.tables])
