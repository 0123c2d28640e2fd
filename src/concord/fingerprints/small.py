"""What PDQ reads off its small picture of 64 x 64 pixels: how much there is to see, and the values of all orientations.

Turning a picture turns the signs of its cosines and exchanges their axes, so one transform serves all orientations.
Compiled code does it where it was built, in about a third of the time; NumPy elsewhere.
"""

import numpy as np

from concord.fingerprints.pdq_reference import SIDE, Floats
from concord.fingerprints.transform import NONE

try:
    import concord.fingerprints._small as _small  # `from` could not be told from a broken build
except ModuleNotFoundError:
    COMPILED = False
else:
    COMPILED = True

VALUE_BYTES = 32
ROUNDING = 5e-3  # nearly twice what a coefficient was ever seen to differ from the reference (2.7e-3: symmetric noise)

_UPRIGHT = (NONE, "mirror", "flip", "rotate-180")
_TRANSPOSED = ("transpose", "rotate-270", "rotate-90", "transverse")  # of the four above, rows and columns exchanged
WAYS = _UPRIGHT + _TRANSPOSED


def quality(small: Floats) -> int:
    """Of [64, 64] brightness, 0 to 255: 0 to 100, the reference's."""
    return _small.quality(small) if COMPILED else quality_plain(small)


def values(small: Floats) -> tuple[dict[str, bytes], bool]:
    """The value under the name of each orientation, as of the picture after it was turned so; and whether it was a close
    call: whether rounding could decide a bit of the value as it is."""
    if not COMPILED:
        return values_plain(small)
    packed, is_close = _small.values(small, COSINES, ROUNDING)
    return _named(packed), is_close


def _named(packed: bytes) -> dict[str, bytes]:
    return {
        name: packed[at : at + VALUE_BYTES] for name, at in zip(WAYS, range(0, len(packed), VALUE_BYTES), strict=True)
    }


# ---- the same with NumPy ------------------------------------------------------------------------------------------------


def quality_plain(small: Floats) -> int:
    """Steps between neighbours in hundredths of full brightness, each cut to a whole one, summed."""
    hundred, full = np.float32(100), np.float32(255)
    down = ((small[:-1] - small[1:]) * hundred / full).astype(np.int32)
    across = ((small[:, :-1] - small[:, 1:]) * hundred / full).astype(np.int32)
    return min(100, int(np.abs(down).sum() + np.abs(across).sum()) // 90)


def values_plain(small: Floats) -> tuple[dict[str, bytes], bool]:
    coefficients = cosines_fast(small)
    return turned_bits(coefficients), is_close_call(coefficients)


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


# Reversing a side turns the sign of its odd frequencies, which stand at even places as frequency 0 is left out.
_REVERSED = np.where(np.arange(16) % 2 == 0, np.float32(-1), np.float32(1))
_SIGNS = np.ones((4, 16, 16), np.float32)  # top and bottom stay, stay, change, change; left and right stay, change, ...
_SIGNS[2:] *= _REVERSED[:, None]
_SIGNS[1::2] *= _REVERSED


def turned_bits(coefficients: Floats) -> dict[str, bytes]:
    """Which of the [16, 16] are above their median, in each orientation; the first is the least significant bit."""
    signed = coefficients * _SIGNS
    medians = np.partition(signed.reshape(4, 256), 127, axis=1)[:, 127]
    ways = np.empty((2, 4, 16, 16), np.bool_)
    np.greater(signed, medians[:, None, None], out=ways[0])
    ways[1] = ways[0].swapaxes(1, 2)
    return _named(np.packbits(ways.reshape(8, 256)[:, ::-1], axis=1).tobytes())


def is_close_call(coefficients: Floats) -> bool:
    """True where a second coefficient is so near the median that rounding could decide on which side it falls."""
    near = np.abs(coefficients - lower_median(coefficients)) < ROUNDING
    return int(np.count_nonzero(near)) > 1
