"""PDQ's reduction to 64 x 64 in one pass over the pixels.

It is linear and separable (two box passes each way, then sampling): the small picture is R * luma * C^T, with banded R and
C that depend only on the sides. Compiled code weighs the rows where it was built, NumPy elsewhere and for what does not
lie in memory row by row, at three times the cost; both are the reference's up to rounding.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from concord.fingerprints.kind import Luma
from concord.fingerprints.pdq_reference import SIDE, Floats, box_edges, picks

try:
    import concord.fingerprints._weigh as _weigh  # `from` could not be told from a broken build
except ModuleNotFoundError:
    LEVELS: tuple[str, ...] = ()
else:
    LEVELS = tuple(_weigh.levels())  # of this processor, best first; empty: nothing was compiled

STACKED = 4  # bands that NumPy multiplies at once: of rows
ABREAST = 8  # and of columns, where the calls cost more than the products
CACHED_BYTES = 400 << 10  # of pixels in floating point: they are to stay in a core's cache until they are multiplied


@dataclass(frozen=True, slots=True)
class Band:
    """One row of the operator: the weights of a run of pixels."""

    start: int
    stop: int
    weights: np.ndarray[tuple[int], np.dtype[np.float32]]


@lru_cache(maxsize=1024)
def bands(side: int) -> tuple[Band, ...]:
    """The 64 rows that reduce a side of so many pixels: two box passes, seen from the sampled positions."""
    if side == SIDE:
        return tuple(Band(at, at + 1, np.ones(1, np.float32)) for at in range(SIDE))
    first, last = box_edges(side)
    made = []
    for at in picks(side):
        inner = range(first[at], last[at] + 1)
        start, stop = int(first[inner[0]]), int(last[inner[-1]]) + 1
        weights = np.zeros(stop - start)
        for position in inner:
            share = 1 / (len(inner) * (last[position] - first[position] + 1))
            weights[first[position] - start : last[position] + 1 - start] += share
        made.append(Band(start, stop, weights.astype(np.float32)))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Stack:
    """A few bands that follow one another, as one matrix over the pixels that they span."""

    bands: slice
    start: int
    stop: int
    weights: Floats  # [bands, pixels]


@lru_cache(maxsize=256)
def stacks(side: int, height: int) -> tuple[Stack, ...]:
    """All bands of a side, `height` in a stack."""
    made = []
    for at in range(0, SIDE, height):
        some = bands(side)[at : at + height]
        start, stop = some[0].start, max(band.stop for band in some)
        weights: Floats = np.zeros((len(some), stop - start), np.float32)
        for row, band in zip(weights, some, strict=True):
            row[band.start - start : band.stop - start] = band.weights
        made.append(Stack(slice(at, at + height), start, stop, weights))
    return tuple(made)


def reduce_fast(luma: Luma) -> Floats:
    """[h, w] to [64, 64] float32, without a float copy of the picture."""
    if abs(luma.strides[0]) < abs(luma.strides[1]):  # a view turned by 90 degrees: read it as it lies in memory
        turned: Floats = np.ascontiguousarray(reduce_fast(luma.T).T)
        return turned
    rows = weigh_compiled(luma, LEVELS[0]) if LEVELS and can_be_compiled(luma) else weigh(luma)
    small: Floats = np.empty((SIDE, SIDE), np.float32)
    for stack in stacks(luma.shape[1], ABREAST):
        np.matmul(rows[:, stack.start : stack.stop], stack.weights.T, out=small[:, stack.bands])
    return small


# ---- the rows -----------------------------------------------------------------------------------------------------------


def weigh(luma: Luma) -> Floats:
    """[h, w] to [64, w]: each band's weighted sum of its rows."""
    height, width = luma.shape
    lines = stacks(height, _stack_height(height, width))
    floating = np.empty((max(stack.stop - stack.start for stack in lines), width), np.float32)
    rows: Floats = np.empty((SIDE, width), np.float32)
    for stack in lines:
        pixels = floating[: stack.stop - stack.start]
        np.copyto(pixels, luma[stack.start : stack.stop])
        np.matmul(stack.weights, pixels, out=rows[stack.bands])
    return rows


def _stack_height(height: int, width: int) -> int:
    """Fewer and larger products cost less as long as their pixels stay in the cache."""
    band_bytes = 4 * width * -(-height // SIDE)
    return next((count for count in (STACKED, 2) if count * band_bytes <= CACHED_BYTES), 1)


def can_be_compiled(luma: Luma) -> bool:
    return luma.dtype == np.uint8 and luma.flags.c_contiguous


def weigh_compiled(luma: Luma, level: str) -> Floats:
    """The same up to rounding, of whole pictures of bytes; every level gives the same to the last bit."""
    rows: Floats = np.empty((SIDE, luma.shape[1]), np.float32)
    _weigh.rows(luma, *_packed(luma.shape[0]), rows, level)
    return rows


@lru_cache(maxsize=1024)
def _packed(side: int) -> tuple[Any, Any, Any]:
    """Starts, counts and weights of the bands."""
    starts = np.array([band.start for band in bands(side)], np.int64)
    counts = np.array([band.stop - band.start for band in bands(side)], np.int64)
    return starts, counts, np.concatenate([band.weights for band in bands(side)])
