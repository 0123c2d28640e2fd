"""How many pictures a file holds, counted in its outermost structure: nothing is unpacked for it."""

from collections.abc import Iterable, Iterator
from itertools import islice

from concord.jail.ifd import directories

MOST_FRAMES = 10_000  # a hostile file can hold millions of empty ones


def counted(frames: Iterable[object]) -> int:
    """At least 1, at most MOST_FRAMES."""
    return max(1, sum(1 for _ in islice(frames, MOST_FRAMES)))


def claimed(number: int) -> int:
    """The same for a number that a header gives."""
    return max(1, min(number, MOST_FRAMES))


def tiff_frames(data: bytes) -> int:
    return counted(directories(data))


def gif_frames(data: bytes) -> int:
    return counted(_gif_images(data))


def _gif_images(data: bytes) -> Iterator[int]:
    """The positions of the image descriptors; ends where the structure does."""
    at = 13 + _colours_bytes(data, 10)
    while at < len(data):
        block = data[at]
        if block == 0x2C:
            yield at
            at = _after_pieces(data, at + 11 + _colours_bytes(data, at + 9))
        elif block == 0x21:
            at = _after_pieces(data, at + 2)
        else:
            return


def _colours_bytes(data: bytes, at: int) -> int:
    """Of the colour table that the flags at this position announce."""
    if at >= len(data) or not data[at] & 0x80:
        return 0
    return int(3 << (data[at] & 7) + 1)


def _after_pieces(data: bytes, at: int) -> int:
    """Past pieces of up to 255 bytes, each with its length before it, and the empty one that ends them."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1
