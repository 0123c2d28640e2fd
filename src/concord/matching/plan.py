"""Which tables to ask, and how near: the general pigeonhole principle, and what it costs. Nothing is read here."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from concord.matching.index import MAX_RADIUS
from concord.matching.layout import Layout

# How many bits each chunk may differ when its table is asked; NOWHERE leaves a table out. When the sum of (reach + 1) is
# radius + 1, every entry within the radius is within reach of some table: were each of its chunks beyond, they would
# differ by at least the sum of (reach + 1) bits together.
Reach = tuple[int, ...]
NOWHERE = -1
MOST_REACH = 4  # the number of keys grows tenfold with each bit; beyond this a scan of 100 million entries is no slower
_MOST_UNITS = MOST_REACH + 1  # a unit is one bit more of reach: none leaves the table out, one asks it for the very key
_NEVER = float("inf")
# Row s, column u: where, behind _MOST_UNITS places of no use, what stood at s - u is found.
_BEFORE = np.arange(MAX_RADIUS + 2)[:, None] - np.arange(_MOST_UNITS + 1) + _MOST_UNITS


@dataclass(frozen=True, slots=True)
class Costs:
    """Nanoseconds, as measured (docs/benchmarks-hamming.md). A wrong one is as exact and only slower."""

    question: float  # of asking tables at all
    bucket: float
    entry: float  # in a bucket
    plan: float
    compared: float  # an entry of a scan

    def asking(self, buckets: float, entries: float) -> float:
        return self.question + buckets * self.bucket + entries * self.entry

    def expected(self, layout: Layout, reach: Reach) -> float:
        """Of asking when hashes are spread evenly."""
        keys = [keys_within(table.width, bits) for table, bits in zip(layout.tables, reach, strict=True)]
        entries = sum(count * layout.entries / table.buckets for table, count in zip(layout.tables, keys, strict=True))
        return self.asking(sum(keys), entries)


def even_reach(chunks: int, radius: int) -> Reach | None:
    """The radius shared out evenly: what is cheapest when hashes are spread evenly. None when it takes too much."""
    if not chunks:
        return None
    share, over = divmod(radius + 1, chunks)  # the first chunks are the wider ones, whose buckets are smaller
    reach = tuple(share + (number < over) - 1 for number in range(chunks))
    return reach if reach[0] <= MOST_REACH else None


def keys_within(width: int, reach: int) -> int:
    return sum(comb(width, bits) for bits in range(reach + 1))


@lru_cache(maxsize=64)
def flips(width: int, bits: int) -> NDArray[np.int64]:
    """What turns a key of `width` bits into each of those that differ from it by exactly `bits`."""
    places = list(combinations((1 << place for place in range(width)), bits))
    flipped: NDArray[np.int64] = np.array(places, np.int64).reshape(len(places), bits).sum(axis=1)
    return flipped


def cheaper_reach(
    costs: Costs, layout: Layout, radius: int, known: Reach, sizes: Sequence[Sequence[int]]
) -> Reach | None:
    """Real hashes are not spread evenly: near a common pattern some buckets are huge. A cheaper reach for one question.

    `sizes` says for each table how many entries the buckets hold that differ from the question's key by 0, 1, ... bits,
    up to the reach `known`; what lies beyond is guessed from them. None when there is nothing cheaper.
    """
    # A dynamic programme: the least cost of spending so many units on the tables so far, and the last one's share.
    best = np.full(radius + 2, _NEVER)
    best[0] = 0
    shares = []
    for number, read in enumerate(sizes):
        totals = np.concatenate((np.full(_MOST_UNITS, _NEVER), best))[_BEFORE[: radius + 2]]
        totals += _table_costs(costs, layout, number, read)
        shares.append(totals.argmin(axis=1))
        best = totals.min(axis=1)
    buckets = sum(keys_within(table.width, bits) for table, bits in zip(layout.tables, known, strict=True))
    if costs.question + best[radius + 1] >= costs.asking(buckets, sum(map(sum, sizes))):
        return None
    reach, left = list[int](), radius + 1
    for share in reversed(shares):
        units = int(share[left])
        reach.append(units - 1)
        left -= units
    return tuple(reversed(reach))


def _table_costs(costs: Costs, layout: Layout, number: int, read: Sequence[int]) -> list[float]:
    """What each number of units costs at one table. One step beyond what was read is guessed: buckets shrink with the
    distance from a crowded key as they did one step before, down to the usual size."""
    table = layout.tables[number]
    size = before = usual = layout.entries / table.buckets  # of a bucket
    found = [0.0]
    for bits in range(min(len(read) + 1, _MOST_UNITS)):
        keys = comb(table.width, bits)
        guess = max(usual, size * min(1.0, size / before)) if before else usual
        before, size = size, read[bits] / keys if bits < len(read) else guess
        found.append(found[-1] + keys * (costs.bucket + costs.entry * size))
    return found + [_NEVER] * (_MOST_UNITS + 1 - len(found))
