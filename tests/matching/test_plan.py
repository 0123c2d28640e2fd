"""How near each table is asked: never so that an entry could be missed, and never dearer than before."""

from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.matching.layout import layout_of
from concord.matching.plain import MEASURED
from concord.matching.plan import MOST_REACH, NOWHERE, cheaper_reach, even_reach, flips, keys_within


@given(chunks=st.integers(11, 16), radius=st.integers(0, 64))
def test_the_radius_is_shared_out_wholly_and_evenly(chunks: int, radius: int) -> None:
    reach = even_reach(chunks, radius)
    if reach is None:
        assert radius + 1 > chunks * MOST_REACH
        return
    assert sum(bits + 1 for bits in reach) == radius + 1
    assert NOWHERE <= min(reach) <= max(reach) <= min(min(reach) + 1, MOST_REACH)
    assert all(one >= next_one for one, next_one in pairwise(reach))


def test_without_tables_there_is_no_reach() -> None:
    assert even_reach(0, 31) is None


@pytest.mark.parametrize("width", [16, 23])
def test_flips_are_all_numbers_with_so_many_bits_each_once(width: int) -> None:
    for bits in range(MOST_REACH + 1):
        found = flips(width, bits)
        assert len(found) == len(np.unique(found)) == comb(width, bits)
        assert (np.bitwise_count(found) == bits).all()
        assert found.max() < 1 << width
    assert keys_within(width, MOST_REACH) == sum(len(flips(width, bits)) for bits in range(MOST_REACH + 1))


@given(chunks=st.integers(11, 16), radius=st.integers(0, 47), data=st.data())
@settings(deadline=None)
def test_a_cheaper_reach_still_misses_nothing_and_is_cheaper_by_what_was_read(
    chunks: int, radius: int, data: st.DataObject
) -> None:
    layout, known = layout_of(1_000_000, chunks), even_reach(chunks, radius)
    assert known is not None
    size = st.sampled_from([0, 5, 100, 20_000, 1_000_000])
    sizes = [[data.draw(size) for _ in range(bits + 1)] for bits in known]
    reach = cheaper_reach(MEASURED, layout, radius, known, sizes)
    if reach is None:
        return
    assert sum(bits + 1 for bits in reach) == radius + 1
    assert NOWHERE <= min(reach) <= max(reach) <= MOST_REACH
    # The part that needs no guess: tables that are asked no further than was read.
    kept = [
        (table, bits, read) for table, bits, read in zip(layout.tables, reach, sizes, strict=True) if bits < len(read)
    ]
    least = sum(MEASURED.asking(keys_within(t.width, b), sum(read[: b + 1])) - MEASURED.question for t, b, read in kept)
    buckets = sum(keys_within(table.width, bits) for table, bits in zip(layout.tables, known, strict=True))
    assert least < MEASURED.asking(buckets, sum(map(sum, sizes)))


def test_a_crowded_table_is_left_out() -> None:
    layout = layout_of(1_000_000, 16)
    known = even_reach(16, 31)
    assert known == (1,) * 16
    sizes = [[500_000, 500_000]] + [[15, 245]] * 15
    reach = cheaper_reach(MEASURED, layout, 31, known, sizes)
    assert reach is not None
    assert reach[0] == NOWHERE


def test_even_buckets_leave_nothing_to_be_cheaper() -> None:
    known = even_reach(16, 31)
    assert known is not None
    assert cheaper_reach(MEASURED, layout_of(1_000_000, 16), 31, known, [[15, 245]] * 16) is None
