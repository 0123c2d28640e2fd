"""Segments laid in NumPy are those that the native part lays, byte by byte, and their tables lead to every entry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from concord.matching import build
from concord.matching.layout import layout_of
from concord.matching.rows import Rows, stored

from .engines import native, relatives


def made(hashes: NDArray[np.uint8], ids: NDArray[np.uint64], chunks: int) -> NDArray[np.uint8]:
    """In memory that held something else before."""
    layout = layout_of(len(ids), chunks)
    memory = np.full(layout.size_bytes, 0x55, np.uint8)
    build.fill(memory, layout, hashes, ids, lambda: None)
    return memory


def crowded(count: int, kinds: int, seed: int) -> NDArray[np.uint8]:
    """Few values many times."""
    return relatives(kinds, seed)[np.random.default_rng(seed).integers(0, kinds, count)]


@native
@pytest.mark.parametrize("chunks", [0, 13, 14, 15, 16])
@given(count=st.integers(0, 300), kinds=st.integers(1, 300), seed=st.integers(0, 1000), block=st.integers(1, 400))
@settings(deadline=None, max_examples=8)
def test_both_lay_the_same_bytes(chunks: int, count: int, kinds: int, seed: int, block: int) -> None:
    from concord.matching import _hamming

    hashes = np.ascontiguousarray(crowded(count, kinds, seed))
    ids = np.random.default_rng(seed).integers(0, 2**64, count, np.uint64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "BLOCK_ENTRIES", block)
        plain = made(hashes, ids, chunks)
    compiled = np.full(len(plain), 0x55, np.uint8)
    _hamming.build(compiled, chunks, hashes, ids)
    assert (plain == compiled).all()


@native
def test_both_lay_the_same_bytes_where_chunks_are_of_two_widths() -> None:
    from concord.matching import _hamming

    count = (1 << 18) + 5  # from 2^18 on, the one bit that 15 equal chunks leave over widens the first
    hashes = np.random.default_rng(3).integers(0, 256, (count, 32), np.uint8)
    ids = np.arange(count, dtype=np.uint64)[::-1].copy()
    chunks = 15
    assert {table.width for table in layout_of(count, chunks).tables} == {17, 18}
    compiled = np.full(layout_of(count, chunks).size_bytes, 0x55, np.uint8)
    _hamming.build(compiled, chunks, hashes, ids)
    assert (made(hashes, ids, chunks) == compiled).all()


@given(count=st.integers(0, 200), kinds=st.integers(1, 200), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=20)
def test_each_bucket_holds_the_entries_with_its_value_and_no_others(count: int, kinds: int, seed: int) -> None:
    hashes, ids = crowded(count, kinds, seed), np.arange(count, dtype=np.uint64) + np.uint64(7)
    layout = layout_of(count, 16)
    memory = made(hashes, ids, 16)
    rows, positions = Rows.over(memory, count), memory.view("<u4")
    order = (rows.ids - np.uint64(7)).astype(np.intp)
    assert sorted(order.tolist()) == list(range(count))
    assert (rows.hashes(slice(None)) == stored(hashes)[order]).all()
    for number, table in enumerate(layout.tables):
        starts = positions[table.starts : table.starts + table.buckets + 1]
        held = np.arange(count)
        if number:
            postings = positions[table.postings : table.postings + count].astype(np.int64)
            held, hints = postings & (1 << layout.position_bits) - 1, postings >> layout.position_bits
            following = layout.next(number).keys(rows.words(slice(None)))[held]
            assert (hints == following & (1 << 32 - layout.position_bits) - 1).all()
        assert (starts[0], starts[-1]) == (0, count)
        values = np.repeat(np.arange(table.buckets), np.diff(starts.astype(np.int64)))
        assert sorted(held.tolist()) == list(range(count))
        assert (table.keys(rows.words(slice(None)))[held] == values).all()


@pytest.mark.parametrize("chunks", [0, 16])
def test_the_input_is_let_go_when_the_rows_are_in_place(chunks: int) -> None:
    hashes, ids = relatives(50, 3), np.arange(50, dtype=np.uint64)
    intact = made(hashes, ids, chunks)
    layout = layout_of(50, chunks)
    memory = np.full(layout.size_bytes, 0x55, np.uint8)

    def release() -> None:
        hashes[:] = 0
        ids[:] = 0

    build.fill(memory, layout, hashes, ids, release)
    assert not hashes.any()
    assert (memory == intact).all()


@given(count=st.integers(1, 20_000), kinds=st.integers(1, 200), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=5)
def test_each_mark_tells_how_the_first_chunks_of_its_run_begin(count: int, kinds: int, seed: int) -> None:
    hashes, layout = crowded(count, kinds, seed), layout_of(count, 15)
    memory = made(hashes, np.arange(count, dtype=np.uint64), 15)
    marks = memory.view("<u4")[layout.marks : layout.marks + layout.mark_count].astype(np.int64)
    mine = marks[np.arange(count) >> layout.run_bits]
    over = (layout.tables[0].keys(Rows.over(memory, count).words(slice(None))) >> (mine >> 24)) - (mine & 0xFFFFFF)
    assert set(over.tolist()) <= {0, 1}
