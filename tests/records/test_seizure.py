"""How long an intake lasts, and which files are looked at again."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import TooManyDays
from concord.records.answer import State
from concord.records.intake import COLUMNS
from concord.records.seizure import SKIPPED, ItemState, Seen, expiry, needs_look, pack, unpack

OPENED = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOST_DAYS = 365

SEEN = Seen(
    path="/disk/a.jpg", location=None, parent=None, sha256=b"a" * 32, sha1=b"b" * 20, md5=b"c" * 16, size_bytes=10,
    modified_ns=20, format="jpeg", state=ItemState.NEW, match="none", qualifiers="", not_compared=None, ordinary=None,
    error_code=None, error_message=None, pdq=None,
)  # fmt: skip


@given(st.integers(1, 2 * MOST_DAYS), st.integers(0, MOST_DAYS))
def test_an_intake_ends_when_it_was_said_and_never_later_than_the_most_days_after_its_opening(
    days: int, gone: int
) -> None:
    now = OPENED + timedelta(days=gone)
    if days + gone > MOST_DAYS:
        with pytest.raises(TooManyDays, match=str(MOST_DAYS)):
            expiry(OPENED, now, days, MOST_DAYS)
    else:
        assert expiry(OPENED, now, days, MOST_DAYS) == now + timedelta(days=days)


@pytest.mark.parametrize("days", [10**10, 10**30])
def test_days_of_which_no_time_can_be_made_are_too_many(days: int) -> None:
    with pytest.raises(TooManyDays, match=str(days)):
        expiry(OPENED, OPENED, days, MOST_DAYS)


def test_what_was_never_seen_is_looked_at() -> None:
    assert needs_look(None, 10, 20)


@given(st.integers(0, 20), st.integers(10, 30))
def test_a_file_is_looked_at_again_exactly_when_its_size_or_time_has_changed(size_bytes: int, modified_ns: int) -> None:
    assert needs_look(SEEN, size_bytes, modified_ns) == ((size_bytes, modified_ns) != (10, 20))


def test_what_could_not_be_read_is_looked_at_again() -> None:
    assert needs_look(msgspec.structs.replace(SEEN, sha256=None, state=ItemState.FAILED), 10, 20)


@pytest.mark.parametrize("why", sorted(SKIPPED))
def test_what_was_not_decoded_is_looked_at_again_when_its_digest_is_known_no_longer(why: str) -> None:
    skipped = msgspec.structs.replace(SEEN, not_compared=why)
    assert needs_look(skipped, 10, 20)
    assert not needs_look(msgspec.structs.replace(skipped, state=ItemState.KNOWN), 10, 20)


def test_what_cannot_be_decoded_is_not_tried_again() -> None:
    assert not needs_look(msgspec.structs.replace(SEEN, not_compared="undecodable"), 10, 20)


def test_every_answer_is_a_state_of_an_item_and_no_answer_is_a_failure() -> None:
    assert [ItemState.of(state) for state in State] == [ItemState(state.value) for state in State]
    assert ItemState.of(None) is ItemState.FAILED


@given(st.dictionaries(st.sampled_from(["none", "trim", "rotate-90"]), st.binary(min_size=32, max_size=32)))
def test_fingerprints_come_back_as_they_were_packed(values: dict[str, bytes]) -> None:
    packed = pack(values.items())
    assert unpack(packed) == values
    assert (packed is None) == (not values)


def test_every_field_has_its_column() -> None:
    assert tuple(COLUMNS) == Seen.__struct_fields__


def test_an_item_is_audited_by_its_digest_or_by_a_bounded_name() -> None:
    assert SEEN.audited_as == (b"a" * 32).hex()
    unread = msgspec.structs.replace(SEEN, sha256=None, path="x" * 5000)
    assert len(unread.audited_as) < 300
