from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from concord.matching import ReferenceIndex

from .engines import ENGINES, as_array, listed, native, relatives

pytestmark = native
LEVELS = [name for name in ENGINES if name != "reference"]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 15, 16, 17, 31, 33, 2047, 2048, 2049, 4096 + 13, 10_000])
def test_every_level_equals_the_reference(level: str, count: int) -> None:
    """Counts around a block of 16 and a tile of 2,048 entries."""
    hashes = relatives(count, seed=count)
    questions = np.concatenate([relatives(5, seed=1), hashes[:: max(1, count // 20)], hashes[-3:]])
    ids = np.random.default_rng(count).integers(0, 2**64, count, np.uint64)
    exact, fast = ReferenceIndex(), ENGINES[level]()
    for index in (exact, fast):
        index.add(ids, hashes)
    for radius in range(65):
        assert listed(fast.search(questions, radius)) == listed(exact.search(questions, radius))


@pytest.mark.parametrize("level", LEVELS)
def test_entries_beyond_the_last_are_never_read(level: str) -> None:
    """Arrays that have grown hold room behind the last entry; here it is full of what would be a hit."""
    index = ENGINES[level]()
    index.add(np.arange(100, dtype=np.uint64), as_array([0] * 100))
    index.remove(np.arange(100, dtype=np.uint64))
    index.add(np.arange(21, dtype=np.uint64), as_array([1] * 21))
    index._entries.words[:, 21:] = 0
    assert listed(index.search(as_array([0]), 0)) == [[]]
    assert len(index.search(as_array([1]), 64).ids) == 21


@pytest.mark.parametrize("level", LEVELS)
def test_published_hashes_find_the_same_as_with_the_reference(level: str, shared_data: Path) -> None:
    haystack, needles = (_read(shared_data / "hashes" / name) for name in ("haystack.txt", "needles.txt"))
    exact, fast = ReferenceIndex(), ENGINES[level]()
    for index in (exact, fast):
        index.add(np.arange(len(haystack), dtype=np.uint64), haystack)
    for radius in (0, 31, 64):
        assert listed(fast.search(needles, radius)) == listed(exact.search(needles, radius))
    assert len(exact.search(needles).ids) > 0


def test_an_unknown_level_is_refused_with_those_that_run_here() -> None:
    from concord.matching.flat import FlatIndex

    with pytest.raises(ValueError, match=f"{LEVELS[0]}.*portable.*not abacus"):
        FlatIndex("abacus")


def test_an_index_says_its_level() -> None:
    assert [engine().engine for name, engine in ENGINES.items() if name != "reference"] == [
        f"native ({level})" for level in LEVELS
    ]


def _read(path: Path) -> NDArray[np.uint8]:
    return as_array([int(line, 16) for line in path.read_text().split()])
