"""PDQ's reduction to 64 x 64 as its authors' program computes it, step by step in the same float32 order.

Slow and plain: it is the oracle of `pdq.py` in tests, and decides where the fast way is too close to call.
Source: `pdq/cpp/downscaling/downscaling.cpp` in facebook/ThreatExchange, and the package `pdqhash` built from it.
"""

from typing import Any, cast

import numpy as np

from concord.fingerprints.kind import Luma

SIDE = 64
STRIP_LINES = 32  # taken through the filter together, so that what is summed stays in the processor's cache

Floats = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Positions = np.ndarray[tuple[int], np.dtype[np.intp]]


def window_pixels(side: int) -> int:
    """The box filter's width along a side of so many pixels: half a block of the 64, rounded up."""
    return (side + 2 * SIDE - 1) // (2 * SIDE)


def picks(side: int) -> Positions:
    """The 64 sampled positions along a side: centres, not corners."""
    return ((np.arange(SIDE) + 0.5) * side / SIDE).astype(np.intp)


def box_edges(side: int) -> tuple[Positions, Positions]:
    """First and last position that one pass of the box filter averages into each position."""
    window = window_pixels(side)
    half = (window + 2) // 2
    at = np.arange(side)
    return np.maximum(at + half - window, 0), np.minimum(at + half - 1, side - 1)


def box_along_rows(picture: Floats) -> Floats:
    """One pass along each row, as a running sum: what enters on the right is added before what leaves is taken off."""
    side = picture.shape[1]
    first, last = box_edges(side)
    lead = int(last[0])  # so many are added before the first sum is written
    enters = np.diff(last, prepend=lead - 1) > 0
    leaves = np.diff(first, prepend=0) > 0
    steps = np.zeros((picture.shape[0], lead + 2 * side), np.float32)  # where nothing enters or leaves, 0 is added
    steps[:, :lead] = picture[:, :lead]
    steps[:, lead::2][:, enters] = picture[:, last[enters]]
    steps[:, lead + 1 :: 2][:, leaves] = -picture[:, first[leaves] - 1]
    sums = np.cumsum(steps, axis=1)[:, lead + 1 :: 2]
    averages = sums / (last - first + 1).astype(np.float32)
    return cast(Floats, averages)


def box_along_columns(picture: Floats) -> Floats:
    return box_along_rows(np.ascontiguousarray(picture.T)).T


def reduce_to_64(luma: Luma) -> Floats:
    """[h, w] to [64, 64] float32: twice a box pass along rows and one along columns, then sampling."""
    picture: Floats = luma.astype(np.float32)
    if picture.shape == (SIDE, SIDE):
        return np.ascontiguousarray(picture)
    height, width = picture.shape
    for at in _strips(height):
        picture[at] = box_along_rows(picture[at])
    for at in _strips(width):
        picture[:, at] = box_along_columns(picture[:, at])
    columns = picks(width)
    sampled = np.empty((height, SIDE), np.float32)  # columns that are not sampled need no second pass along columns
    for at in _strips(height):
        sampled[at] = box_along_rows(picture[at])[:, columns]
    return np.ascontiguousarray(box_along_columns(sampled)[picks(height)])


def _strips(side: int) -> list[Any]:
    return [slice(start, start + STRIP_LINES) for start in range(0, side, STRIP_LINES)]
