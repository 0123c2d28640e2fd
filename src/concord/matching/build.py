"""Laying entries into a segment, with its tables, in NumPy. The bytes are those that native/segment.cpp lays.

A table is made by counting: how many entries each bucket has, where each begins then, and entry after entry to where its
bucket has got to. All goes in blocks, so that a segment of any size takes the same memory beside itself.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from concord.matching.layout import Layout, Table
from concord.matching.rows import Rows, stored

BLOCK_ENTRIES = 1 << 20
_LEAD_BITS = 24  # of a mark; its shift is above
_RADIX_BITS = 16  # NumPy sorts numbers of so many bits by radix, ten times as fast as wider ones


def fill(
    memory: NDArray[np.uint8],
    layout: Layout,
    hashes: NDArray[np.uint8],
    ids: NDArray[np.uint64],
    release: Callable[[], None],
) -> None:
    """Of uint8[n, 32] hashes as given; padding is left as it is. Calls `release` when the rows are in place."""
    rows, positions = Rows.over(memory, layout.entries), memory.view("<u4")
    if layout.tables:
        _fill_rows_sorted(rows, positions, layout.tables[0], hashes, ids)
    else:
        for block in _blocks(layout.entries):
            _put(rows, block, _words(hashes[block]), ids[block])
    release()
    for number, table in enumerate(layout.tables[1:], 1):
        _fill_postings(rows, positions, table, layout.next(number), layout.position_bits)
    if layout.entries and layout.mark_count:
        _fill_marks(rows, positions, layout)


def _fill_rows_sorted(
    rows: Rows, positions: NDArray[np.uint32], table: Table, hashes: NDArray[np.uint8], ids: NDArray[np.uint64]
) -> None:
    """By the chunk of this table."""
    blocks = _blocks(len(ids))
    starts = _starts(positions, table)
    for block in blocks:
        _count(starts, table.keys(_words(hashes[block])))
    ends = _begun(starts)
    for block in blocks:
        words = _words(hashes[block])
        order, places = _placed(ends, table.keys(words), table.width)
        _put(rows, places, words.take(order, axis=1), ids[block].take(order))


def _fill_postings(
    rows: Rows, positions: NDArray[np.uint32], table: Table, following: Table, position_bits: int
) -> None:
    blocks = _blocks(len(rows.ids))
    starts = _starts(positions, table)
    for block in blocks:
        _count(starts, table.keys(rows.words(block)))
    ends = _begun(starts)
    postings = positions[table.postings : table.postings + len(rows.ids)]
    for block in blocks:
        words = rows.words(block)
        order, places = _placed(ends, table.keys(words), table.width)
        hints = following.keys(words)[order] << position_bits  # bits for which there is no room are cut off
        postings[places] = (hints | (order + block.start)).astype(np.uint32)


def _fill_marks(rows: Rows, positions: NDArray[np.uint32], layout: Layout) -> None:
    """What the first chunk of each run begins with: shifted as little as makes it one value, or that and the next."""
    ends = np.arange(layout.mark_count + 1, dtype=np.int64) << layout.run_bits
    lows = np.minimum(ends[:-1], layout.entries - 1)
    highs = np.maximum(lows, np.minimum(ends[1:], layout.entries) - 1)
    for at, (low, high) in enumerate(zip(*(_first_chunks(rows, layout, some) for some in (lows, highs)), strict=True)):
        shift = 0
        while (high >> shift) - (low >> shift) > 1:
            shift += 1
        positions[layout.marks + at] = low >> shift | shift << _LEAD_BITS


def _first_chunks(rows: Rows, layout: Layout, entries: NDArray[np.int64]) -> list[int]:
    first = rows.first[entries]
    chunks: list[int] = layout.tables[0].keys((first[:, 0], first[:, 1])).tolist()
    return chunks


def _put(rows: Rows, places: slice | NDArray[np.int64], words: NDArray[np.uint64], ids: NDArray[np.uint64]) -> None:
    rows.ids[places] = ids
    rows.first[places], rows.second[places] = words[:2].T, words[2:].T


def _words(hashes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """uint64[4, n], in stored order."""
    return stored(hashes).view("<u8").T


def _blocks(entries: int) -> list[slice]:
    return [slice(begin, min(begin + BLOCK_ENTRIES, entries)) for begin in range(0, entries, BLOCK_ENTRIES)]


# ---- counting ---------------------------------------------------------------------------------------------------------


def _starts(positions: NDArray[np.uint32], table: Table) -> NDArray[np.uint32]:
    """Of the table, one for each bucket and one behind the last, all 0."""
    starts = positions[table.starts : table.starts + table.buckets + 1]
    starts[:] = 0
    return starts


def _count(starts: NDArray[np.uint32], keys: NDArray[np.int64]) -> None:
    """Each bucket's entries, one place further than the bucket's start."""
    np.add.at(starts[1:], keys, np.uint32(1))


def _begun(starts: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Makes starts of counts; returns how far each bucket has got: not yet beyond its start."""
    np.cumsum(starts, dtype=starts.dtype, out=starts)
    return starts[:-1].copy()


def _placed(
    ends: NDArray[np.uint32], keys: NDArray[np.int64], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A block's entries in the order of their keys, equal ones as they come, and the place of each; moves the ends on."""
    order = _sorting(keys, width)
    ascending = keys[order]
    begins = np.flatnonzero(np.concatenate(([True], ascending[1:] != ascending[:-1])))
    counts = np.diff(begins, append=len(keys))
    buckets = ascending[begins]
    places = np.repeat(ends[buckets] - begins, counts) + np.arange(len(keys))
    ends[buckets] += counts.astype(np.uint32)
    return order, places


def _sorting(keys: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """What sorts them and keeps equal ones in order: by the lower bits, then by the higher ones."""
    order = np.argsort(keys.astype(np.uint16), kind="stable")
    if width > _RADIX_BITS:
        order = order[np.argsort((keys >> _RADIX_BITS).astype(np.uint16)[order], kind="stable")]
    return order.astype(np.int64, copy=False)
