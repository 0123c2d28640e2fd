"""Exact search for near hashes. The engine is native where it was compiled; NumPy serves otherwise."""

from concord.matching import engines
from concord.matching.hamming import HammingIndex
from concord.matching.index import Hits, Index, Stats
from concord.matching.reference import ReferenceIndex

__all__ = ["HammingIndex", "Hits", "Index", "ReferenceIndex", "Stats", "engine"]


def engine() -> str:
    """Which engine runs here, for people: `native (avx512)` or `NumPy reference (no compiler at installation)`."""
    return engines.best.name if engines.missing is None else f"{engines.best.name} ({engines.missing})"
