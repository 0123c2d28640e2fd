import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.tags import MOST_TEXT_BYTES, Block

from .exifs import ASCII, ORDERS, RATIONAL, directory, number, text


def block(*entries: tuple[int, int, bytes], order: str = "<", following: int = 0) -> Block:
    made = Block.of(ORDERS[order] + struct.pack(f"{order}I", 8) + directory(8, entries, order, following))
    assert made is not None
    return made


@pytest.mark.parametrize("order", ["<", ">"])
def test_texts_and_numbers_are_read_in_either_order(order: str) -> None:
    halves = struct.pack(f"{order}4I", 1, 2, 5, 0)
    made = block(text(1, "ab"), text(2, "a longer one"), number(3, 77, order), (4, RATIONAL, halves), order=order)
    fields, following = made.directory(made.first(), {1, 2, 3, 4})
    assert [fields[tag].text() for tag in (1, 2, 3)] == ["ab", "a longer one", ""]
    assert fields[3].number() == 77
    half, none = fields[4].numbers()
    assert half == 0.5
    assert math.isnan(none)
    assert following == 0


def test_only_what_is_wanted_is_read_and_of_each_the_first() -> None:
    fields, following = block(text(1, "one"), text(1, "two"), text(2, "no"), following=99).directory(8, {1})
    assert {tag: field.text() for tag, field in fields.items()} == {1: "one"}
    assert following == 99


def test_positions_count_from_the_base() -> None:
    inner = directory(4, [text(1, "far from here")])
    fields, _ = Block(b"#" * 50 + b"base" + inner, "<", 50).directory(4, {1})
    assert fields[1].text() == "far from here"


def test_what_leads_past_the_end_is_not_there_and_the_rest_is() -> None:
    data = bytearray(block(text(1, "a longer one"), text(2, "b")).data)
    data[18:22] = struct.pack("<I", 1 << 30)
    fields, _ = Block(bytes(data), "<").directory(8, {1, 2})
    assert list(fields) == [2]


@pytest.mark.parametrize("count", [0, 1 << 31, 2**32 - 1])
def test_lengths_that_cannot_be_are_passed_over(count: int) -> None:
    data = bytearray(block(text(1, "a longer one")).data)
    data[14:18] = struct.pack("<I", count)
    assert Block(bytes(data), "<").directory(8, {1})[0] == {}


def test_a_text_too_long_to_be_one_is_none() -> None:
    fields, _ = block((1, ASCII, b"x" * (MOST_TEXT_BYTES + 1))).directory(8, {1})
    assert fields[1].text() == ""


def test_a_text_that_is_no_utf_8_is_read_as_latin_1() -> None:
    fields, _ = block((1, ASCII, "Müller".encode("latin-1")), (2, ASCII, "Müller".encode())).directory(8, {1, 2})
    assert fields[1].text() == fields[2].text() == "Müller"


def test_what_begins_otherwise_is_no_block() -> None:
    assert Block.of(b"Exif") is None
    assert Block.of(b"") is None


@given(st.binary(max_size=120), st.integers(0, 2**32 - 1), st.sampled_from(["<", ">"]))
def test_any_bytes_are_a_directory_or_break_off(data: bytes, at: int, order: str) -> None:
    try:
        fields, _ = Block(data, order).directory(at % 130, range(65536))
    except struct.error:
        return
    for field in fields.values():
        assert field.raw == data[field.start : field.start + len(field.raw)]
        field.text(), field.numbers(), field.number()
