"""Brightness of a loaded picture in any mode that Pillow has: [height, width] uint8.

Transparent pictures are laid on white, the ground that most programs show them on. Colour profiles are ignored: what is
compared is what is stored. All work is done on strips of rows, as the address space is limited.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

from concord.fingerprints.kind import Luma

STRIP_ROWS = 256

Numbers = np.ndarray[Any, np.dtype[Any]]
Strip = Callable[[Image.Image], Luma]


def luma_of(image: Image.Image) -> Luma:
    """Of the whole picture as it is stored, not turned."""
    if image.mode == "L" and not image.has_transparency_data:
        return np.asarray(image)
    measure = _measure_of(image)
    luma = np.empty((image.height, image.width), np.uint8)
    for top, strip in _strips(image):
        luma[top : top + strip.height] = measure(strip)
    return luma


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Each with the number of its first row."""
    for top in range(0, image.height, STRIP_ROWS):
        yield top, image.crop((0, top, image.width, min(top + STRIP_ROWS, image.height)))


def _measure_of(image: Image.Image) -> Strip:
    if image.mode.startswith("I;16"):
        return lambda strip: _from_16_bits(np.asarray(strip))
    if image.mode in ("I", "F"):
        return _from_numbers(image)
    if image.mode == "LAB":
        return lambda strip: _FROM_LIGHTNESS[np.asarray(strip.getchannel(0))]
    if image.has_transparency_data:
        return _on_white
    return _grey


def _grey(image: Image.Image) -> Luma:
    if image.mode in ("CMYK", "HSV"):
        image = image.convert("RGB")  # there is no direct way
    return np.asarray(image if image.mode == "L" else image.convert("L"))


def _on_white(image: Image.Image) -> Luma:
    if image.mode not in ("LA", "RGBA"):
        image = image.convert("LA" if image.mode in ("1", "L", "La") else "RGBA")
    shade = (255 - _grey(image)).astype(np.uint16) * np.asarray(image.getchannel("A"))
    laid: Luma = (255 - (shade + 127) // 255).astype(np.uint8)
    return laid


def _from_16_bits(numbers: Numbers) -> Luma:
    """Divided by 257 and rounded: 65535 is 255."""
    scaled: Luma = ((numbers.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return scaled


def _from_numbers(image: Image.Image) -> Strip:
    """Whole numbers of 32 bits and fractions say nowhere what is white: of the common scales the narrowest that holds
    them all (fractions to 1, bytes, 16 bits), and without one, from their least to their greatest."""
    low, high = np.inf, -np.inf
    for _, strip in _strips(image):
        numbers = _finite(strip)
        if numbers.size:
            low, high = min(low, float(numbers.min())), max(high, float(numbers.max()))
    scales = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
    white = next((scale for scale in scales if low >= 0 and high <= scale), None)
    floor, span = (0.0, white) if white else (low, (high - low) or 1.0)

    def measure(strip: Image.Image) -> Luma:
        numbers = np.asarray(strip).astype(np.float64)
        numbers = np.nan_to_num((numbers - floor) * (255 / span), nan=0.0, posinf=255.0, neginf=0.0)
        scaled: Luma = np.clip(np.rint(numbers), 0, 255).astype(np.uint8)
        return scaled

    return measure


def _finite(strip: Image.Image) -> Numbers:
    numbers: Numbers = np.asarray(strip)
    finite: Numbers = numbers[np.isfinite(numbers)]
    return finite


def _lightness_table() -> Any:
    """CIE lightness, 0 to 255, as the grey of that lightness in sRGB (IEC 61966-2-1), so that greys stay what they are."""
    lightness = np.arange(256) / 255 * 100
    light = np.where(lightness > 8, ((lightness + 16) / 116) ** 3, lightness * 27 / 24389)
    grey = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * grey).astype(np.uint8)


_FROM_LIGHTNESS = _lightness_table()


def turn_upright(luma: Luma, orientation: int) -> Luma:
    """A view, as EXIF's orientation says it is to be shown."""
    if orientation >= 5:
        luma = luma.T
    if orientation in (3, 4, 7, 8):
        luma = luma[::-1]
    if orientation in (2, 3, 6, 7):
        luma = luma[:, ::-1]
    return luma
