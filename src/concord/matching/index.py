"""What an index of 256-bit hashes promises, and the one place where its input is checked.

Exact: a search gives every entry within the radius and none outside it. Duplicate ids and duplicate hashes are all
right: each pair that was added is an entry of its own. Input that is not of the stated shape and type is converted
where nothing can be lost and refused otherwise; it is never read as something else.
"""

import operator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

HASH_BYTES = 32
RADIUS = 31  # bits of 256: the usual limit for two PDQ hashes of the same picture
MAX_RADIUS = 64
_UINT8 = np.dtype(np.uint8)  # NumPy would look it up at every question


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What `m` questions found: hits of question i are [offsets[i]:offsets[i + 1]], sorted by distance, then id."""

    offsets: NDArray[np.int64]  # [m + 1]
    ids: NDArray[np.uint64]  # [k]
    distances: NDArray[np.uint8]  # [k], bits


@dataclass(frozen=True, slots=True)
class Stats:
    """How much an index holds."""

    engine: str
    entries: int
    memory_bytes: int  # allocated for entries, room for growth included
    segments: int = 0
    mapped_bytes: int = 0  # of segments: files that all processes share


class Index(Protocol):
    """Any number of threads may call any of this at the same time.

    A search sees every `add` and `remove` that returned before it began, and each one that runs beside it wholly or
    not at all.
    """

    def add(self, ids: NDArray[np.uint64], hashes: NDArray[np.uint8]) -> None:
        """Adds uint64[n] ids with their uint8[n, 32] hashes. Raises TypeError or ValueError, and then adds nothing."""

    def search(self, queries: NDArray[np.uint8], radius: int = RADIUS) -> Hits:
        """Entries that differ by `radius` bits or fewer (0 to 64) from uint8[m, 32]. Raises TypeError or ValueError."""

    def remove(self, ids: NDArray[np.uint64]) -> None:
        """Removes all entries with one of the uint64[n] ids; ids that are not there are passed over."""

    def seal(self) -> None:
        """Says that a bulk load is over: an engine may now build what makes it fast. Changes no answer."""

    def compact(self) -> None:
        """Gives back memory that no entry needs. Changes no answer."""

    def stats(self) -> Stats:
        """How much is held at this moment."""

    def __len__(self) -> int:
        """How many entries."""


def checked_ids(given: Any) -> NDArray[np.uint64]:
    """uint64[n], from any integers that are none below zero. Raises TypeError or ValueError."""
    ids = np.asarray(given)
    if ids.ndim != 1:
        raise ValueError(f"ids: uint64[n] is wanted, not {_described(ids)}")
    if ids.size == 0 and not isinstance(given, np.ndarray):
        ids = ids.astype(np.uint64)  # an empty list has no type of its own
    if ids.dtype.kind not in "ui":
        raise TypeError(f"ids: uint64[n] is wanted, not {_described(ids)}")
    if ids.dtype.kind == "i" and ids.size and ids.min() < 0:
        raise ValueError(f"ids: uint64[n] is wanted, and {ids.min()} is below zero")
    return np.ascontiguousarray(ids, dtype=np.uint64)


def checked_hashes(given: Any, name: str = "hashes") -> NDArray[np.uint8]:
    """uint8[n, 32], C-contiguous. Raises TypeError or ValueError."""
    hashes = np.asarray(given)
    if hashes.dtype != _UINT8:
        raise TypeError(f"{name}: uint8[n, {HASH_BYTES}] is wanted, not {_described(hashes)}")
    if hashes.ndim != 2 or hashes.shape[1] != HASH_BYTES:
        raise ValueError(f"{name}: uint8[n, {HASH_BYTES}] is wanted, not {_described(hashes)}")
    return np.ascontiguousarray(hashes)


def checked_radius(given: Any) -> int:
    """Raises TypeError or ValueError."""
    radius = operator.index(given)
    if not 0 <= radius <= MAX_RADIUS:
        raise ValueError(f"radius: 0 to {MAX_RADIUS} bits are wanted, not {radius}")
    return radius


def _described(array: NDArray[Any]) -> str:
    return f"{array.dtype}[{', '.join(map(str, array.shape))}]"
