"""What is a border, and what is left without it."""

import io
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from concord.fingerprints.trim import LEAST_SHARE, LEVELS, OUTLIERS, Box, content_box, main_run, plain_lines
from tests.pictures import picture

from .orientations import ORIENTATIONS
from .publisher import Pixels

WIDTH, HEIGHT = 320, 240
SHADES = st.integers(0, 255)
BARS = st.integers(0, 90)


@lru_cache(maxsize=64)
def textured(seed: int = 3, width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    """Busy to the very edge."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    return np.asarray(Image.blend(picture(seed, width, height).convert("L"), Image.fromarray(noise), 0.3))


def framed(luma: Pixels, top: int, bottom: int, left: int, right: int, shade: int = 0) -> Pixels:
    return np.pad(luma, ((top, bottom), (left, right)), constant_values=shade)


def jpeg_of(luma: Pixels, quality: int) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(luma).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


@settings(deadline=None)
@given(top=BARS, bottom=BARS, left=BARS, right=BARS, shade=SHADES)
def test_borders_of_any_width_and_shade_are_cut_to_the_pixel(
    top: int, bottom: int, left: int, right: int, shade: int
) -> None:
    box = content_box(framed(textured(), top, bottom, left, right, shade))
    if top + bottom + left + right == 0:
        assert box is None
    else:
        assert box == Box(top, top + HEIGHT, left, left + WIDTH)


@pytest.mark.parametrize("sides", [(40, 40, 0, 0), (0, 0, 50, 50), (30, 30, 30, 30), (0, 0, 0, 44), (17, 0, 0, 0)])
@pytest.mark.parametrize("quality", [95, 75, 50])
def test_what_jpeg_does_at_a_border_costs_a_few_pixels_at_most(sides: tuple[int, int, int, int], quality: int) -> None:
    top, _, left, _ = sides
    box = content_box(jpeg_of(framed(textured(), *sides, shade=255), quality))
    assert box is not None
    found = np.array([box.top, box.bottom, box.left, box.right])
    assert np.abs(found - [top, top + HEIGHT, left, left + WIDTH]).max() <= 8  # a block of JPEG's


@settings(deadline=None)
@given(
    luma=st.builds(textured, st.integers(0, 50)), steps=st.sampled_from(sorted(ORIENTATIONS)), bar=st.integers(1, 60)
)
def test_a_turned_picture_is_cut_as_the_upright_one(luma: Pixels, steps: str, bar: int) -> None:
    turn = ORIENTATIONS[steps]
    letterbox = framed(luma, bar, 2 * bar, bar, 0, 40)
    upright, turned = content_box(letterbox), content_box(turn(letterbox))
    assert upright is not None
    assert turned is not None
    assert np.array_equal(turned.of(turn(letterbox)), turn(upright.of(letterbox)))


def test_a_negative_is_cut_as_the_picture() -> None:
    letterbox = framed(textured(), 20, 20, 5, 0, 0)
    assert content_box(255 - letterbox) == content_box(letterbox) is not None


def test_what_was_cut_is_not_cut_again() -> None:
    letterbox = framed(textured(), 20, 20, 5, 0, 9)
    box = content_box(letterbox)
    assert box is not None
    assert content_box(box.of(letterbox)) is None


def test_frames_in_frames_are_cut_one_after_the_other() -> None:
    luma = framed(framed(framed(textured(), 6, 6, 6, 6, 255), 20, 20, 3, 3, 0), 1, 1, 30, 30, 128)
    assert content_box(luma) == Box(27, 27 + HEIGHT, 39, 39 + WIDTH)


def test_a_clock_in_a_bar_goes_with_the_bar() -> None:
    screen = Image.fromarray(framed(textured(), 80, 60, 0, 0, 0))
    draw = ImageDraw.Draw(screen)
    draw.text((10, 12), "12:34          87 %", fill=255)
    draw.rectangle((150, 340, 170, 360), fill=255)
    assert content_box(np.asarray(screen)) == Box(80, 80 + HEIGHT, 0, WIDTH)


def test_a_caption_below_goes_where_it_stands_on_a_plain_ground() -> None:
    captioned = ImageOps.expand(Image.fromarray(textured()), (0, 0, 0, 40), 255)
    ImageDraw.Draw(captioned).text((8, HEIGHT + 12), "sample", fill=0)
    assert content_box(np.asarray(captioned)) == Box(0, HEIGHT, 0, WIDTH)


def test_a_page_of_text_keeps_all_its_lines() -> None:
    page = Image.new("L", (400, 500), 255)
    draw = ImageDraw.Draw(page)
    for line in range(10):
        draw.rectangle((40, 50 + 40 * line, 360, 58 + 40 * line), fill=0)
    assert content_box(np.asarray(page)) == Box(50, 419, 40, 361)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_plain_picture_has_nothing_to_cut(shade: int) -> None:
    assert content_box(np.full((300, 400), shade, np.uint8)) is None


def test_a_picture_is_never_trimmed_away() -> None:
    small = framed(textured(3, 50, 50), 200, 200, 200, 200)
    assert LEAST_SHARE * small.shape[0] > 50
    assert content_box(small) is None


@given(st.integers(1, 63), st.integers(1, 400))
def test_a_tiny_picture_is_left_alone(height: int, width: int) -> None:
    assert content_box(np.zeros((height, width), np.uint8)) is None


def test_a_border_is_no_more_than_the_noise_allowed_for_away_from_its_mean() -> None:
    noise = np.random.default_rng(1).integers(-LEVELS, LEVELS + 1, (40, WIDTH)) * 0.9
    bar = (128 + noise).astype(np.uint8)
    assert content_box(np.vstack([bar, textured()])) == Box(40, 40 + HEIGHT, 0, WIDTH)
    rough = (128 + 5 * noise).astype(np.uint8)
    assert content_box(np.vstack([rough, textured()])) is None


def test_an_edge_that_is_busy_itself_is_no_border_whatever_lies_behind_it() -> None:
    luma = textured().copy()
    luma[20:60] = 90  # a plain band inside
    assert content_box(luma) is None


@settings(deadline=None, max_examples=30)
@given(bars=st.tuples(BARS, BARS, BARS, BARS), seed=st.integers(0, 3), shade=SHADES)
def test_samples_tell_what_every_pixel_tells(bars: tuple[int, int, int, int], seed: int, shade: int) -> None:
    luma = framed(textured(seed, 900, 700), *bars, shade)
    assert content_box(luma) == content_box(luma, samples=10_000)


def plain_by_definition(row: Pixels) -> bool:
    mean = sum(int(level) for level in row) / len(row)
    return sum(abs(int(level) - mean) > LEVELS for level in row) <= OUTLIERS * len(row)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), spread=st.integers(1, 40), width=st.integers(1, 500))
def test_a_plain_line_is_one_of_which_nearly_all_is_as_bright_as_its_mean(seed: int, spread: int, width: int) -> None:
    lines = np.random.default_rng(seed).integers(100, 100 + spread, (6, width)).astype(np.uint8)
    lines[:, ::17] = 255
    assert plain_lines(lines).tolist() == [plain_by_definition(row) for row in lines]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ("....####..", (4, 8)),
        ("..#..#######...", (5, 12)),
        ("..##..##..##..", (2, 12)),  # no run stands out: from the first to the last
        ("#...######..", (0, 10)),  # the upper end is busy: nothing is cut there
        ("......", (0, 6)),
        ("####", (0, 4)),
    ],
)
def test_the_picture_is_the_run_of_busy_lines_that_stands_out(lines: str, kept: tuple[int, int]) -> None:
    assert main_run(np.array([sign == "#" for sign in lines])) == kept
