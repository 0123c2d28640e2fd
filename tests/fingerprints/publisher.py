"""PDQ as its publisher's program computes it: the package pdqhash, built from that program."""

from typing import Any

import numpy as np
import pdqhash

Pixels = np.ndarray[Any, np.dtype[Any]]


def _coloured(luma: Pixels) -> Pixels:
    return np.ascontiguousarray(luma if luma.ndim == 3 else np.dstack([luma] * 3))


def published_pdq(picture: Pixels) -> tuple[bytes, int]:
    """Of [h, w] brightness or [h, w, 3] colours, uint8: the value and its quality."""
    bits, quality = pdqhash.compute(_coloured(picture))
    return np.packbits(bits.astype(np.uint8)).tobytes(), quality


def published_turned(picture: Pixels) -> tuple[list[bytes], int]:
    """The eight values in the publisher's order, and their quality."""
    vectors, quality = pdqhash.compute_dihedral(_coloured(picture))
    return [np.packbits(bits.astype(np.uint8)).tobytes() for bits in vectors], quality


def published_coefficients(luma: Pixels) -> Pixels:
    """[16, 16] float32."""
    values, _ = pdqhash.compute_float(_coloured(luma))
    return np.asarray(values, np.float32)[::-1].reshape(16, 16)


def published_luma(colours: Pixels) -> Pixels:
    """The brightness that the package itself makes of colours, float32."""
    parts = colours.astype(np.float64)
    return (parts[:, :, 0] * 0.299 + parts[:, :, 1] * 0.587 + parts[:, :, 2] * 0.114).astype(np.float32)
