import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.format import HEAD_BYTES, sniff_format


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "jpeg"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "png"),
        (b"GIF89a\x01\0\x01\0", "gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "heif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "heif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"\0\0\0\x10ftypmif1\0\0\0\0avif", "heif"),  # behind the end of the box
        (b"\0\0\0\x18ftypisom\0\0\0\0", None),
        (b"\0\0\0\x18ftypcrx \0\0\0\0", "cr3"),
        (b"%PDF-1.7", None),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "eps"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "bmp"),
        (b"BMW is a maker of cars", None),
        (b"P6\n2 2\n255\n", "netpbm"),
        (b"P6 is an enzyme", "netpbm"),  # as far as its first bytes say
        (b"PK\3\4", "zip"),
        (b"\0\0\x02\0" + bytes(8) + b"\x10\0\x10\0\x18\0", "tga"),
        (b"\0\0\x02\0" + bytes(8) + b"\x10\0\0\0\x18\0", None),  # without height
        (b"\0\0\x02\0\1\0\x20\x20\0\0\0\0\0\0", "cur"),
        (bytes(64), None),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "svg"),
        (b"<html><svg>", None),
        (b"", None),
    ],
)
def test_a_format_is_told_by_the_first_bytes(head: bytes, name: str | None) -> None:
    assert sniff_format(head) == name


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_are_answered(head: bytes) -> None:
    assert sniff_format(b"\xff\xd8\xff" + head) == "jpeg"
    for begin in (b"", b"\0\0\0\x18ftypmif1", b"RIFF", b"BM", b"<?xml", b"\0\0"):
        sniff_format(begin + head)
