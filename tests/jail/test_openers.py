"""Golden files of every format that is read, made here: their brightness is known before they are written."""

import numpy as np
import pytest
from PIL import Image

from concord.fingerprints.kind import Luma
from concord.fingerprints.pdq import RADIUS_BITS, distance_bits, pdq
from concord.jail.format import HEAD_BYTES, sniff_format
from concord.jail.opened import UndecodableError
from concord.jail.openers import OPENERS

from . import heics
from .decoding import decoded, opened
from .golden import CASES, LOSSY, OURS, SEVERAL, XPM, cursor, even_picture, golden_files, icon, psd, sun, written
from .hostile import boxes
from .scenes import JPEG_MODES, PNG_MODES, coarse_scene, in_mode, scene, stored

WITH_ALPHA = ("LA", "RGBA")


def grey(picture: Image.Image) -> Luma:
    return np.asarray(picture.convert("RGB").convert("L"))


def worst(luma: Luma, expected: Luma) -> int:
    assert luma.shape == expected.shape
    return int(np.abs(luma.astype(int) - expected).max())


def expected_of(made: Image.Image, mode: str) -> Luma:
    if mode in WITH_ALPHA:  # `in_mode` makes them 240 of 255 opaque
        return np.rint(255 - (255 - grey(coarse_scene()).astype(float)) * 240 / 255).astype(np.uint8)
    return grey(coarse_scene() if mode in ("I;16", "I", "F") else made)


@pytest.mark.parametrize(("name", "mode", "options"), CASES)
def test_what_is_stored_without_loss_is_read_without_loss(name: str, mode: str, options: dict[str, object]) -> None:
    made = in_mode(coarse_scene(), mode)
    data = written(made, name, **options)
    assert sniff_format(data[:HEAD_BYTES]) == OURS.get(name, name.lower())
    read = opened(data)
    assert (read.width_pixels, read.height_pixels, read.frames) == (120, 90, 1)
    assert worst(read.unpack().luma, expected_of(made, mode)) <= 1


@pytest.mark.parametrize(("name", "options"), LOSSY)
def test_what_loses_a_little_is_nearly_the_same_picture(name: str, options: dict[str, object]) -> None:
    assert worst(decoded(written(coarse_scene(), name, **options)).luma, grey(coarse_scene())) <= 8


@pytest.mark.parametrize("name", ["ICO", "ICNS"])
def test_the_largest_picture_of_an_icon_is_read(name: str) -> None:
    square = coarse_scene().resize((64, 64))
    data = icon(name)
    read = decoded(data).luma
    assert worst(read, grey(square.resize(read.shape, Image.Resampling.LANCZOS))) <= 60  # Pillow writes icons enlarged
    assert sniff_format(data[:HEAD_BYTES]) == name.lower()


def test_a_cursor_is_an_icon_with_another_number() -> None:
    assert sniff_format(cursor()[:HEAD_BYTES]) == "cur"
    assert decoded(cursor()).luma.shape == (32, 32)


def test_a_lab_tiff_is_read_by_its_lightness() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (8, 1))
    neutral = Image.merge("LAB", [Image.fromarray(ramp), *(Image.new("L", (256, 8), 128),) * 2])
    luma = decoded(written(neutral, "TIFF")).luma
    assert (np.diff(luma[0].astype(int)) >= 0).all()
    assert (int(luma[0, 0]), int(luma[0, -1])) == (0, 255)
    assert abs(int(luma[0, 136]) - 127) <= 1  # lightness 53.4 is the middle grey of sRGB


def test_formats_that_pillow_only_reads_are_read() -> None:
    assert decoded(XPM).luma.tolist() == [[0, 255]]
    assert worst(decoded(sun()).luma, grey(even_picture())) == 0
    assert worst(decoded(psd()).luma, grey(even_picture())) == 0


TURNED = [("JPEG", {}), ("PNG", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {}), ("AVIF", {})]


@pytest.mark.parametrize(("name", "options"), TURNED)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_format_with_a_note_on_its_orientation_is_turned_once(
    name: str, options: dict[str, object], orientation: int
) -> None:
    luma = decoded(stored(coarse_scene(), orientation, name, **options)).luma
    assert worst(luma, grey(coarse_scene())) <= 30
    assert np.abs(luma.astype(int) - grey(coarse_scene())).mean() <= 3


@pytest.mark.parametrize(
    ("file_format", "mode"), [("JPEG", mode) for mode in JPEG_MODES] + [("PNG", mode) for mode in PNG_MODES]
)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_one_scene_is_one_picture_in_every_mode_and_orientation(file_format: str, mode: str, orientation: int) -> None:
    upright = pdq(np.asarray(scene().convert("L")))
    luma = decoded(stored(in_mode(scene(), mode), orientation, file_format)).luma
    assert luma.shape == (360, 480)
    assert distance_bits(pdq(luma).value, upright.value) <= RADIUS_BITS


@pytest.mark.parametrize("name", SEVERAL)
def test_of_several_pictures_the_first_is_read_and_the_others_are_counted(name: str) -> None:
    first = coarse_scene()
    data = written(first, name, save_all=True, append_images=[coarse_scene(8), coarse_scene(9)])
    assert opened(data).frames == 3
    assert np.abs(decoded(data).luma.astype(int) - grey(first)).mean() <= 8  # GIF has few colours


@pytest.mark.parametrize(("name", "data"), list(golden_files()))
def test_a_file_cut_short_anywhere_is_a_picture_or_told_to_be_undecodable(name: str, data: bytes) -> None:
    refused = 0
    for length in (*range(1, 64, 7), len(data) // 3, len(data) // 2, len(data) - 3):
        begins_as = sniff_format(data[:length][:HEAD_BYTES])
        try:
            if begins_as is not None:
                decoded(data[:length])
        except UndecodableError:
            refused += 1
    assert refused or name == "xpm"


def test_every_opener_has_a_golden_file() -> None:
    assert {name.split()[0] for name, _ in golden_files()} == set(OPENERS)
    for name, data in golden_files():
        assert name.split()[0] == sniff_format(data[:HEAD_BYTES])


# ---- HEIF ---------------------------------------------------------------------------------------------------------


def test_a_heic_is_read_and_what_is_transparent_in_it_is_laid_on_white() -> None:
    assert worst(decoded(heics.PLAIN).luma, grey(coarse_scene())) <= 30
    half = 255 - (255 - grey(coarse_scene()).astype(int)) * 128 // 255
    assert np.abs(decoded(heics.HALF_TRANSPARENT).luma.astype(int) - half).mean() <= 4


def test_a_heic_that_is_turned_by_its_box_and_by_a_note_is_turned_once() -> None:
    assert worst(decoded(heics.TURNED).luma, grey(coarse_scene())) <= 30


def test_of_a_heic_with_several_pictures_the_first_is_read() -> None:
    assert opened(heics.THREE).frames == 3
    assert worst(decoded(heics.THREE).luma, grey(coarse_scene())) <= 30


def test_boxes_in_boxes_without_end_are_undecodable_and_no_lack_of_memory() -> None:
    nested = dict(boxes())["heic: 5,000 boxes in one another"]
    with pytest.raises(UndecodableError, match="nesting"):
        decoded(nested)


@pytest.mark.parametrize("length_bytes", [40, 200, 600])
def test_a_heic_cut_short_is_undecodable(length_bytes: int) -> None:
    with pytest.raises(UndecodableError):
        decoded(heics.PLAIN[:length_bytes])
