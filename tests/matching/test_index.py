"""The contract, on every engine."""

import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from concord.matching import HammingIndex, Stats
from concord.matching.index import checked_hashes, checked_ids, checked_radius

from .engines import ENGINES, INDEXES, as_array, listed, truth

Engine = Callable[[], Any]  # makes an empty index

ALL_BITS = (1 << 256) - 1

# Few centres and few turned bits, so that searches find something at every radius; few ids, so that ids repeat.
turned = st.sets(st.integers(0, 255), max_size=70).map(lambda bits: sum(1 << bit for bit in bits))
hashes = st.builds(lambda centre, bits: centre ^ bits, st.sampled_from([0, ALL_BITS, 0x5A5A << 120]), turned)
entries = st.lists(st.tuples(st.integers(0, 9) | st.just(2**64 - 1), hashes), max_size=80)
questions = st.lists(hashes, max_size=5)


@pytest.fixture(params=list(INDEXES.values()), ids=list(INDEXES))
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param
    return made


def filled(engine: Engine, held: Iterable[tuple[int, int]]) -> Any:
    held = list(held)
    index = engine()
    index.add(np.array([number for number, _ in held], np.uint64), as_array([value for _, value in held]))
    return index


@pytest.mark.parametrize("engine", INDEXES.values(), ids=INDEXES.keys())
class TestEveryIndex:
    @given(held=entries, asked=questions, radius=st.integers(0, 64))
    @settings(deadline=None)  # a disk may be slow
    def test_finds_all_within_the_radius_and_nothing_else(
        self, engine: Engine, held: list[tuple[int, int]], asked: list[int], radius: int
    ) -> None:
        assert listed(filled(engine, held).search(as_array(asked), radius)) == truth(held, asked, radius)

    @given(
        steps=st.lists(st.tuples(st.sampled_from(["add", "remove", "compact", "seal"]), entries), max_size=8),
        asked=questions,
    )
    @settings(max_examples=50, deadline=None)
    def test_whatever_was_added_and_removed_before(
        self, engine: Engine, steps: list[tuple[str, list[tuple[int, int]]]], asked: list[int]
    ) -> None:
        index, held = engine(), list[tuple[int, int]]()
        for step, named in steps:
            numbers = np.array([number for number, _ in named], np.uint64)
            if step == "add":
                index.add(numbers, as_array([value for _, value in named]))
                held += named
            elif step == "remove":
                index.remove(numbers[:2])
                held = [entry for entry in held if entry[0] not in numbers[:2].tolist()]
            else:
                getattr(index, step)()
            assert len(index) == index.stats().entries == len(held)
            assert listed(index.search(as_array(asked))) == truth(held, asked, 31)


@given(
    centre=st.integers(0, ALL_BITS),
    half=st.sampled_from([range(256), range(128), range(128, 256)]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_planted_neighbours_are_found_up_to_the_radius(centre: int, half: range, seed: int) -> None:
    """Turned bits anywhere, or all of them in one half: a scan looks at the first half alone to begin with."""
    choice = random.Random(seed)
    planted = [(far, centre ^ sum(1 << bit for bit in choice.sample(half, far))) for far in range(65)]
    for engine in INDEXES.values():
        index = filled(engine, planted)
        index.seal()
        for radius in (0, 1, 31, 32, 63, 64):
            expected = [(far, far) for far in range(radius + 1)]
            assert listed(index.search(as_array([centre]), radius)) == [expected]


def test_the_usual_radius_is_31(engine: Engine) -> None:
    index = filled(engine, [(far, (1 << far) - 1) for far in range(33)])
    assert listed(index.search(as_array([0]))) == [[(far, far) for far in range(32)]]


def test_the_farthest_hash_of_all_is_not_taken_for_the_same(engine: Engine) -> None:
    """256 differing bits are 0 in eight bits."""
    index = filled(engine, [(1, ALL_BITS), (2, ALL_BITS >> 128), (3, ALL_BITS << 128 & ALL_BITS)])
    assert listed(index.search(as_array([0]), 64)) == [[]]


def test_an_empty_index_finds_nothing(engine: Engine) -> None:
    assert listed(engine().search(as_array([0, 1]), 64)) == [[], []]


def test_no_question_has_no_answer(engine: Engine) -> None:
    assert listed(filled(engine, [(1, 0)]).search(as_array([]), 64)) == []


def test_sixteen_identical_entries_are_sixteen_hits(engine: Engine) -> None:
    assert listed(filled(engine, [(7, 5)] * 16).search(as_array([5]), 0)) == [[(0, 7)] * 16]


def test_removing_an_id_removes_all_entries_with_it(engine: Engine) -> None:
    index = filled(engine, [(7, 0), (8, 0), (7, 1), (2**64 - 1, 0)])
    index.remove(np.array([7, 7, 2**64 - 1, 99], np.uint64))
    assert listed(index.search(as_array([0]))) == [[(0, 8)]]


def test_removing_what_is_not_there_is_no_error(engine: Engine) -> None:
    index = engine()
    index.remove(np.array([1], np.uint64))
    assert len(index) == 0


def test_more_questions_than_are_asked_at_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("reference", "view"):
        monkeypatch.setattr(f"concord.matching.{module}.QUESTIONS_AT_ONCE", 3)
    held = [(number, number) for number in range(20)]
    asked = [0, ALL_BITS, 5, 5, 9, 1 << 100, 2]
    assert listed(filled(engine, held).search(as_array(asked), 2)) == truth(held, asked, 2)


def test_a_hash_changed_by_its_owner_later_stays_what_it_was(engine: Engine) -> None:
    index, given_hashes = engine(), np.zeros((1, 32), np.uint8)
    index.add(np.array([1], np.uint64), given_hashes)
    given_hashes += 1
    assert listed(index.search(as_array([0]), 0)) == [[(0, 1)]]


@pytest.mark.parametrize("engine", [*ENGINES.values(), HammingIndex], ids=[*ENGINES, "in memory"])
def test_stats_say_what_is_held(engine: Engine) -> None:
    index = filled(engine, [(1, 0)] * 3)
    index.compact()
    assert index.stats() == Stats(index.engine, entries=3, memory_bytes=3 * 40)


# ---- input: converted or refused, never misread ------------------------------------------------------------------


@given(numbers=st.lists(st.integers(0, ALL_BITS), min_size=1, max_size=20), seed=st.integers(0, 2**32))
@settings(deadline=None)
def test_hashes_and_questions_in_any_layout_read_the_same(numbers: list[int], seed: int) -> None:
    plain = as_array(numbers)
    ids = np.arange(len(numbers), dtype=np.uint64)
    layouts = [
        np.asfortranarray(plain),
        np.repeat(plain, 2, axis=0)[::2],
        np.repeat(plain, 3, axis=1)[:, ::3],
        plain[::-1].copy()[::-1],
        np.frombuffer(b"?" + plain.tobytes(), np.uint8, offset=1).reshape(plain.shape),  # at an odd address
    ]
    for engine in INDEXES.values():
        for layout in layouts:
            index = engine()
            index.add(np.repeat(ids, 2)[::2], layout)
            assert listed(index.search(layout, 64)) == truth(enumerate(numbers), numbers, 64)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([], []),
        ([3, 1], [3, 1]),
        (np.array([3, 1], np.int32), [3, 1]),
        (np.array([2**63 + 1, 1], ">u8"), [2**63 + 1, 1]),
        (np.arange(6, dtype=np.uint64)[::-2], [5, 3, 1]),
    ],
)
def test_any_whole_numbers_become_ids(ids: Any, expected: list[int]) -> None:
    checked = checked_ids(ids)
    assert checked.dtype == np.uint64
    assert checked.dtype.isnative
    assert checked.flags.c_contiguous
    assert checked.tolist() == expected


@pytest.mark.parametrize(
    ("ids", "refusal"),
    [
        ([1.0], TypeError),
        ([1, 2**63], TypeError),  # NumPy makes these floats, and 2**63 + 1 would be lost
        ([True], TypeError),
        (["1"], TypeError),
        ([2**64], TypeError),
        (np.array([]), TypeError),
        ([-1], ValueError),
        ([[1]], ValueError),
        (5, ValueError),
    ],
)
def test_ids_that_are_none_are_refused_with_the_shape_wanted(ids: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal, match=r"uint64\[n\]"):
        checked_ids(ids)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (np.zeros((2, 32), np.int8), TypeError),
        (np.zeros((2, 4), np.uint64), TypeError),
        (np.zeros((2, 32)), TypeError),
        ([], TypeError),
        (b"\0" * 32, TypeError),
        (np.zeros((2, 31), np.uint8), ValueError),
        (np.zeros(32, np.uint8), ValueError),
        (np.zeros((1, 2, 32), np.uint8), ValueError),
    ],
)
def test_hashes_that_are_none_are_refused_with_the_shape_wanted(wrong: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal, match=r"hashes: uint8\[n, 32\]"):
        checked_hashes(wrong)


def test_nothing_is_added_when_any_of_it_is_refused(engine: Engine) -> None:
    index = filled(engine, [(1, 0)])
    with pytest.raises(ValueError, match="as many ids as hashes"):
        index.add(np.array([2, 3], np.uint64), as_array([0]))
    with pytest.raises(TypeError):
        index.add(np.array([2], np.uint64), np.zeros((1, 32)))
    assert listed(index.search(as_array([0]))) == [[(0, 1)]]


def test_wrong_questions_are_refused_also_by_an_empty_index(engine: Engine) -> None:
    wrong: NDArray[np.uint8] = np.zeros((1, 31), np.uint8)
    with pytest.raises(ValueError, match=r"queries: uint8\[n, 32\]"):
        engine().search(wrong)


@pytest.mark.parametrize("radius", [-1, 65, 256, 2**70])
def test_a_radius_out_of_range_is_refused(radius: int, engine: Engine) -> None:
    with pytest.raises(ValueError, match="0 to 64"):
        engine().search(as_array([0]), radius)


def test_a_radius_that_is_no_whole_number_is_refused() -> None:
    with pytest.raises(TypeError):
        checked_radius(31.0)
