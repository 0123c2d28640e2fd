"""Exact search for near hashes. The engine is native where it was compiled; the NumPy reference serves otherwise."""

from concord.matching.index import Hits, Index, Stats
from concord.matching.reference import ReferenceIndex

HammingIndex: type[ReferenceIndex]  # the best that runs here
_REASON: str | None  # why that is not the native one

try:
    from concord.matching.flat import FlatIndex
except ModuleNotFoundError:
    HammingIndex, _REASON = ReferenceIndex, "no compiler at installation"
except ImportError as error:  # it is there and does not load
    HammingIndex, _REASON = ReferenceIndex, f"the native part does not load: {error}"
else:
    HammingIndex, _REASON = FlatIndex, None

__all__ = ["HammingIndex", "Hits", "Index", "ReferenceIndex", "Stats", "engine", "open_index"]


def open_index() -> Index:
    """A new, empty index, of the best engine that runs here."""
    return HammingIndex()


def engine() -> str:
    """Which engine that is, for people: `native (avx512)` or `NumPy reference (no compiler at installation)`."""
    name = HammingIndex().engine
    return name if _REASON is None else f"{name} ({_REASON})"
