import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from concord.matching import ReferenceIndex
from concord.matching.reference import ENTRIES_AT_ONCE, Entries, Found

from .engines import Engine, as_array, listed, relatives, truth


@pytest.mark.parametrize("count", [ENTRIES_AT_ONCE - 1, ENTRIES_AT_ONCE, ENTRIES_AT_ONCE + 1])
def test_entries_on_both_sides_of_a_step_are_found(count: int) -> None:
    hashes = relatives(count, seed=count)
    index = ReferenceIndex()
    index.add(np.arange(count, dtype=np.uint64), hashes)
    asked = [int.from_bytes(hashes[at].tobytes()) for at in (0, ENTRIES_AT_ONCE - 2, count - 1)]
    held = [(number, int.from_bytes(value.tobytes())) for number, value in enumerate(hashes)]
    assert listed(index.search(as_array(asked), 64)) == truth(held, asked, 64)


def test_room_grows_with_the_entries_and_not_with_every_add() -> None:
    index, sizes = ReferenceIndex(), set[int]()
    for number in range(5000):
        index.add(np.array([number], np.uint64), as_array([number]))
        sizes.add(index.stats().memory_bytes)
    assert sizes == {40 * 1024, 40 * 2048, 40 * 4096, 40 * 8192}


def test_compacting_gives_the_room_back() -> None:
    index = ReferenceIndex()
    index.add(np.array([1], np.uint64), as_array([0]))
    index.compact()
    assert index.stats().memory_bytes == 40


# ---- threads ------------------------------------------------------------------------------------------------------

BATCH = 7
BATCHES = 600


@pytest.fixture(autouse=True)
def _threads_switched_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_searches_beside_a_writer_see_each_change_wholly_or_not_at_all(engine: Engine) -> None:
    """Batch after batch of the same hash is added, growing the arrays often, and every third one is removed again."""
    index = engine()

    def write() -> None:
        for batch in range(BATCHES):
            index.add(np.full(BATCH, batch, np.uint64), as_array([42] * BATCH))
            if batch % 3 == 2:
                index.remove(np.array([batch - 1], np.uint64))

    def look() -> int:
        ids = index.search(as_array([42]), 0).ids
        batches, sizes = np.unique(ids, return_counts=True)
        assert (sizes == BATCH).all(), "half a batch was seen"
        last = int(batches[-1]) if len(batches) else -1
        settled = {batch for batch in range(last - 1) if batch % 3 != 1}
        assert settled <= set(batches.tolist()), "a batch was seen before an earlier one"
        return last

    _beside(write, look)
    assert len(index) == BATCH * (BATCHES - BATCHES // 3)


@pytest.mark.parametrize("full", [True, False], ids=["arrays full", "with room"])
def test_a_search_that_has_begun_keeps_to_what_was_there(engine: Engine, full: bool) -> None:
    """Everything that writes happens between its taking of the entries and its scan."""
    index, held = engine(), [(number, 1 << number) for number in range(10)]
    index.add(np.arange(10, dtype=np.uint64), as_array([value for _, value in held]))
    if full:
        index.compact()
    scan = index.within

    def interrupted(entries: Entries, questions: NDArray[np.uint8], radius: int) -> Found:
        index.add(np.array([50, 51], np.uint64), as_array([0, 0]))
        index.remove(np.array([0, 4, 50], np.uint64))
        index.compact()
        index.add(np.array([60], np.uint64), as_array([0]))
        return scan(entries, questions, radius)

    index.within = interrupted  # type: ignore[method-assign]
    assert listed(index.search(as_array([0]))) == truth(held, [0], 31)
    index.within = scan  # type: ignore[method-assign]
    after = [entry for entry in held if entry[0] not in (0, 4)] + [(51, 0), (60, 0)]
    assert listed(index.search(as_array([0]))) == truth(after, [0], 31)


def test_two_writers_lose_nothing(engine: Engine) -> None:
    index = engine()

    def write(first: int) -> None:
        for number in range(first, first + 500):
            index.add(np.array([number], np.uint64), as_array([0]))

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 500, 1000)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert index.search(as_array([0]), 0).ids.tolist() == list(range(1500))


def _beside(write: Callable[[], None], look: Callable[[], int]) -> None:
    """Two readers look until the writer is done; what a reader raises is raised here."""
    done, faults = threading.Event(), list[BaseException]()

    def read() -> None:
        seen = -1
        try:
            while not done.is_set():
                last = look()
                assert last >= seen, "something committed was no longer seen"
                seen = last
        except BaseException as fault:
            faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(2)]
    try:
        for reader in readers:
            reader.start()
        write()
    finally:
        done.set()
        for reader in readers:
            reader.join()
    if faults:
        raise faults[0]
