import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from concord.jail.ifd import ORIENTATION, directories, first_number, orientation


@pytest.mark.parametrize("heading", [b"", b"Exif\0\0"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "form"), [(3, "H2x"), (4, "I")])
def test_a_number_is_found_in_either_byte_order_and_length(heading: bytes, order: str, kind: int, form: str) -> None:
    block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, 2)
    block += struct.pack(order + "HHIHH", 0x0100, 3, 1, 77, 0)
    block += struct.pack(order + "HHI" + form, ORIENTATION, kind, 1, 6)
    assert orientation(heading + block) == 6
    assert first_number(block, 0x0101) is None


@pytest.mark.parametrize("value", range(1, 9))
def test_what_pillow_writes_is_read(value: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = value
    assert orientation(exif.tobytes()) == value


@given(st.sampled_from([b"", b"Exif\0\0II*\0", b"MM\0*", b"II*\0\x08\0\0\0\xff\xff"]), st.binary(max_size=100))
def test_any_bytes_have_an_orientation(head: bytes, rest: bytes) -> None:
    assert orientation(head + rest) in range(1, 9)


def tiff(pictures: int, **options: object) -> bytes:
    file, made = io.BytesIO(), [Image.new("L", (3, 2), shade) for shade in range(pictures)]
    made[0].save(file, "TIFF", save_all=True, append_images=made[1:], **options)
    return file.getvalue()


@pytest.mark.parametrize("big", [False, True])
def test_the_directories_of_a_tiff_are_followed(big: bool) -> None:
    assert len(list(directories(tiff(5, big_tiff=big)))) == 5


def test_directories_that_lead_back_end() -> None:
    loop = b"II*\0" + struct.pack("<IHI", 8, 0, 14) + struct.pack("<HI", 0, 8)
    assert list(directories(loop)) == [8, 14]


@given(st.sampled_from([b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"]), st.binary(max_size=200))
def test_any_chain_of_directories_ends(head: bytes, rest: bytes) -> None:
    assert len(list(directories(head + rest))) <= 208
