"""The index scanned by the compiled kernel. Importing this raises ModuleNotFoundError where that was not built."""

import numpy as np
from numpy.typing import NDArray

import concord.matching._hamming as _hamming  # raises ModuleNotFoundError; `from` could not be told from a broken build
from concord.matching.reference import Entries, Found, ReferenceIndex

LEVELS = _hamming.levels()  # of this processor, best first


class FlatIndex(ReferenceIndex):
    """Storage and contract of the reference; threads search side by side, since a scan lets the others run."""

    def __init__(self, level: str = LEVELS[0]) -> None:
        """`level` is one of LEVELS. Raises ValueError."""
        if level not in LEVELS:
            raise ValueError(f"level: one of {', '.join(LEVELS)} is wanted on this processor, not {level}")
        super().__init__()
        self._level = level

    @property
    def engine(self) -> str:
        return f"native ({self._level})"

    def within(self, entries: Entries, questions: NDArray[np.uint8], radius: int) -> Found:
        asked, positions, distances = _hamming.scan(entries.words, entries.count, questions, radius, self._level)
        return Found(
            np.frombuffer(asked, np.int64), np.frombuffer(positions, np.int64), np.frombuffer(distances, np.uint8)
        )
