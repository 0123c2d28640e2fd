"""PDQ: 256 bits that stay close when a picture is recompressed, resized, blurred or recoloured.

One pass over the pixels (`reduce.py`) gives the reference's small picture up to rounding; of it, all is read that makes a
value (`small.py`). Where rounding could turn a bit, the reference itself decides (`pdq_reference.py`).
Source of the method: the PDQ description and C++ program in facebook/ThreatExchange.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from concord.fingerprints.kind import Example, Kind, Luma
from concord.fingerprints.pdq_reference import Floats
from concord.fingerprints.reduce import reduce_fast
from concord.fingerprints.referee import reduce_as_reference
from concord.fingerprints.small import VALUE_BYTES, cosines, quality, turned_bits, values
from concord.fingerprints.tone import evened
from concord.fingerprints.transform import NONE, TONE, TURNS, joined

QUALITY_FLOOR = 50  # the publisher's advice
RADIUS_BITS = 31  # the publisher's advice
LEAST_SIDE_PIXELS = 5  # below it the reference gives a value of zeros and quality 0

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
    return Pdq(measured.turned[NONE], measured.quality)


def pdq_turned(luma: Luma) -> tuple[Mapping[str, bytes], int]:
    """The value of the picture as it is ("none") and of it turned in each way of `transform.TURNS`; and the quality, which
    is the same for all. "none" is the reference's from a quality of 50 on; another may differ by a pair of bits where
    rounding decides, since the referee is asked for the upright picture only.
    """
    if min(luma.shape) < LEAST_SIDE_PIXELS:
        return dict.fromkeys((NONE, *TURNS), bytes(VALUE_BYTES)), 0
    measured = measure(luma)
    return measured.turned, measured.quality


def pdq_all(luma: Luma) -> tuple[Mapping[str, bytes], int]:
    """`pdq_turned`, and from a quality of 50 on as many again of the picture with its tones evened out (`tone.py`). These
    are no reference's: compiled and not, they may differ by a few bits."""
    if min(luma.shape) < LEAST_SIDE_PIXELS:
        return pdq_turned(luma)
    measured = measure(luma)
    if measured.quality < QUALITY_FLOOR:
        return measured.turned, measured.quality
    even, _ = values(evened(measured.small))
    return measured.turned | {joined(turn, TONE): value for turn, value in even.items()}, measured.quality


@dataclass(frozen=True, slots=True)
class Measured:
    small: Floats  # [64, 64] brightness
    turned: dict[str, bytes]
    quality: int


def measure(luma: Luma) -> Measured:
    """The reference's where rounding could turn a bit."""
    small = reduce_fast(luma)
    seen, (turned, is_close_call) = quality(small), values(small)
    if luma.size <= REFEREE_PIXELS and seen >= QUALITY_FLOOR and is_close_call:
        small = reduce_as_reference(luma)
        seen, turned = quality(small), turned_bits(cosines(small))
    return Measured(small, turned, seen)


def distance_bits(a: bytes, b: bytes) -> int:
    """In how many bits two values of one length differ."""
    if len(a) != len(b):
        raise ValueError(f"values of {len(a)} and {len(b)} bytes cannot be compared")
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


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
