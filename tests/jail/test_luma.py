import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageOps

from concord.jail.luma import STRIP_ROWS, luma_of, turn_upright

from .scenes import ORIENTATION, scene


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_is_what_pillow_does(orientation: int) -> None:
    stored_luma = np.arange(12, dtype=np.uint8).reshape(3, 4)
    image = Image.fromarray(stored_luma)
    image.getexif()[ORIENTATION] = orientation
    assert np.array_equal(turn_upright(stored_luma, orientation), np.asarray(ImageOps.exif_transpose(image)))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV"])
def test_strips_of_rows_give_what_the_whole_picture_gives(mode: str) -> None:
    picture = scene(40, 2 * STRIP_ROWS + 3).convert(mode)
    whole = picture.convert("RGB").convert("L") if mode in ("CMYK", "HSV") else picture.convert("L")
    assert np.array_equal(luma_of(picture), np.asarray(whole))


def test_16_bits_are_scaled_and_not_clipped() -> None:
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(luma_of(Image.fromarray(values)), np.round(values / 257).astype(np.uint8))


@pytest.mark.parametrize(("white", "dtype"), [(1, np.float32), (255, np.float32), (255, np.int32), (65535, np.int32)])
def test_numbers_on_a_common_scale_keep_their_brightness(white: int, dtype: type[np.generic]) -> None:
    values = (np.linspace(0, 1, 256).reshape(16, 16) * white).astype(dtype)
    values[-1, -1] = white
    expected = np.rint(values.astype(np.float64) * 255 / white).astype(np.uint8)
    assert np.array_equal(luma_of(Image.fromarray(values)), expected)


def test_numbers_on_no_common_scale_go_from_the_least_to_the_greatest() -> None:
    values = np.array([[-1000.0, 0.0], [500.0, 1000.0]], np.float32)
    assert luma_of(Image.fromarray(values)).tolist() == [[0, 128], [191, 255]]


def test_fractions_that_are_no_numbers_are_black_or_white_and_move_no_other() -> None:
    values = np.array([[0.0, 1.0, 0.5, np.nan, np.inf, -np.inf]], np.float32)
    assert luma_of(Image.fromarray(values)).tolist() == [[0, 255, 128, 0, 255, 0]]


@given(arrays(np.float32, (3, 5)))
def test_any_fractions_become_a_picture(values: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> None:
    assert luma_of(Image.fromarray(values)).shape == (3, 5)


@given(st.integers(0, 255))
def test_a_grey_is_the_same_grey_in_lightness_and_in_light(grey: int) -> None:
    light = grey / 255 / 12.92 if grey / 255 <= 0.04045 else ((grey / 255 + 0.055) / 1.055) ** 2.4
    lightness = 116 * light ** (1 / 3) - 16 if light > 216 / 24389 else light * 24389 / 27
    stored = Image.merge("LAB", [Image.new("L", (1, 1), value) for value in (round(lightness * 2.55), 128, 128)])
    assert abs(int(luma_of(stored)[0, 0]) - grey) <= 1


def test_what_is_transparent_is_white_whatever_colour_lies_under_it() -> None:
    clear = Image.new("RGBA", (20, 10), (10, 20, 30, 0))
    half = Image.new("LA", (20, 10), (0, 128))
    palette = Image.new("P", (20, 10), 0)
    palette.info["transparency"] = 0
    assert (luma_of(clear) == 255).all()
    assert (luma_of(half) == 127).all()
    assert (luma_of(palette) == 255).all()
    assert (luma_of(clear.convert("RGBa")) == 255).all()
    assert (luma_of(half.convert("La")) == 127).all()
