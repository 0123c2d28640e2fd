import struct
import zlib

import numpy as np
import pytest

from concord.jail.opened import UndecodableError

from .decoding import decoded, opened
from .scenes import in_mode, png_chunk, scene, stored


def with_chunk(data: bytes, name: bytes, content: bytes) -> bytes:
    """Behind the header."""
    return data[:33] + png_chunk(name, content) + data[33:]


PLAIN = stored(scene(), 1, "PNG")
BOMB = zlib.compress(bytes(50_000_000))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (b"iCCP", b"profile\0\0" + BOMB),
        (b"zTXt", b"note\0\0" + BOMB),
        (b"iTXt", b"note\0\1\0\0\0" + BOMB),
        (b"iCCP", b"profile\0\0nothing that was ever packed"),
        (b"tIME", b""),
    ],
)
def test_what_does_not_belong_to_the_picture_cannot_spoil_it(name: bytes, content: bytes) -> None:
    assert np.array_equal(decoded(with_chunk(PLAIN, name, content)).luma, decoded(PLAIN).luma)


def test_a_wrong_sum_over_a_note_spoils_nothing_and_one_over_the_picture_is_damage() -> None:
    noted = with_chunk(PLAIN, b"tEXt", b"note\0words")
    assert np.array_equal(decoded(noted.replace(b"words", b"wards")).luma, decoded(PLAIN).luma)
    at = PLAIN.index(b"IDAT") + 100
    with pytest.raises(UndecodableError):
        decoded(PLAIN[:at] + bytes([PLAIN[at] ^ 1]) + PLAIN[at + 1 :])


def test_the_first_picture_of_an_animation_is_read_and_the_others_counted() -> None:
    first = scene()
    data = stored(first, 1, "PNG", save_all=True, append_images=[scene(seed=8), scene(seed=9)], default_image=False)
    assert opened(data).frames == 3
    assert np.array_equal(decoded(data).luma, decoded(PLAIN).luma)


def test_a_claim_of_endless_frames_is_cut() -> None:
    claiming = with_chunk(PLAIN, b"acTL", struct.pack(">II", 2**31, 0))
    assert opened(claiming).frames == 10_000


def test_a_grey_png_with_one_transparent_shade_is_laid_on_white() -> None:
    picture = in_mode(scene(), "L")
    shade = picture.getpixel((0, 0))
    luma = decoded(stored(picture, 1, "PNG", transparency=shade)).luma
    stored_luma = np.asarray(picture)
    assert np.array_equal(luma, np.where(stored_luma == shade, 255, stored_luma))


@pytest.mark.parametrize("cut_bytes", [30, 100, 20_000])
def test_a_truncated_png_is_refused(cut_bytes: int) -> None:
    with pytest.raises(UndecodableError):
        decoded(PLAIN[:-cut_bytes])


@pytest.mark.parametrize("length_bytes", [8, 12, 20, 32])
def test_a_png_without_a_whole_header_is_refused(length_bytes: int) -> None:
    with pytest.raises(UndecodableError):
        opened(PLAIN[:length_bytes])
