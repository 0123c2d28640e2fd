"""Step-up: no older than five minutes, by somebody who sits there."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.access.actor import Actor
from concord.access.step_up import FRESH, demand_stepped_up, stepped_up
from concord.errors import NeedsStepUp
from concord.values import CountryCode

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def actor(session: uuid.UUID | None, at: datetime | None, is_local: bool = False) -> Actor:
    who = (uuid.uuid4(), uuid.uuid4(), "Ada", uuid.uuid4(), "Unit", CountryCode("XA"), None, None)
    return Actor(*who, session=session, stepped_up_at=at, is_local=is_local)


@given(st.timedeltas(timedelta(0), timedelta(hours=12)))
def test_it_counts_for_five_minutes_and_no_longer(since: timedelta) -> None:
    assert (stepped_up(actor(uuid.uuid4(), NOON), NOON + since) is None) == (since <= FRESH)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (actor(None, None), "a token cannot show"),
        (actor(uuid.uuid4(), None), "not shown it in this session"),
        (actor(uuid.uuid4(), NOON - timedelta(minutes=6)), "more than 5 minutes ago"),
    ],
)
def test_each_refusal_says_what_is_missing(one: Actor, why: str) -> None:
    assert why in (stepped_up(one, NOON) or "")


def test_the_fifth_minute_counts_to_its_end() -> None:
    assert stepped_up(actor(uuid.uuid4(), NOON), NOON + timedelta(minutes=5)) is None
    assert stepped_up(actor(uuid.uuid4(), NOON), NOON + timedelta(minutes=5, microseconds=1)) is not None


def test_the_limit_is_what_the_rules_ask() -> None:
    assert timedelta(minutes=5) == FRESH


@pytest.mark.parametrize("one", [actor(None, None), actor(None, NOON), actor(uuid.uuid4(), None)])
def test_without_a_session_or_a_step_up_it_is_refused_with_a_reason(one: Actor) -> None:
    with pytest.raises(NeedsStepUp) as refusal:
        demand_stepped_up(one, NOON)
    assert refusal.value.code == "needs_step_up"
    assert stepped_up(one, NOON) in str(refusal.value)


def test_a_profile_of_the_machine_itself_needs_none() -> None:
    demand_stepped_up(actor(None, None, is_local=True), NOON)
