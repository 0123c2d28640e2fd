import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from concord.fingerprints.pdq import QUALITY_FLOOR, RADIUS_BITS, distance_bits, pdq
from concord.jail.luma import PILLOW, SIMPLEJPEG, Decoded, UndecodableError, decode, luma_of, read_header, turn_upright

from .scenes import JPEG_MODES, ORIENTATION, PNG_MODES, in_mode, jpeg, scene, stored

CASES = [("JPEG", mode) for mode in JPEG_MODES] + [("PNG", mode) for mode in PNG_MODES]


def decoded(data: bytes, begins_as: str) -> Decoded:
    return decode(data, read_header(data, begins_as))


@pytest.mark.parametrize(("file_format", "mode"), CASES)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_one_scene_is_one_picture_in_every_mode_and_orientation(file_format: str, mode: str, orientation: int) -> None:
    upright = pdq(np.asarray(scene().convert("L")))
    assert upright.quality >= QUALITY_FLOOR
    luma = decoded(stored(in_mode(scene(), mode), orientation, file_format), file_format.lower()).luma
    assert luma.shape == (360, 480)
    assert distance_bits(pdq(luma).value, upright.value) <= RADIUS_BITS


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_is_what_pillow_does(orientation: int) -> None:
    stored_luma = np.arange(12, dtype=np.uint8).reshape(3, 4)
    image = Image.fromarray(stored_luma)
    image.getexif()[ORIENTATION] = orientation
    assert np.array_equal(turn_upright(stored_luma, orientation), np.asarray(ImageOps.exif_transpose(image)))


def test_an_orientation_that_does_not_exist_turns_nothing() -> None:
    data = stored(scene(), 9, "JPEG")
    assert decoded(data, "jpeg").luma.shape == (360, 480)


def test_a_common_jpeg_is_read_by_the_fast_decoder_and_others_by_pillow() -> None:
    assert decoded(jpeg(), "jpeg").decoder == SIMPLEJPEG
    assert decoded(jpeg(scene().convert("L")), "jpeg").decoder == SIMPLEJPEG
    assert decoded(jpeg(scene().convert("CMYK")), "jpeg").decoder == PILLOW


def test_what_only_pillow_accepts_is_read_by_pillow_to_the_same_brightness() -> None:
    data = jpeg()
    tables = data.index(b"\xff\xdb")
    odd = data[:tables] + bytes(3) + data[tables:]  # bytes that belong to nothing between two segments
    with_odd = decoded(odd, "jpeg")
    assert with_odd.decoder == PILLOW
    assert np.abs(with_odd.luma.astype(int) - decoded(data, "jpeg").luma).max() <= 1


def test_a_jpeg_whose_notes_pillow_cannot_read_is_still_read() -> None:
    data = jpeg()
    odd = data[:2] + b"\xff\xe0\0\x09JFIF\0\1\1" + data[2:]  # a JFIF note cut short
    assert np.array_equal(decoded(odd, "jpeg").luma, decoded(data, "jpeg").luma)


def test_16_bits_are_scaled_and_not_clipped() -> None:
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    luma = luma_of(Image.fromarray(values))
    assert np.array_equal(luma, np.round(values / 257).astype(np.uint8))


def test_what_is_transparent_is_white_whatever_colour_lies_under_it() -> None:
    clear = Image.new("RGBA", (20, 10), (10, 20, 30, 0))
    half = Image.new("LA", (20, 10), (0, 128))
    palette = Image.new("P", (20, 10), 0)
    palette.info["transparency"] = 0
    assert (luma_of(clear) == 255).all()
    assert (luma_of(half) == 127).all()
    assert (luma_of(palette) == 255).all()


def test_a_grey_png_with_one_transparent_shade_is_laid_on_white() -> None:
    file = io.BytesIO()
    Image.fromarray(np.array([[0, 100]], np.uint8)).save(file, "PNG", transparency=100)
    assert decoded(file.getvalue(), "png").luma.tolist() == [[0, 255]]


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("cut_bytes", [1, 2, 3, 50, 1_000, 5_000])
def test_a_truncated_jpeg_is_refused(cut_bytes: int, progressive: bool) -> None:
    with pytest.raises(UndecodableError):
        decoded(jpeg(progressive=progressive)[:-cut_bytes], "jpeg")


def test_a_truncated_jpeg_with_an_end_mark_sewn_on_is_refused() -> None:
    for cut_bytes in (50, 1_000, 5_000):
        with pytest.raises(UndecodableError, match="premature end"):
            decoded(jpeg()[:-cut_bytes] + b"\xff\xd9", "jpeg")


@pytest.mark.parametrize("length_bytes", [3, 20, 200])
def test_a_jpeg_without_a_whole_header_is_refused(length_bytes: int) -> None:
    with pytest.raises(UndecodableError, match="header"):
        decoded(jpeg()[:length_bytes], "jpeg")


@pytest.mark.parametrize("cut_bytes", [30, 100, 20_000])
def test_a_truncated_png_is_refused(cut_bytes: int) -> None:
    data = stored(scene(), 1, "PNG")
    with pytest.raises(UndecodableError):
        decoded(data[:-cut_bytes], "png")
