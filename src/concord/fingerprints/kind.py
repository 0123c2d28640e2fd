"""What a kind of fingerprint is: one file that makes one KIND, listed in `kinds.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Luma = np.ndarray[tuple[int, int], np.dtype[Any]]  # [height, width], brightness 0 to 255 as uint8 or float32


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One fingerprint of one picture."""

    kind: str  # the name of a Kind
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
    """`measure` gives the value and its quality; values are compared by Hamming distance."""

    name: str
    size_bytes: int
    radius_bits: int  # up to this distance two values match
    quality_floor: int  # below it a value is too plain to be compared
    measure: Callable[[Luma], tuple[bytes, int | None]]
    examples: tuple[Example, ...]
