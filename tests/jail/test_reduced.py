"""The small copy that is sent in a picture's place: enough to find it by, and nothing else of it."""

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from concord.config import Limits
from concord.fingerprints.pdq import RADIUS_BITS, distance_bits, pdq
from concord.jail.pool import Jail
from concord.jail.reduced import LONGEST_PIXELS, REDUCE_PICTURE, WINDOWS, reduce_picture, reduced_jpeg, reduced_pixels
from tests.pictures import jpeg, picture

MOST_BITS = 20  # of the 31; on 42 photographs the most was 18, the mean 7


def reduced(path: Path, data: bytes) -> bytes:
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = reduce_picture(descriptor, Limits())
    finally:
        os.close(descriptor)
    assert found.jpeg is not None
    return found.jpeg


def luma_of(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    luma: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = simplejpeg.decode_jpeg(data, "GRAY")[:, :, 0]
    return luma


@given(st.integers(1, 100_000))
def test_no_side_grows_or_stays_beyond_the_longest(side: int) -> None:
    assert 1 <= reduced_pixels(side) <= min(side, LONGEST_PIXELS)
    if side > LONGEST_PIXELS:  # at least three quarters: the windows of the two are one for one
        assert reduced_pixels(side) > LONGEST_PIXELS - WINDOWS


@pytest.mark.parametrize("size", [(800, 600), (513, 2000), (1920, 1080), (4000, 3000)])
def test_values_stay_close(size: tuple[int, int]) -> None:
    """Of detail such as photographs have: of very fine regular texture they do not, see docs/far.md."""
    luma = np.asarray(picture(5).convert("L").resize(size, Image.Resampling.BICUBIC))
    small = luma_of(reduced_jpeg(luma))
    assert max(small.shape) <= LONGEST_PIXELS
    assert distance_bits(pdq(luma).value, pdq(small).value) <= MOST_BITS < RADIUS_BITS


def test_a_small_picture_keeps_its_size() -> None:
    luma = luma_of(jpeg(5))[:200, :250]
    assert luma_of(reduced_jpeg(luma)).shape == (200, 250)


def test_neither_metadata_nor_colour_nor_a_preview_is_left(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "TELLING MAKER"
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 24.0)}
    file = io.BytesIO()
    picture(5).save(file, "JPEG", exif=exif, comment=b"TELLING WORDS", icc_profile=b"TELLING")
    assert b"TELLING" in file.getvalue()
    made = reduced(tmp_path / "a.jpg", file.getvalue())
    assert b"TELLING" not in made
    assert b"Exif" not in made
    with Image.open(io.BytesIO(made)) as image:
        assert (image.mode, dict(image.getexif())) == ("L", {})


def test_a_turned_picture_is_sent_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    picture(5, 304, 208).crop((0, 0, 300, 200)).save(file, "JPEG", exif=exif)
    assert luma_of(reduced(tmp_path / "a.jpg", file.getvalue())).shape == (300, 200)


def test_what_is_no_picture_has_a_fault_and_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a holiday diary")
    with Jail(1) as jail, path.open("rb") as file:
        found = jail.run(REDUCE_PICTURE, file.fileno(), "a.jpg")
    assert found.jpeg is None
    assert found.fault
    assert found.fault.code == "not_a_picture"
    assert found.sha256 == hashlib.sha256(b"a holiday diary").digest()
