"""Brightness, as a whole picture upright: [height, width] uint8, from JPEG and PNG of every pixel mode.

Transparent pictures are laid on white, the ground that most programs show them on. All work is on whole pictures in at
most a few bytes a pixel, as the address space is limited.
"""

import contextlib
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL
import simplejpeg
from PIL import Image, MpoImagePlugin, TiffImagePlugin  # noqa: F401 - the JPEG opener would import the two later

from concord.fingerprints.kind import Luma

Image.preinit()  # openers are loaded before the walls stand, not with the first picture
Image.MAX_IMAGE_PIXELS = None  # pixels are counted against our own budget before unpacking

SIMPLEJPEG = f"simplejpeg {simplejpeg.__version__}"
PILLOW = f"pillow {PIL.__version__}"

ORIENTATION = 0x0112
STRIP_ROWS = 256


class UndecodableError(Exception):
    """Why a picture cannot be decoded whole, in a few words."""


@dataclass(frozen=True, slots=True)
class Header:
    width_pixels: int  # as stored, before it is turned upright
    height_pixels: int
    image: Image.Image | None  # opened, not unpacked; None: only simplejpeg understands the header
    colours: str | None  # of a JPEG, in simplejpeg's words


@dataclass(frozen=True, slots=True)
class Decoded:
    luma: Luma
    decoder: str


def read_header(data: bytes, begins_as: str) -> Header:
    """Without unpacking. Raises UndecodableError."""
    image: Image.Image | None = None
    with contextlib.suppress(Exception):  # openers raise whatever a broken header makes them
        image = Image.open(io.BytesIO(data), formats=[begins_as.upper()])
    colours: str | None = None
    size = image.size if image else (0, 0)
    if begins_as == "jpeg":
        with contextlib.suppress(ValueError):
            height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
            size = (width, height)
    if 0 in size:
        raise UndecodableError("its header cannot be read")
    return Header(size[0], size[1], image, colours)


def decode(data: bytes, header: Header) -> Decoded:
    """The whole picture or nothing. Raises UndecodableError, and MemoryError where the limits are too narrow for it."""
    if header.colours in ("YCbCr", "Gray"):
        try:
            luma = simplejpeg.decode_jpeg(data, "GRAY")[:, :, 0]
            return Decoded(turn_upright(luma, _orientation(header.image)), SIMPLEJPEG)
        except ValueError as error:
            # Pillow would fill what is missing with grey and say nothing.
            if header.image is None or "premature end of data" in str(error):
                raise _undecodable(error) from None
    if header.image is None:
        raise UndecodableError("its header cannot be read")
    return _decode_with_pillow(header.image)


def _decode_with_pillow(image: Image.Image) -> Decoded:
    try:
        if image.format in ("JPEG", "MPO") and image.mode == "RGB":
            image.draft("L", image.size)  # brightness as stored, as simplejpeg gives it
        image.load()
        luma = luma_of(image)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise whatever a broken file makes them
        raise _undecodable(error) from None
    return Decoded(turn_upright(luma, _orientation(image)), PILLOW)


def _undecodable(error: Exception) -> UndecodableError:
    if "memory" in str(error).lower():
        raise MemoryError
    return UndecodableError(str(error))


def luma_of(image: Image.Image) -> Luma:
    """Of a loaded picture in any mode that JPEG and PNG come in."""
    if image.mode.startswith("I;16"):
        return _from_16_bits(np.asarray(image))
    if image.has_transparency_data:
        if image.mode not in ("LA", "RGBA"):
            image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
        return _on_white(_grey(image), np.asarray(image.getchannel("A")))
    return _grey(image)


def _grey(image: Image.Image) -> Luma:
    if image.mode == "CMYK":
        image = image.convert("RGB")  # there is no direct way
    return np.asarray(image if image.mode == "L" else image.convert("L"))


def _from_16_bits(luma: np.ndarray[tuple[int, int], np.dtype[Any]]) -> Luma:
    """Divided by 257 and rounded: 65535 is 255."""
    scaled = np.empty(luma.shape, np.uint8)
    for start in range(0, luma.shape[0], STRIP_ROWS):
        rows = slice(start, start + STRIP_ROWS)
        scaled[rows] = (luma[rows].astype(np.uint32) + 128) // 257
    return scaled


def _on_white(luma: Luma, alpha: Luma) -> Luma:
    laid = np.empty_like(luma)
    for start in range(0, luma.shape[0], STRIP_ROWS):
        rows = slice(start, start + STRIP_ROWS)
        shade = (255 - luma[rows]).astype(np.uint16) * alpha[rows]
        laid[rows] = 255 - (shade + 127) // 255
    return laid


def _orientation(image: Image.Image | None) -> int:
    """EXIF's 1 to 8; 1 where there is none that can be read."""
    if image is None:
        return 1
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:  # a broken note about the picture is no reason to refuse the picture
        return 1
    return value if value in range(1, 9) else 1


def turn_upright(luma: Luma, orientation: int) -> Luma:
    """A view, as EXIF's orientation says it is to be shown."""
    if orientation >= 5:
        luma = luma.T
    if orientation in (3, 4, 7, 8):
        luma = luma[::-1]
    if orientation in (2, 3, 6, 7):
        luma = luma[:, ::-1]
    return luma
