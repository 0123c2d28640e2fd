import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.format import sniff_format


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "jpeg"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "png"),
        (b"GIF89a\x01\0\x01\0", "gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "heif"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_format_is_told_by_the_first_bytes(head: bytes, name: str | None) -> None:
    assert sniff_format(head) == name


@given(st.binary(max_size=32))
def test_any_bytes_are_answered(head: bytes) -> None:
    assert sniff_format(b"\xff\xd8\xff" + head) == "jpeg"
    sniff_format(head)
