import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.boxes import boxes, item_notes, uuid_notes

from . import heics
from .exifs import XMP, block, saved, text

EXIF = block([text(0x010F, "Maker")])
BROKEN = (struct.error, LookupError)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def test_boxes_of_every_length_are_read() -> None:
    long = struct.pack(">I4sQ", 1, b"long", 16 + 3) + b"abc"
    data = box(b"one ", b"12") + long + struct.pack(">I4s", 0, b"rest") + b"to the end"
    assert [(name, data[start:stop]) for name, start, stop in boxes(data, 0, len(data))] == [
        (b"one ", b"12"),
        (b"long", b"abc"),
        (b"rest", b"to the end"),
    ]


@pytest.mark.parametrize("length", [2, 7, 1_000])
def test_a_box_that_does_not_fit_ends_them(length: int) -> None:
    data = box(b"one ", b"") + struct.pack(">I4s", length, b"two ") + b"123"
    assert [name for name, _, _ in boxes(data, 0, len(data))] == [b"one "]


def test_an_avif_has_its_notes_as_items() -> None:
    data = saved("AVIF", exif=b"Exif\0\0" + EXIF, xmp=XMP)
    notes = dict(item_notes(data))
    assert notes["xmp"] == XMP
    assert notes["exif"].removeprefix(b"Exif\0\0") == EXIF


def test_a_heic_has_its_notes_as_items() -> None:
    ((kind, content),) = item_notes(heics.TURNED)
    assert kind == "exif"
    assert content[:4] in (b"II*\0", b"MM\0*")
    assert list(item_notes(heics.PLAIN)) == []


def items(version: int, location: bytes, inside: bytes = b"") -> bytes:
    entry = box(b"infe", b"\2\0\0\0" + struct.pack(">HH4s", 1, 0, b"Exif") + b"\0")
    listed = box(b"iinf", bytes(4) + b"\0\1" + entry)
    located = box(b"iloc", bytes([version, 0, 0, 0]) + location)
    return box(b"ftyp", b"heic") + box(b"meta", bytes(4) + listed + located + inside)


def test_items_in_the_directory_itself_and_in_parts_are_joined() -> None:
    content = bytes(4) + EXIF
    half = len(content) // 2
    parts = struct.pack(">IIII", 0, half, half, len(content) - half)
    location = b"\x44\x00" + b"\0\1" + struct.pack(">HHHH", 1, 1, 0, 2) + parts
    assert list(item_notes(items(1, location, box(b"idat", content)))) == [("exif", EXIF)]


def test_an_item_that_claims_too_much_is_passed_over() -> None:
    location = b"\x44\x00" + b"\0\1" + struct.pack(">HHHII", 1, 0, 1, 0, 2**32 - 1)
    assert list(item_notes(items(0, location))) == []


def test_jpeg_2000_has_them_in_boxes_of_their_own() -> None:
    head = saved("JPEG2000")
    xmp = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + XMP)
    exif = box(b"uuid", b"JpgTiffExif->JP2" + EXIF)
    at = head.index(b"jp2c") - 4
    assert list(uuid_notes(head[:at] + exif + xmp + box(b"uuid", bytes(20)) + head[at:])) == [
        ("exif", EXIF),
        ("xmp", XMP),
    ]


@given(st.data())
def test_any_change_of_a_directory_gives_notes_or_breaks_off(data: st.DataObject) -> None:
    made = bytearray(heics.TURNED[:600])
    for _ in range(data.draw(st.integers(1, 6))):
        made[data.draw(st.integers(0, len(made) - 1))] = data.draw(st.integers(0, 255))
    with suppress(*BROKEN):
        list(item_notes(bytes(made)))
