"""PDQ: 256 bits that stay close when a picture is recompressed, resized, blurred or recoloured.

One pass over the pixels (`reduce.py`) gives the reference's result up to rounding. Where rounding could turn a bit, the
reference itself decides (`pdq_reference.py`).
Turning a picture turns the signs of its cosines and exchanges their axes, so one transform serves all orientations.
Source of the method: the PDQ description and C++ program in facebook/ThreatExchange.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from concord.fingerprints.kind import Example, Kind, Luma
from concord.fingerprints.pdq_reference import SIDE, Floats
from concord.fingerprints.reduce import reduce_fast
from concord.fingerprints.referee import reduce_as_reference
from concord.fingerprints.tone import evened
from concord.fingerprints.transform import NONE, TONE, TURNS, joined

VALUE_BYTES = 32
QUALITY_FLOOR = 50  # the publisher's advice
RADIUS_BITS = 31  # the publisher's advice
LEAST_SIDE_PIXELS = 5  # below it the reference gives a value of zeros and quality 0

ROUNDING = 5e-3  # nearly twice what a coefficient was ever seen to differ from the reference (2.7e-3: symmetric noise)
REFEREE_PIXELS = 4_000_000  # the reference is many times slower: larger pictures do without it


@dataclass(frozen=True, slots=True)
class Pdq:
    value: bytes  # 32 bytes, most significant bit first, as the reference prints it
    quality: int  # 0 to 100: how much there is to see


def pdq(luma: Luma) -> Pdq:
    """Of [height, width] brightness, 0 to 255, uint8 or float32. The reference's from a quality of 50 on."""
    if min(luma.shape) < LEAST_SIDE_PIXELS:
        return Pdq(bytes(VALUE_BYTES), 0)
    measured = measure(luma)
    return Pdq(bits(measured.coefficients), measured.quality)


def pdq_turned(luma: Luma) -> tuple[Mapping[str, bytes], int]:
    """The value of the picture as it is ("none") and of it turned in each way of `transform.TURNS`; and the quality, which
    is the same for all. "none" is the reference's from a quality of 50 on; another may differ by a pair of bits where
    rounding decides, since the referee is asked for the upright picture only.
    """
    if min(luma.shape) < LEAST_SIDE_PIXELS:
        return dict.fromkeys((NONE, *TURNS), bytes(VALUE_BYTES)), 0
    measured = measure(luma)
    return turned_bits(measured.coefficients), measured.quality


def pdq_all(luma: Luma) -> tuple[Mapping[str, bytes], int]:
    """`pdq_turned`, and from a quality of 50 on as many again of the picture with its tones evened out (`tone.py`). These
    are no reference's: compiled and not, they may differ by a few bits."""
    if min(luma.shape) < LEAST_SIDE_PIXELS:
        return pdq_turned(luma)
    measured = measure(luma)
    if measured.quality < QUALITY_FLOOR:
        return turned_bits(measured.coefficients), measured.quality
    plain, even = turned_bits_of(np.array([measured.coefficients, cosines_fast(evened(measured.small))]))
    return plain | {joined(turn, TONE): value for turn, value in even.items()}, measured.quality


def distance_bits(a: bytes, b: bytes) -> int:
    """In how many bits two values of one length differ."""
    if len(a) != len(b):
        raise ValueError(f"values of {len(a)} and {len(b)} bytes cannot be compared")
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


# ---- the steps ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    small: Floats  # [64, 64] brightness
    coefficients: Floats  # [16, 16]
    quality: int


def measure(luma: Luma) -> Measured:
    """The reference's where rounding could turn a bit."""
    small = reduce_fast(luma)
    coefficients, seen = cosines_fast(small), quality(small)
    if luma.size <= REFEREE_PIXELS and seen >= QUALITY_FLOOR and is_close_call(coefficients):
        small = reduce_as_reference(luma)
        coefficients, seen = cosines(small), quality(small)
    return Measured(small, coefficients, seen)


def _cosine_matrix() -> Floats:
    scale = np.float64(np.float32(np.sqrt(2 / SIDE)))  # the reference rounds the scale before it multiplies
    angles = np.pi / 2 / SIDE * np.outer(2 * np.arange(SIDE) + 1, np.arange(1, 17))
    matrix: Floats = (scale * np.cos(angles)).astype(np.float32)
    return matrix


COSINES = _cosine_matrix()  # [64, 16], frequencies 1 to 16: the mean brightness is left out


def cosines_fast(small: Floats) -> Floats:
    """The same as `cosines` up to rounding."""
    coefficients: Floats = np.matmul(np.matmul(COSINES.T, small), COSINES)
    return coefficients


def cosines(small: Floats) -> Floats:
    """[64, 64] to [16, 16] coefficients, down the columns and then along the rows, to the reference's last bit."""
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


# Reversing a side turns the sign of its odd frequencies, which stand at even places as frequency 0 is left out.
_REVERSED = np.where(np.arange(16) % 2 == 0, np.float32(-1), np.float32(1))
_SIGNS = np.ones((4, 16, 16), np.float32)  # top and bottom stay, stay, change, change; left and right stay, change, ...
_SIGNS[2:] *= _REVERSED[:, None]
_SIGNS[1::2] *= _REVERSED
_UPRIGHT = (NONE, "mirror", "flip", "rotate-180")
_TRANSPOSED = ("transpose", "rotate-270", "rotate-90", "transverse")  # of the four above, rows and columns exchanged
_WAYS = _UPRIGHT + _TRANSPOSED


def turned_bits(coefficients: Floats) -> dict[str, bytes]:
    """The value under the name of each orientation, as of the picture after it was turned so."""
    (turned,) = turned_bits_of(coefficients[None])
    return turned


def turned_bits_of(several: np.ndarray[tuple[int, int, int], np.dtype[np.float32]]) -> list[dict[str, bytes]]:
    """`turned_bits` of each of [n, 16, 16]: what it costs is calls, not numbers."""
    signed = several[:, None] * _SIGNS
    medians = np.partition(signed.reshape(-1, 4, 256), 127, axis=2)[:, :, 127]
    ways = np.empty((len(several), 2, 4, 16, 16), np.bool_)
    np.greater(signed, medians[:, :, None, None], out=ways[:, 0])
    ways[:, 1] = ways[:, 0].swapaxes(2, 3)
    packed = np.packbits(
        ways.reshape(-1, 8, 256)[:, :, ::-1], axis=2
    )  # the first of the 256 is the least significant bit
    return [{name: value.tobytes() for name, value in zip(_WAYS, values, strict=True)} for values in packed]


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


def _value(luma: Luma) -> tuple[bytes, int]:
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
    measure=_value,
    measure_all=pdq_all,
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
