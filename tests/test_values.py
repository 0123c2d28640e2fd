"""Digests, codes and country codes are read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import MalformedDigest, UnknownCode
from concord.values import Category, Coded, Digest, DigestKind, PdqValue, Purpose, country_code, parse_question, utc_now


@given(st.sampled_from(DigestKind), st.data())
def test_a_digest_is_read_back_from_its_text(kind: DigestKind, data: st.DataObject) -> None:
    digest = Digest(kind, data.draw(st.binary(min_size=kind.size_bytes, max_size=kind.size_bytes)))
    assert parse_question(str(digest)) == digest
    assert parse_question(str(digest).upper()) == digest


@given(st.binary(min_size=32, max_size=32))
def test_a_pdq_value_is_read_back_and_is_no_sha256(value: bytes) -> None:
    assert parse_question(str(PdqValue(value))) == PdqValue(value)
    assert parse_question(value.hex()) == Digest(DigestKind.SHA256, value)


@given(st.text(max_size=80))
def test_anything_else_is_refused(text: str) -> None:
    try:
        value = parse_question(text)
    except MalformedDigest as error:
        assert error.facts["item"] == text
    else:
        assert str(value) == text.lower()


@pytest.mark.parametrize(
    "text", ["٣" * 64, "ab" * 32 + "\n", "\ufeff" + "ab" * 32, "pdq:" + "AB" * 33, "PDQ:" + "ab" * 32, "0x" + "a" * 62]
)
def test_signs_that_only_look_right_are_refused(text: str) -> None:
    with pytest.raises(MalformedDigest):
        parse_question(text)


def test_codes_are_known_in_any_case_and_others_are_named() -> None:
    assert Purpose.parse("training") is Purpose.TRAINING
    with pytest.raises(UnknownCode, match="IDENTIFICATION, INVESTIGATION"):
        Purpose.parse("curiosity")
    with pytest.raises(UnknownCode, match="NOT-RELEVANT"):
        Category.parse("9")


@pytest.mark.parametrize("text", ["xa", "X", "XAA", "X1", "ХА", "", "XA\n"])
def test_a_country_code_is_two_capital_letters(text: str) -> None:
    with pytest.raises(UnknownCode):
        country_code(text)


def test_times_are_aware_and_utc() -> None:
    offset = utc_now().utcoffset()
    assert offset is not None
    assert not offset


def test_a_code_that_is_none_is_told_in_words() -> None:
    class ItemState(Coded):
        NEW = "NEW"

    with pytest.raises(UnknownCode, match="item state"):
        ItemState.parse("nope")
