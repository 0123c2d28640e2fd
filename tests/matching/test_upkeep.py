"""When it is due to seal, to erase and to merge."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.matching.upkeep import ERASE_AFTER, RATIO, SEAL_ENTRIES, must_erase, must_seal, to_merge

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_a_tail_is_sealed_at_its_limit() -> None:
    assert not must_seal(SEAL_ENTRIES - 1)
    assert must_seal(SEAL_ENTRIES)


def test_what_was_removed_goes_from_the_disk_well_within_an_hour() -> None:
    assert timedelta(0) < ERASE_AFTER < timedelta(minutes=45)
    assert not must_erase(NOON, NOON + ERASE_AFTER - timedelta(seconds=1))
    assert must_erase(NOON, NOON + ERASE_AFTER)
    assert not must_erase(None, NOON)


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([], []),
        ([5], []),
        ([10, 10], [0, 1]),
        ([20, 10], []),
        ([10, 20, 10], [0, 1, 2]),
        ([1000, 10, 10], [1, 2]),
        ([0, 100], []),
        ([0, 0], []),
    ],
)
def test_small_segments_are_merged_and_large_ones_left_alone(sizes: list[int], merged: list[int]) -> None:
    assert sorted(to_merge(sizes)) == merged


@given(st.lists(st.integers(1, 10**8), max_size=50))
def test_merging_once_leaves_nothing_to_merge_and_few_segments(sizes: list[int]) -> None:
    merged = to_merge(sizes)
    assert len(merged) != 1
    left = [size for at, size in enumerate(sizes) if at not in merged] + [sum(sizes[at] for at in merged)] * bool(
        merged
    )
    while again := to_merge(left):  # what was made may now be too close to the next larger one
        left = [size for at, size in enumerate(left) if at not in again] + [sum(left[at] for at in again)]
    left.sort()
    assert all(size >= RATIO * sum(left[:at]) for at, size in enumerate(left))
    assert len(left) <= 20


def test_an_entry_is_rewritten_a_dozen_times_on_the_way_to_a_hundred_million() -> None:
    sizes, written = list[int](), 0
    for _ in range(100_000_000 // SEAL_ENTRIES):
        sizes.append(SEAL_ENTRIES)
        written += SEAL_ENTRIES
        while merged := to_merge(sizes):
            total = sum(sizes[at] for at in merged)
            sizes = [size for at, size in enumerate(sizes) if at not in merged] + [total]
            written += total
        assert len(sizes) <= 8
    assert written / sum(sizes) < 14
