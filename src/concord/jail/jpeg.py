"""JPEG: the luma plane alone where that is possible (simplejpeg), Pillow for the rest."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

import simplejpeg
from PIL import JpegImagePlugin, MpoImagePlugin  # noqa: F401 - the JPEG opener would import the other when it meets one
from PIL.ImageFile import ImageFile

from concord.jail.frames import claimed
from concord.jail.ifd import PICTURES, first_number, orientation
from concord.jail.luma import turn_upright
from concord.jail.opened import Decoded, Opened, UndecodableError
from concord.jail.pillow import bytes_per_pixel, opened_image, undecodable, unpacked, with_codec

SIMPLEJPEG = f"simplejpeg {simplejpeg.__version__}"
PILLOW_JPEG = with_codec("libjpeg_turbo")

MOST_SEGMENTS = 1_000  # before the picture itself; real files have some dozens
PROGRESSIVE_BYTES = 8  # a pixel: three planes of coefficients are held whole, at 2 bytes each at most
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length


def open_jpeg(data: bytes) -> Opened:
    """Without unpacking. Raises UndecodableError."""
    notes = Notes(data)
    with suppress(ValueError):
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
        if colours in ("YCbCr", "Gray"):
            cost = PROGRESSIVE_BYTES if notes.progressive else 1
            return Opened(width, height, cost, notes.pictures, lambda: _luma_plane(data, (width, height), notes))
    image = opened_image(_opened, data)
    cost = bytes_per_pixel(image, PROGRESSIVE_BYTES if notes.progressive else 0)
    return Opened(*image.size, cost, notes.pictures, lambda: unpacked(image, PILLOW_JPEG))


def _luma_plane(data: bytes, size: tuple[int, int], notes: "Notes") -> Decoded:
    try:
        luma = simplejpeg.decode_jpeg(data, "GRAY")[:, :, 0]
    except ValueError as error:
        # Pillow would fill what is missing with grey and say nothing.
        if "premature end of data" in str(error):
            raise undecodable(error) from None
        return _with_pillow(data, size)
    return Decoded(turn_upright(luma, notes.orientation), SIMPLEJPEG)


def _with_pillow(data: bytes, size: tuple[int, int]) -> Decoded:
    """What the fast decoder refuses: damage that leaves a picture to see."""
    image = opened_image(_opened, data)
    if image.size != size:
        raise UndecodableError("the decoders disagree about its size")  # and only one size was held against the budget
    return unpacked(image, PILLOW_JPEG)


def _opened(file: IO[bytes]) -> ImageFile:
    image = JpegImagePlugin.jpeg_factory(file)
    if image.mode == "RGB":
        image.draft("L", image.size)  # brightness as stored, as simplejpeg gives it
    return image


class Notes:
    """What stands before the picture itself, read once. A broken note about a picture is no reason to refuse it."""

    def __init__(self, data: bytes) -> None:
        self.orientation = 1
        self.pictures = 1
        self.progressive = False
        for marker, start, stop in segments(data):
            if marker == 0xE1 and data.startswith(b"Exif\0\0", start) and self.orientation == 1:
                self.orientation = orientation(data[start:stop])
            elif marker == 0xE2 and data.startswith(b"MPF\0", start):
                self.pictures = claimed(first_number(data[start + 4 : stop], PICTURES) or 1)
            elif marker in (0xC2, 0xC6, 0xCA, 0xCE):
                self.progressive = True


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, stop) of each segment's content until the first scan."""
    at = 2
    for _ in range(MOST_SEGMENTS):
        at = data.find(b"\xff", at)  # readers pass over what stands between two segments
        while 0 <= at < len(data) - 1 and data[at + 1] == 0xFF:
            at += 1
        if at < 0 or at + 4 > len(data) or data[at + 1] in (0xD9, 0xDA):
            return
        marker = data[at + 1]
        at += 2
        if marker in _ALONE or marker == 0:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        yield marker, at + 2, at + length
        at += max(2, length)
