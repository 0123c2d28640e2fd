"""Which engine runs here: the native one where it was compiled, NumPy otherwise. Same files, same answers."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from concord.matching.index import Hits
from concord.matching.plain import PlainEngine
from concord.matching.reference import Entries, Found


class Engine(Protocol):
    """What makes segments in memory and searches them. `memory` is uint8[bytes], `chunks` is 0 where it has no tables."""

    name: str

    def scan(self, entries: Entries, questions: NDArray[np.uint8], radius: int) -> Found:
        """All pairs of one of uint8[m, 32] questions and an entry that differ by `radius` bits or fewer."""

    def shape(self, entries: int) -> tuple[int, int]:
        """The best (chunks, bytes) of a segment of so many entries."""

    def fill(
        self,
        memory: NDArray[np.uint8],
        chunks: int,
        hashes: NDArray[np.uint8],
        ids: NDArray[np.uint64],
        release: Callable[[], None],
    ) -> None:
        """Lays entries into memory of that shape; calls `release` as soon as hashes and ids are not needed any more."""

    def search(
        self, memory: NDArray[np.uint8], entries: int, chunks: int, questions: NDArray[np.uint8], radius: int
    ) -> Hits:
        """The same in a segment."""

    def restored(self, hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Hashes as they were given, from hashes as they are stored."""


best: Engine = PlainEngine()
missing: str | None = None  # why the native part is not there

try:
    from concord.matching.tables import TablesEngine
except ModuleNotFoundError:
    missing = "no compiler at installation"
except ImportError as error:  # it is there and does not load
    missing = f"the native part does not load: {error}"
else:
    best = TablesEngine()
