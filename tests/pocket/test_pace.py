"""How much goes into a request, and how long a pause is."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from concord.pocket.pace import (
    BASE_SECONDS,
    FIRST_ITEMS,
    GOAL_SECONDS,
    LARGEST_ITEMS,
    LONGEST_SECONDS,
    Pace,
    pause_seconds,
)


def test_it_starts_small_and_doubles_while_answers_come_quickly() -> None:
    pace, sizes = Pace(), []
    for _ in range(10):
        sizes.append(pace.size)
        pace.went(pace.size, 0.1)
    assert sizes[:4] == [FIRST_ITEMS, 2 * FIRST_ITEMS, 4 * FIRST_ITEMS, 8 * FIRST_ITEMS]
    assert sizes[-1] == LARGEST_ITEMS


def test_a_request_that_was_not_full_tells_nothing() -> None:
    pace = Pace()
    pace.went(FIRST_ITEMS - 1, 0.1)
    assert pace.size == FIRST_ITEMS


def test_slow_answers_and_broken_lines_make_it_smaller() -> None:
    pace = Pace()
    for _ in range(4):
        pace.went(pace.size, 0.1)
    pace.went(pace.size, 3 * GOAL_SECONDS)
    assert pace.size == 8 * FIRST_ITEMS
    pace.failed()
    assert pace.size == 4 * FIRST_ITEMS


@given(st.integers(1, 100), st.integers(1, 5000), st.lists(st.tuples(st.booleans(), st.floats(0, 100))))
def test_it_stays_within_its_bounds(first: int, largest: int, requests: list[tuple[bool, float]]) -> None:
    pace = Pace(first, largest)
    for broke, seconds in requests:
        if broke:
            pace.failed()
        else:
            pace.went(pace.size, seconds)
        assert 1 <= pace.size <= largest


@given(st.integers(1, 10_000), st.integers())
def test_pauses_grow_to_a_bound_and_no_further(attempt: int, seed: int) -> None:
    assert 0 <= pause_seconds(attempt, Random(seed)) <= min(LONGEST_SECONDS, BASE_SECONDS * 2 ** min(attempt, 20))


def test_two_clients_do_not_come_back_at_once() -> None:
    assert pause_seconds(8, Random(1)) != pause_seconds(8, Random(2))
