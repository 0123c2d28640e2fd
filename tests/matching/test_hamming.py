"""The index in files: whatever is done to it, whenever it is cut off, and whoever else is at work in the directory."""

import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from concord.matching import HammingIndex, ReferenceIndex
from concord.matching.engines import Engine

from .engines import FOLDER, SEGMENT_ENGINES, as_array, listed, relatives, truth
from .power import Power, PowerCut

Entry = tuple[int, int]  # id, hash

ALL_BITS = (1 << 256) - 1
turned = st.sets(st.integers(0, 255), max_size=70).map(lambda bits: sum(1 << bit for bit in bits))
hashes = st.builds(lambda centre, bits: centre ^ bits, st.sampled_from([0, ALL_BITS, 0x5A5A << 120]), turned)
numbers = st.integers(0, 9) | st.just(2**64 - 1)
entries = st.lists(st.tuples(numbers, hashes), max_size=30)
each_engine = pytest.mark.parametrize("engine", SEGMENT_ENGINES.values(), ids=SEGMENT_ENGINES.keys())


def add(index: Any, held: list[Entry]) -> None:
    index.add(np.array([number for number, _ in held], np.uint64), as_array([value for _, value in held]))


def remove(index: Any, *ids: int) -> None:
    index.remove(np.array(ids, np.uint64))


def content(index: HammingIndex) -> list[Entry]:
    """Everything in it: every hash is within 64 bits of one of these centres, or of a question like it."""
    found = Counter[Entry]()
    view = index._newest()
    for segment, removed in zip(view.base.segments, view.base.removed, strict=True):
        values = index._engine.restored(segment.rows.hashes(slice(None)))
        for number, value in zip(segment.rows.ids.tolist(), values, strict=True):
            if number not in removed.tolist():
                found[number, int.from_bytes(value.tobytes())] += 1
    words = np.ascontiguousarray(view.tail.words[:, : view.tail.count].T).view(np.uint8)
    for number, value in zip(view.tail.ids[: view.tail.count].tolist(), words, strict=True):
        found[number, int.from_bytes(value.tobytes())] += 1
    return sorted(found.elements())


# ---- against the reference ------------------------------------------------------------------------------------------


@each_engine
@given(
    sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
    radius=st.integers(0, 64),
    steps=st.lists(st.sampled_from(["seal", "compact", "reopen", "remove"]), max_size=6),
)
@settings(max_examples=20, deadline=None)
def test_it_equals_the_reference_whatever_was_sealed_removed_compacted_and_reopened(
    engine: Engine, sizes: list[int], seed: int, radius: int, steps: list[str]
) -> None:
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        choice = np.random.default_rng(seed)
        index, exact = HammingIndex.open(folder, engine=engine), ReferenceIndex()
        values = relatives(sum(sizes), seed)
        ids = choice.integers(0, max(1, len(values)), len(values), np.uint64)  # some stand more than once
        for end, size in zip(np.cumsum(sizes), sizes, strict=True):
            for one in (index, exact):
                one.add(ids[end - size : end], values[end - size : end])
            for step in steps:
                if step == "remove":
                    going = choice.choice(ids, 5) if len(ids) else ids
                    index.remove(going)
                    exact.remove(going)
                elif step == "reopen":
                    index.seal()
                    index = HammingIndex.open(folder, engine=engine)
                else:
                    getattr(index, step)()
        questions = np.concatenate([values[:: max(1, len(values) // 20)], relatives(3, seed + 1)])
        assert listed(index.search(questions, radius)) == listed(exact.search(questions, radius))
        assert len(index) == len(exact)


@each_engine
def test_a_segment_with_tables_equals_the_reference(engine: Engine) -> None:
    """Large enough to have tables by itself, where they can be made."""
    values, ids = relatives(40_000, 5), np.arange(40_000, dtype=np.uint64)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        index, exact = HammingIndex.open(folder, engine=engine), ReferenceIndex()
        for one in (index, exact):
            one.add(ids, values)
            one.seal()
            one.remove(ids[::100])
        for radius in (0, 15, 31, 32, 64):
            assert listed(index.search(values[::500], radius)) == listed(exact.search(values[::500], radius))


# ---- cut off ----------------------------------------------------------------------------------------------------------


class Life(RuleBasedStateMachine):
    """One writer that is cut off at any step, and a reader in the same directory. Crashes lose what was not sealed."""

    engine: Engine

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=FOLDER)
        self.index = HammingIndex.open(self.folder.name, engine=self.engine)
        self.reader = HammingIndex.open(self.folder.name, engine=self.engine)
        self.published = list[Entry]()
        self.held = list[Entry]()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(more=entries)
    def add(self, more: list[Entry]) -> None:
        add(self.index, more)
        self.held += more

    @rule(number=numbers)
    def remove(self, number: int) -> None:
        remove(self.index, number)
        self.held = [entry for entry in self.held if entry[0] != number]

    @rule(step=st.sampled_from(["seal", "compact"]))
    def publish(self, step: str) -> None:
        getattr(self.index, step)()
        self.published = list(self.held)

    @rule()
    def reopen(self) -> None:
        self.index = HammingIndex.open(self.folder.name, engine=self.engine)
        self.held = list(self.published)

    @precondition(lambda self: self.held != self.published)
    @rule(step=st.sampled_from(["seal", "compact"]), steps=st.integers(0, 25), halfway=st.booleans())
    def crash(self, step: str, steps: int, halfway: bool) -> None:
        power = Power(steps, halfway=halfway)
        try:
            with power.supplying():
                getattr(self.index, step)()
        except PowerCut:
            self.index = HammingIndex.open(self.folder.name, engine=self.engine)
            found = content(self.index)
            assert found in (sorted(self.published), sorted(self.held)), "neither the old state nor the new one"
            self.held = found
        self.published = list(self.held)

    @rule(value=hashes, radius=st.integers(0, 64))
    def search(self, value: int, radius: int) -> None:
        assert listed(self.index.search(as_array([value]), radius)) == truth(self.held, [value], radius)
        assert listed(self.reader.search(as_array([value]), radius)) == truth(self.published, [value], radius)

    @invariant()
    def holds_as_many(self) -> None:
        if hasattr(self, "index"):
            assert len(self.index) == len(self.held)


def machine(engine: Engine) -> Any:
    return type("Life", (Life,), {"engine": engine}).TestCase


class TestByRows(machine(SEGMENT_ENGINES["rows"])):  # type: ignore[misc]
    settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


class TestByTheBestEngine(machine(list(SEGMENT_ENGINES.values())[-1])):  # type: ignore[misc]
    settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


@each_engine
@pytest.mark.parametrize("halfway", [False, True])
@pytest.mark.parametrize("step", ["seal", "compact"])
def test_cut_off_at_any_step_it_is_the_old_or_the_new_and_goes_on(
    engine: Engine, halfway: bool, step: str, tmp_path: Path
) -> None:
    """Every single step once: what was published may not be touched by any, and the next seal sweeps what is left."""
    old, new = [(1, 5), (2, 6), (3, 7)], [(2, 6), (3, 7), (4, 8)]
    seen, steps = set[str](), 0
    while True:
        folder = tmp_path / f"{steps}"
        index = HammingIndex.open(folder, engine=engine)
        add(index, old[:2])
        index.seal()
        add(index, old[2:])
        index.seal()
        remove(index, 1)
        add(index, [(4, 8)])
        try:
            with Power(steps, halfway=halfway).supplying():
                getattr(index, step)()
            break
        except PowerCut:
            index = HammingIndex.open(folder, engine=engine)
            found = content(index)
            assert found in (old, new)
            seen.add("old" if found == old else "new")
        add(index, [(9, 9)])
        index.compact()
        assert content(index) == [*found, (9, 9)]
        segments = [part.name for part in index._view.base.manifest.parts]
        marks = [f"{name}.verified" for name in segments]
        assert {path.name for path in folder.iterdir()} == {"lock", "manifest", *segments, *marks}
        steps += 1
    assert steps > 5
    assert seen == {"old", "new"}


# ---- with others ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def ids_of(index: HammingIndex) -> list[int]:
    return index.search(as_array([0]), 64).ids.tolist()


def test_what_one_has_sealed_another_finds_at_its_next_search(folder: Path) -> None:
    writer, reader = HammingIndex.open(folder), HammingIndex.open(folder)
    add(writer, [(1, 0)])
    assert (ids_of(writer), ids_of(reader)) == ([1], [])
    writer.seal()
    assert (ids_of(writer), ids_of(reader)) == ([1], [1])
    remove(writer, 1)
    assert (ids_of(writer), ids_of(reader)) == ([], [1])
    writer.compact()
    assert (ids_of(writer), ids_of(reader)) == ([], [])


def test_two_that_add_and_seal_lose_nothing_of_each_other(folder: Path) -> None:
    one, other = HammingIndex.open(folder), HammingIndex.open(folder)
    add(one, [(1, 0)])
    add(other, [(2, 0)])
    one.seal()
    assert ids_of(other) == [1, 2]
    other.seal()
    assert ids_of(one) == ids_of(HammingIndex.open(folder)) == [1, 2]


def test_what_was_removed_here_stays_removed_while_another_compacts(folder: Path) -> None:
    one, other = HammingIndex.open(folder), HammingIndex.open(folder)
    add(one, [(1, 0), (2, 0)])
    one.seal()
    remove(one, 1)
    other.compact()
    add(other, [(3, 0)])
    other.seal()
    assert ids_of(one) == [2, 3]
    one.seal()
    assert ids_of(other) == [2, 3]


def test_an_id_added_again_after_its_removal_is_there_before_and_after_sealing(folder: Path) -> None:
    index = HammingIndex.open(folder)
    add(index, [(1, 0)])
    index.seal()
    remove(index, 1)
    add(index, [(1, 1)])
    for step in (lambda: None, index.seal, index.compact):
        step()
        assert content(index) == [(1, 1)]


def test_a_search_that_has_begun_ends_on_files_that_are_gone(folder: Path) -> None:
    index = HammingIndex.open(folder)
    add(index, [(1, 0)])
    index.seal()
    view = index._view
    remove(index, 1)
    index.compact()
    assert not list(folder.glob("*.segment"))
    assert view.search(index._engine, as_array([0]), 0).ids.tolist() == [1]


def test_a_removed_hash_is_in_no_file_after_compacting(folder: Path) -> None:
    index = HammingIndex.open(folder, engine=SEGMENT_ENGINES["rows"])
    add(index, [(123456789, 3), (2, 4)])
    index.seal()
    number = (123456789).to_bytes(8, "little")
    assert any(number in path.read_bytes() for path in folder.iterdir())
    remove(index, 123456789)
    index.compact()
    assert not any(number in path.read_bytes() for path in folder.iterdir())


def test_threads_that_seal_compact_add_and_search_at_once_lose_nothing(folder: Path) -> None:
    index = HammingIndex.open(folder)
    faults = list[BaseException]()

    def write(first: int) -> None:
        try:
            for number in range(first, first + 60):
                add(index, [(number, 0)])
                assert number in ids_of(index)
                if number % 20 == 0:
                    index.seal()
                if number % 30 == 0:
                    index.compact()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults
    assert ids_of(index) == [*range(60), *range(100, 160), *range(200, 260)]


def test_a_bulk_load_is_sealed_in_parts_by_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.matching.hamming.SEALED_BY_ITSELF", 10)
    index, exact = HammingIndex.open(folder), ReferenceIndex()
    values, ids = relatives(67, 2), np.arange(67, dtype=np.uint64)
    for begin, end in ((0, 7), (7, 9), (9, 60), (60, 67)):
        index.add(ids[begin:end], values[begin:end])
        exact.add(ids[begin:end], values[begin:end])
        assert listed(index.search(values, 64)) == listed(exact.search(values, 64))
    assert index.stats().segments > 4
    index.compact()
    assert listed(index.search(values, 64)) == listed(exact.search(values, 64))
    assert index.stats().segments == 1
