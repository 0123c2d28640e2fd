"""What every decoder gives: a picture that is opened and not unpacked yet, so that its budget can be looked at first."""

from collections.abc import Callable
from dataclasses import dataclass

from concord.fingerprints.kind import Luma


class UndecodableError(Exception):
    """Why a picture cannot be decoded whole, in a few words."""


@dataclass(frozen=True, slots=True)
class Decoded:
    luma: Luma  # the whole first picture, upright
    decoder: str  # with its version: decoders differ by a few bits


@dataclass(frozen=True, slots=True)
class Opened:
    width_pixels: int  # as the header claims
    height_pixels: int
    bytes_per_pixel: int  # of memory, at most, while it is unpacked
    frames: int  # as the file claims or counted, MOST_FRAMES standing for more; only the first is unpacked
    unpack: Callable[[], Decoded]  # raises UndecodableError, and MemoryError where the limits are too narrow for it
