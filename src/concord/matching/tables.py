"""Segments made and asked by the compiled part. Importing this raises ModuleNotFoundError without it."""

import logging
import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import concord.matching._hamming as _hamming  # raises ModuleNotFoundError; `from` could not be told from a broken build
from concord.matching.flat import LEVELS, FlatIndex
from concord.matching.index import Hits
from concord.matching.layout import DAMAGED
from concord.matching.reference import Entries, Found
from concord.matching.rows import offsets

log = logging.getLogger(__name__)

QUESTIONS_A_THREAD = 16  # fewer are answered sooner than a thread is started


class TablesEngine:
    """See `Engine` for the contract."""

    def __init__(self, level: str = LEVELS[0]) -> None:
        """`level` is one of LEVELS. Raises ValueError."""
        self._level = level
        self._flat = FlatIndex(level)
        self.name = self._flat.engine

    def shape(self, entries: int) -> tuple[int, int]:
        return _hamming.shape(entries)

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
        _hamming.build(memory, chunks, hashes, ids, release)

    def search(
        self, memory: NDArray[np.uint8], entries: int, chunks: int, questions: NDArray[np.uint8], radius: int
    ) -> Hits:
        threads = 1
        if len(questions) > QUESTIONS_A_THREAD:
            threads = min(_processors(), len(questions) // QUESTIONS_A_THREAD)
        try:
            found = _hamming.search(memory, entries, chunks, questions, radius, self._level, "automatic", threads)
        except RuntimeError:
            log.exception(DAMAGED)
            found = _hamming.search(memory, entries, 0, questions, radius, self._level, "scan", threads)
        asked, ids, distances = found
        alone = len(questions) == 1  # by far the most frequent; each object less that is touched is half a microsecond
        ends = np.array((0, len(distances))) if alone else offsets(np.frombuffer(asked, np.int64), len(questions))
        return Hits(ends, np.frombuffer(ids, np.uint64), np.frombuffer(distances, np.uint8))

    def restored(self, hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.frombuffer(_hamming.permute(hashes, True), np.uint8).reshape(hashes.shape)


def _processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
