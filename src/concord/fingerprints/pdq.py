"""PDQ: 256 bits that stay close when a picture is recompressed, resized, blurred or recoloured.

PDQ's reduction (two box passes each way, then sampling) is linear and separable: the 64 x 64 picture is R * luma * C^T,
with banded R and C that depend only on the sides. So one pass over the pixels is enough, and the result is that of the
reference up to rounding. Where rounding could turn a bit, the reference itself decides (`pdq_reference.py`).
Source of the method: the PDQ description and C++ program in facebook/ThreatExchange.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from concord.fingerprints.kind import Example, Kind, Luma
from concord.fingerprints.pdq_reference import SIDE, Floats, box_edges, picks, reduce_to_64

VALUE_BYTES = 32
QUALITY_FLOOR = 50  # the publisher's advice
RADIUS_BITS = 31  # the publisher's advice
LEAST_SIDE_PIXELS = 5  # below it the reference gives a value of zeros and quality 0

ROUNDING = 5e-3  # nearly twice what a coefficient was ever seen to differ from the reference (2.7e-3: symmetric noise)
REFEREE_PIXELS = 4_000_000  # the reference is fifty times slower: larger pictures do without it


@dataclass(frozen=True, slots=True)
class Pdq:
    value: bytes  # 32 bytes, most significant bit first, as the reference prints it
    quality: int  # 0 to 100: how much there is to see


def pdq(luma: Luma) -> Pdq:
    """Of [height, width] brightness, 0 to 255, uint8 or float32. The reference's from a quality of 50 on."""
    if min(luma.shape) < LEAST_SIDE_PIXELS:
        return Pdq(bytes(VALUE_BYTES), 0)
    small = reduce_fast(luma)
    coefficients = cosines(small)
    if luma.size <= REFEREE_PIXELS and quality(small) >= QUALITY_FLOOR and is_close_call(coefficients):
        small = reduce_to_64(luma)
        coefficients = cosines(small)
    return Pdq(bits(coefficients), quality(small))


def distance_bits(a: bytes, b: bytes) -> int:
    """In how many bits two values of one length differ."""
    if len(a) != len(b):
        raise ValueError(f"values of {len(a)} and {len(b)} bytes cannot be compared")
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


# ---- the steps ----------------------------------------------------------------------------------------------------


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


def reduce_fast(luma: Luma) -> Floats:
    """[h, w] to [64, 64] float32 in one pass, without a float copy of the picture."""
    height, width = luma.shape
    rows = np.empty((SIDE, width), np.float32)
    for at, band in enumerate(bands(height)):
        rows[at] = band.weights @ luma[band.start : band.stop].astype(np.float32)
    small: Floats = np.empty((SIDE, SIDE), np.float32)
    for at, band in enumerate(bands(width)):
        small[:, at] = rows[:, band.start : band.stop] @ band.weights
    return small


def _cosine_matrix() -> Floats:
    scale = np.float64(np.float32(np.sqrt(2 / SIDE)))  # the reference rounds the scale before it multiplies
    angles = np.pi / 2 / SIDE * np.outer(2 * np.arange(SIDE) + 1, np.arange(1, 17))
    matrix: Floats = (scale * np.cos(angles)).astype(np.float32)
    return matrix


COSINES = _cosine_matrix()  # [64, 16], frequencies 1 to 16: the mean brightness is left out


def cosines(small: Floats) -> Floats:
    """[64, 64] to [16, 16] coefficients, down the columns and then along the rows."""
    halfway = _weighted_sums(COSINES, small)
    return np.ascontiguousarray(_weighted_sums(COSINES, np.ascontiguousarray(halfway.T)).T)


def _weighted_sums(weights: Floats, values: Floats) -> Floats:
    """weights^T * values. A matrix product would add in an order that depends on the processor; this adds one row after
    the other, as the reference does."""
    products = np.multiply(weights[:, :, None], values[:, None, :], order="C")
    sums: Floats = products.sum(axis=0)
    return sums


def lower_median(coefficients: Floats) -> np.float32:
    """The 128th of 256: the reference's median of an even number."""
    median: np.float32 = np.partition(coefficients, 127, axis=None)[127]
    return median


def bits(coefficients: Floats) -> bytes:
    """Which of the 256 are above their median; the first is the least significant bit."""
    return np.packbits((coefficients > lower_median(coefficients)).ravel()[::-1]).tobytes()


def is_close_call(coefficients: Floats) -> bool:
    """True where a second coefficient is so near the median that rounding could decide on which side it falls."""
    near = np.abs(coefficients - lower_median(coefficients)) < ROUNDING
    return int(np.count_nonzero(near)) > 1


def quality(small: Floats) -> int:
    """The reference's: steps between neighbours in hundredths of full brightness, each cut to a whole one, summed."""
    hundred, full = np.float32(100), np.float32(255)
    down = ((small[:-1] - small[1:]) * hundred / full).astype(np.int32)
    across = ((small[:, :-1] - small[:, 1:]) * hundred / full).astype(np.int32)
    return min(100, int(np.abs(down).sum() + np.abs(across).sum()) // 90)


# ---- the kind -----------------------------------------------------------------------------------------------------


def _measure(luma: Luma) -> tuple[bytes, int]:
    measured = pdq(luma)
    return measured.value, measured.quality


def _ripples() -> Luma:
    """240 x 320 of smooth texture."""
    y, x = np.mgrid[:240, :320]
    brightness: Luma = (128 + 60 * np.sin(x / 17 + y / 29) + 60 * np.cos(x * y / 4000)).astype(np.uint8)
    return brightness


KIND = Kind(
    name="pdq",
    size_bytes=VALUE_BYTES,
    radius_bits=RADIUS_BITS,
    quality_floor=QUALITY_FLOOR,
    measure=_measure,
    examples=(
        Example(
            luma=_ripples,
            value=bytes.fromhex("fd4aea95fd4aaa95f54aaa95554aaa95554aaa95554a5516ffc4001daab15543"),
            quality=100,
            altered=lambda: _ripples()[::2, ::2],
            other=lambda: _ripples()[:, ::-1],
        ),
    ),
)
