"""Where tables lie: the two programs that write them must mean the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.matching.layout import chunks_for, layout_of
from concord.matching.rows import rows_bytes

from .engines import native, relatives

counts = st.one_of(st.integers(0, 2**32 - 1), st.integers(10, 31).map(lambda bits: 1 << bits))
chunk_counts = st.sampled_from([0, *range(11, 17)])


@native
@given(count=counts, chunks=chunk_counts)
def test_a_segment_has_as_many_bytes_as_the_native_part_says(count: int, chunks: int) -> None:
    from concord.matching import _hamming

    assert (chunks, layout_of(count, chunks).size_bytes) == _hamming.shape(count, chunks)


@native
@pytest.mark.parametrize("edge", [0, 16_000, (1 << 22) + 1, (1 << 25) + 1, 100_000_000])
def test_the_native_part_chooses_as_many_chunks(edge: int) -> None:
    from concord.matching import _hamming

    for count in (max(0, edge - 1), edge, edge + 1):
        assert chunks_for(count) == _hamming.shape(count)[0]


@given(count=counts, chunks=st.integers(11, 16))
def test_tables_lie_one_behind_the_other_within_the_segment(count: int, chunks: int) -> None:
    layout, end = layout_of(count, chunks), rows_bytes(count)
    for number, table in enumerate(layout.tables):
        assert table.starts * 4 == end
        assert table.starts * 4 % 64 == table.postings * 4 % 64 == 0
        assert table.postings * 4 >= end + (table.buckets + 1) * 4
        end = table.postings * 4 + (-(-count * 4 // 64) * 64 if number else 0)
    assert layout.marks * 4 == end
    assert layout.size_bytes == end + -(-layout.mark_count * 4 // 64) * 64 + 64


@given(count=counts, chunks=st.integers(11, 16))
def test_chunks_follow_one_another_within_the_hash(count: int, chunks: int) -> None:
    tables, bit = layout_of(count, chunks).tables, 0
    for table in tables:
        assert table.bit == bit
        bit += table.width
    assert bit <= 256
    assert {table.width - 256 // chunks for table in tables} <= {0, 1}


@pytest.mark.parametrize("chunks", range(11, 17))
def test_a_key_is_the_bits_of_its_chunk(chunks: int) -> None:
    hashes = relatives(20, chunks)
    words = hashes.view("<u8").T
    numbers = [int.from_bytes(value.tobytes(), "little") for value in hashes]
    for table in layout_of(2**32 - 1, chunks).tables:
        expected = [number >> table.bit & (1 << table.width) - 1 for number in numbers]
        assert table.keys(words).tolist() == table.keys(tuple(words)).tolist() == expected
        assert table.keys(words).dtype == np.int64


@pytest.mark.parametrize(("count", "chunks"), [(1, 1), (1, 10), (1, 17), (1, -1), (2**32, 0), (2**32, 16)])
def test_what_no_segment_can_be_is_refused(count: int, chunks: int) -> None:
    with pytest.raises(ValueError, match=f"no segment has {count} entries and {chunks} chunks"):
        layout_of(count, chunks)
