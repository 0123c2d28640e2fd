"""What a kind of fingerprint is: one file that makes one KIND, listed in `kinds.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

Luma = np.ndarray[tuple[int, int], np.dtype[Any]]  # [height, width], brightness 0 to 255 as uint8 or float32


class Fingerprint(msgspec.Struct, frozen=True):
    """One fingerprint of one picture."""

    kind: str  # the name of a Kind
    transform: str  # what was done to the upright picture before it was measured: see transform.py
    value: bytes
    quality: int | None  # on the kind's own scale; None: the kind has none
    decoder: str  # what unpacked the picture, with its version: decoders differ by a few bits


@dataclass(frozen=True, slots=True)
class Example:
    """A picture and what must come of it. `altered` still matches it, `other` does not."""

    luma: Callable[[], Luma]
    value: bytes
    quality: int | None
    altered: Callable[[], Luma]
    other: Callable[[], Luma]


@dataclass(frozen=True, slots=True)
class Kind:
    """`measure` gives the value and its quality; values are compared by Hamming distance.

    `measure_all` gives the same value under "none", at hardly more cost those of the picture turned in each way of
    `transform.TURNS` under their names, where the quality suffices as many again of its tones evened out ("tone",
    "tone+mirror"), and the one quality of all.
    """

    name: str
    size_bytes: int
    radius_bits: int  # up to this distance two values match
    quality_floor: int  # below it a value is too plain to be compared
    measure: Callable[[Luma], tuple[bytes, int | None]]
    measure_all: Callable[[Luma], tuple[Mapping[str, bytes], int | None]]
    examples: tuple[Example, ...]

    def can_tell(self, quality: int | None) -> bool:
        """Whether a value of this quality says anything about the picture."""
        return (quality or 0) >= self.quality_floor
