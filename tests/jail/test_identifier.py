import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.identifier import (
    FILLINGS,
    MOST_CHARACTERS,
    PLACEHOLDERS,
    document,
    maker,
    name,
    placeholder,
    plain,
    serial,
    software,
)

# The reason of each row of the table, and what it refuses.
REFUSED = {
    "nothing is left of it": ["", "----", "...", " / "],
    "all its signs are the same": ["0000000", "xxxx", "ffffffff", "--9-9", "uuid:00000000-0000-0000-0000-000000000000", "0x0000"],
    "it only counts": ["123456789", "0123456789", "1234567890", "12345678901234567890", "987654321", "abcdef", "012-345"],
    "it is a word for nothing": ["n/a", "unknown", "none", "serial number", "to be filled by o.e.m.", "xmp.did:null"],
    "too short to tell two apart": ["7", "12", "a1"],
}  # fmt: skip


@pytest.mark.parametrize("row", PLACEHOLDERS, ids=lambda row: row.reason)
def test_each_row_of_the_table_refuses_what_it_is_for(row: object) -> None:
    for text in REFUSED[row.reason]:
        assert placeholder(text, number=True) == row.reason, text
        assert serial(text.upper()) is None


def test_every_row_is_tested() -> None:
    assert set(REFUSED) == {row.reason for row in PLACEHOLDERS}


@pytest.mark.parametrize("word", sorted(FILLINGS))
def test_words_for_nothing_are_no_identifiers(word: str) -> None:
    assert [written(word.upper()) for written in (serial, document, name, maker, software)] == [None] * 5


@pytest.mark.parametrize("text", ["6001234", "FC A1234567", "0130", "135", "A1B2", "12345670", "0x1f2e3d"])
def test_real_serial_numbers_are_none(text: str) -> None:
    assert serial(text) is not None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("NO= 2000 1234", "20001234"),
        ("No. 20001234", "20001234"),
        ("0006001234", "6001234"),
        ("Serial Number: ab-12", "ab-12"),
        (" 5A00\t12 ", "5a0012"),
        ("NOVA-77", "nova-77"),
        ("SN4411X", "sn4411x"),
    ],
)
def test_one_serial_number_has_one_form(text: str, written: str) -> None:
    assert serial(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("NIKON CORPORATION", "nikon"),
        ("Nikon", "nikon"),
        ("Canon", "canon"),
        ("EASTMAN KODAK COMPANY", "kodak"),
        ("OLYMPUS IMAGING CORP.", "olympus"),
        ("OLYMPUS OPTICAL CO.,LTD", "olympus"),
        ("OM Digital Solutions", "olympus"),
        ("FUJI PHOTO FILM CO., LTD.", "fujifilm"),
        ("CASIO COMPUTER CO.,LTD.", "casio"),
        ("SAMSUNG TECHWIN", "samsung"),
        ("LG Electronics", "lg"),
        ("Imaging", "imaging"),
        ("N/A", None),
        ("0000", None),
    ],
)
def test_one_maker_has_one_name(text: str, written: str | None) -> None:
    assert maker(text) == written


def test_a_model_may_be_one_letter_and_a_serial_may_not() -> None:
    assert (name("Q"), serial("Q")) == ("q", None)


def test_programs_keep_their_capitals() -> None:
    assert software("  Retouch\t22.1\0 ") == "Retouch 22.1"


def test_composed_and_decomposed_letters_are_one() -> None:
    assert plain("Ange\u0301nieux") == plain("Ang\u00e9nieux")


def test_control_signs_and_turns_of_direction_are_left_out() -> None:
    assert plain("A\x07B\u202eC\u200bD") == "ABCD"


def test_what_is_too_long_is_no_identifier_rather_than_cut() -> None:
    assert serial("a7" * (MOST_CHARACTERS // 2)) is not None
    assert serial("a7" * MOST_CHARACTERS) is None


@given(st.text())
def test_a_plain_text_stays_as_it_is(text: str) -> None:
    made = plain(text)
    assert plain(made) == made == unicodedata.normalize("NFC", made)
    assert made.isprintable()


@given(st.text(max_size=60), st.sampled_from([serial, document, name, maker, software]))
def test_any_text_is_an_identifier_or_none(text: str, written: object) -> None:
    made = written(text)
    assert made is None or (0 < len(made) <= MOST_CHARACTERS and plain(made) == made)
