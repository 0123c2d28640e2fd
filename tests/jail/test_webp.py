import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from concord.jail.opened import UndecodableError
from concord.jail.webp import size_of

from .decoding import decoded, opened
from .scenes import coarse_scene


def webp(picture: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {"lossless": True},
        {"quality": 50},
        {"exif": b"Exif\0\0II*\0"},
        {"save_all": True, "append_images": [coarse_scene(8).resize((37, 211))]},
    ],
)
def test_the_size_is_read_from_each_kind_of_first_chunk(options: dict[str, object]) -> None:
    picture = coarse_scene().resize((37, 211))
    assert size_of(webp(picture, **options)) == (37, 211)


def test_a_canvas_that_lies_about_its_picture_is_refused_when_it_is_unpacked() -> None:
    data = bytearray(webp(coarse_scene(), exif=b"Exif\0\0II*\0"))
    assert data[12:16] == b"VP8X"
    data[24:27] = (9_999).to_bytes(3, "little")
    assert opened(bytes(data)).width_pixels == 10_000
    with pytest.raises(UndecodableError):
        decoded(bytes(data))


@given(st.binary(max_size=40))
def test_any_bytes_have_a_size_or_none(rest: bytes) -> None:
    try:
        assert min(size_of(b"RIFF\0\0\0\0WEBP" + rest)) > 0
    except UndecodableError as error:
        assert "header" in str(error)
