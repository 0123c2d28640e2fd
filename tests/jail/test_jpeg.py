import numpy as np
import pytest

from concord.jail.jpeg import PILLOW_JPEG, SIMPLEJPEG
from concord.jail.opened import UndecodableError

from .decoding import decoded, opened
from .scenes import jpeg, jpeg_claiming, scene, stored


def test_an_orientation_that_does_not_exist_turns_nothing() -> None:
    assert decoded(stored(scene(), 9, "JPEG")).luma.shape == (360, 480)


def test_a_common_jpeg_is_read_by_the_fast_decoder_and_others_by_pillow() -> None:
    assert decoded(jpeg()).decoder == SIMPLEJPEG
    assert decoded(jpeg(scene().convert("L"))).decoder == SIMPLEJPEG
    assert decoded(jpeg(scene().convert("CMYK"))).decoder == PILLOW_JPEG


def test_what_only_pillow_accepts_is_read_by_pillow_to_the_same_brightness() -> None:
    data = jpeg()
    tables = data.index(b"\xff\xdb")
    odd = data[:tables] + bytes(3) + data[tables:]  # bytes that belong to nothing between two segments
    with_odd = decoded(odd)
    assert with_odd.decoder == PILLOW_JPEG
    assert np.abs(with_odd.luma.astype(int) - decoded(data).luma).max() <= 1


def test_a_jpeg_with_some_damaged_bytes_is_read_by_pillow_and_says_so() -> None:
    data = bytearray(jpeg())
    middle = len(data) // 2
    data[middle : middle + 8] = bytes(8)
    read = decoded(bytes(data))
    assert read.decoder == PILLOW_JPEG
    whole = decoded(jpeg()).luma.astype(int)
    assert np.abs(read.luma[:100] - whole[:100]).max() <= 1


def test_a_damaged_jpeg_is_still_turned_upright() -> None:
    data = stored(scene(), 6, "JPEG")
    tables = data.index(b"\xff\xdb")
    read = decoded(data[:tables] + bytes(3) + data[tables:])
    assert read.decoder == PILLOW_JPEG
    assert np.abs(read.luma.astype(int) - decoded(data).luma).max() <= 1


def test_a_jpeg_whose_notes_pillow_cannot_read_is_still_read() -> None:
    data = jpeg()
    odd = data[:2] + b"\xff\xe0\0\x09JFIF\0\1\1" + data[2:]  # a JFIF note cut short
    assert np.array_equal(decoded(odd).luma, decoded(data).luma)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("cut_bytes", [1, 2, 3, 50, 1_000, 5_000])
def test_a_truncated_jpeg_is_refused(cut_bytes: int, progressive: bool) -> None:
    with pytest.raises(UndecodableError):
        decoded(jpeg(progressive=progressive)[:-cut_bytes])


def test_a_truncated_jpeg_with_an_end_mark_sewn_on_is_refused() -> None:
    for cut_bytes in (50, 1_000, 5_000):
        with pytest.raises(UndecodableError, match="premature end"):
            decoded(jpeg()[:-cut_bytes] + b"\xff\xd9")


@pytest.mark.parametrize("length_bytes", [3, 20, 200])
def test_a_jpeg_without_a_whole_header_is_refused(length_bytes: int) -> None:
    with pytest.raises(UndecodableError):
        opened(jpeg()[:length_bytes])


def test_the_header_tells_the_size_and_that_several_scans_cost_more() -> None:
    plain, progressive = opened(jpeg_claiming(4_000, 3_000)), opened(jpeg(progressive=True))
    assert (plain.width_pixels, plain.height_pixels) == (4_000, 3_000)
    assert plain.bytes_per_pixel < progressive.bytes_per_pixel


def test_the_pictures_of_a_multi_picture_file_are_counted() -> None:
    first = scene()
    assert opened(jpeg(first)).frames == 1
    data = jpeg(first, append_images=[scene(seed=8), scene(seed=9)], save_all=True, format_="MPO")
    assert opened(data).frames == 3
    assert np.abs(decoded(data).luma.astype(int) - decoded(jpeg(first)).luma).max() <= 1
