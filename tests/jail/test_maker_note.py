"""Notes as ExifTool's tables describe them, made here by hand: there are no pictures of all these cameras at hand."""

import struct
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.exif import read_exif
from concord.jail.maker_note import INSIDE, LAYOUTS

from .exifs import ORDERS, UNDEFINED, block_with_note, directory, number, text

Note = Callable[[int], bytes]


def said(make: str, note: Note, order: str = "<") -> set[tuple[str, str]]:
    return {
        (kind, text) for kind, text, source in read_exif(block_with_note(make, note, order)) if source == "makernote"
    }


def olympus(base: int, heading: bytes, absolute: bool) -> Note:
    """Its equipment is a directory of its own."""

    def note(at: int) -> bytes:
        start = len(heading) + (at if absolute else base)
        outer = len(directory(start, [number(0x2010, 0, kind=13)]))
        inner = directory(
            start + outer, [text(0x0101, "BHP123456"), text(0x0102, "40112233XYZ"), text(0x0202, "AC77001")]
        )
        return heading + directory(start, [number(0x2010, start + outer, kind=13)]) + inner

    return note


OLYMPUS_SAYS = {("camera.serial", "BHP123456"), (INSIDE, "40112233XYZ"), ("lens.serial", "AC77001")}
NIKON = b"Nikon\0\2\x10\0\0"
NOTES: dict[str, tuple[str, Note, set[tuple[str, str]]]] = {
    "canon": (
        "Canon",
        lambda at: directory(at, [number(0x0C, 320123456), text(0x96, "H0012345"), text(0x95, "EF50mm f/1.8 II")]),
        {("camera.serial", "320123456"), (INSIDE, "H0012345"), ("lens.model", "EF50mm f/1.8 II")},
    ),
    "nikon": (
        "NIKON CORPORATION",
        lambda _: NIKON + ORDERS[">"] + b"\0\0\0\x08" + directory(8, [text(0x1D, "No= 6001234")], ">"),
        {("camera.serial", "No= 6001234")},
    ),
    "olympus, old": ("OLYMPUS OPTICAL", olympus(0, b"OLYMP\0\1\0", absolute=True), OLYMPUS_SAYS),
    "olympus": ("OLYMPUS CORPORATION", olympus(0, b"OLYMPUS\0II\3\0", absolute=False), OLYMPUS_SAYS),
    "om system": ("OM Digital Solutions", olympus(0, b"OM SYSTEM\0\0\0II\4\0", absolute=False), OLYMPUS_SAYS),
    "panasonic": (
        "Panasonic",
        lambda at: (
            b"Panasonic\0\0\0" + directory(at + 12, [(0x25, UNDEFINED, b"F54070914002\0\0\0\0"), text(0x52, "XM88002")])
        ),
        {(INSIDE, "F54070914002"), ("lens.serial", "XM88002")},
    ),
    "fujifilm": (
        "FUJIFILM",
        lambda _: b"FUJIFILM\x0c\0\0\0" + directory(12, [text(0x10, "FC  A1234567 2011:07:26")]),
        {(INSIDE, "FC  A1234567 2011:07:26")},
    ),
    "sony": (
        "SONY",
        lambda at: b"SONY DSC \0\0\0" + directory(at + 12, [text(0x2031, "03770012")]),
        {("camera.serial", "03770012")},
    ),
    "sony, films": (
        "SONY",
        lambda at: b"SONY CAM \0\0\0" + directory(at + 12, [text(0x2031, "03770012")]),
        {("camera.serial", "03770012")},
    ),
    "apple": (
        "Apple",
        lambda _: b"Apple iOS\0\0\1MM" + directory(14, [text(0x15, "0A1B2C3D-0000-4000-8000-112233445566")], ">"),
        {("picture.id", "0A1B2C3D-0000-4000-8000-112233445566")},
    ),
}


@pytest.mark.parametrize("name", NOTES)
def test_a_makers_serial_numbers_are_read(name: str) -> None:
    make, note, expected = NOTES[name]
    assert said(make, note) == expected


def test_every_layout_is_tested() -> None:
    begun = [note(0) for _, note, _ in NOTES.values()]
    assert all(any(note.startswith(layout.heading) for note in begun) for layout in LAYOUTS)


def test_notes_in_the_order_of_the_block_around_them() -> None:
    def note(at: int) -> bytes:
        return directory(at, [number(0x0C, 320123456, ">")], ">")

    assert said("Canon", note, ">") == {("camera.serial", "320123456")}


def test_a_note_of_an_unknown_maker_says_nothing() -> None:
    assert said("Somebody", NOTES["canon"][1]) == set()


def test_a_note_that_was_moved_gives_no_rubbish() -> None:
    """Canon counts positions from the block around: a program that moves the note makes them lead elsewhere."""
    moved = said("Canon", lambda at: directory(at + 1_000, [text(0x96, "H0012345"), number(0x0C, 320123456)]))
    assert moved == {("camera.serial", "320123456")}  # a number stands in the directory itself
    assert said("Canon", lambda at: directory(at - 3, [text(0x96, "H0012345")])) == set()


@pytest.mark.parametrize("name", NOTES)
def test_a_note_cut_short_is_passed_over(name: str) -> None:
    make, note, _ = NOTES[name]
    for length in range(1, len(note(0)), 3):
        said(make, lambda at, length=length: note(at)[:length])


@given(st.sampled_from(LAYOUTS), st.binary(max_size=200))
def test_any_bytes_of_a_note_say_something_or_nothing(layout: object, rest: bytes) -> None:
    with suppress(struct.error):
        said("Canon", lambda _: layout.heading + rest + b"\1")
