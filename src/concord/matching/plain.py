"""Segments made and asked in NumPy alone: what serves where nothing was compiled. Same files, same answers."""

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from concord.matching.build import fill
from concord.matching.index import Hits
from concord.matching.layout import DAMAGED, chunks_for, layout_of
from concord.matching.plan import Costs
from concord.matching.probe import Prober, usual
from concord.matching.reference import Entries, Found, ReferenceIndex
from concord.matching.rows import Pairs, Rows, restored, stored

log = logging.getLogger(__name__)

MEASURED = Costs(question=85_000, bucket=30, entry=30, plan=300_000, compared=2.5)


class PlainEngine:
    """See `Engine` for the contract."""

    def __init__(self, costs: Costs = MEASURED) -> None:
        self._costs = costs
        self._flat = ReferenceIndex()
        self.name = self._flat.engine

    def shape(self, entries: int) -> tuple[int, int]:
        chunks = chunks_for(entries)
        return chunks, layout_of(entries, chunks).size_bytes

    def scan(self, entries: Entries, questions: NDArray[np.uint8], radius: int) -> Found:
        return self._flat.within(entries, questions, radius)

    def fill(
        self,
        memory: NDArray[np.uint8],
        chunks: int,
        hashes: NDArray[np.uint8],
        ids: NDArray[np.uint64],
        release: Callable[[], None],
    ) -> None:
        fill(memory, layout_of(len(ids), chunks), hashes, ids, release)

    def search(
        self, memory: NDArray[np.uint8], entries: int, chunks: int, questions: NDArray[np.uint8], radius: int
    ) -> Hits:
        rows, asked = Rows.over(memory, entries), usual(entries, chunks, radius, self._costs)
        if asked is None:
            return rows.within(questions, radius).hits(len(questions))
        try:
            return _searched(rows, Prober(memory, asked), questions, radius).hits(len(questions))
        except IndexError:
            log.exception(DAMAGED)
            return rows.within(questions, radius).hits(len(questions))

    def restored(self, hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return restored(hashes)


def _searched(rows: Rows, prober: Prober, questions: NDArray[np.uint8], radius: int) -> Pairs:
    """By tables; those questions for which that costs too much together by one scan."""
    found, left = list[Pairs](), list[int]()
    for number, question in enumerate(stored(questions).view("<u8")):
        if (near := prober.near(question)) is None:
            left.append(number)
            continue
        positions, distances = near
        found.append(Pairs(np.full(len(positions), number), rows.ids[positions], distances))
    if left:
        scanned = rows.within(questions[left], radius)
        found.append(Pairs(np.array(left)[scanned.questions], scanned.ids, scanned.distances))
    return Pairs.together(found)
