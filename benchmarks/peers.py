"""What the hash index stands beside: faiss's exact searches over the same hashes, on one thread."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.hashes import BITS, RADIUS, Answer, Hashes

FLAT, MULTIHASH = "faiss IndexBinaryFlat", "faiss IndexBinaryMultiHash, 16 x 16 bits"
MISSING = "The peer, faiss-cpu, is not installed. Concord does not need it; ./run bench brings it."

Ask = Callable[[Hashes], Answer]


def load() -> Any:
    """faiss. Raises SystemExit with the way out where it is not installed."""
    try:
        faiss = import_module("faiss")
    except ModuleNotFoundError:
        raise SystemExit(MISSING) from None
    faiss.omp_set_num_threads(1)
    return faiss


def flat(faiss: Any, hashes: Hashes) -> Ask:
    """Exhaustive search."""
    index = faiss.IndexBinaryFlat(BITS)
    index.add(hashes)
    return _asking(index)


def multihash(faiss: Any, hashes: Hashes) -> Ask:
    """As it is set up for this radius: 16 chunks, of which one differs by at most a bit. Exact."""
    index = faiss.IndexBinaryMultiHash(BITS, 16, 16)
    index.nflip = 1
    index.add(hashes)
    return _asking(index)


def _asking(index: Any) -> Ask:
    def ask(questions: Hashes) -> Answer:
        offsets, distances, entries = index.range_search(questions, RADIUS + 1)  # it wants less than, not at most
        return offsets, entries, distances

    return ask
