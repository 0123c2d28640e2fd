"""Allowances by role and purpose, and how a refusal says what is left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.access.budget import BY_PURPOSE, WINDOW_HOURS, Allowance, Meter, Spending, allowance, refusal
from concord.config import Limits
from concord.records.user import UserRole
from concord.values import Purpose, utc_now

LIMITS = Limits()
roles = st.frozensets(st.sampled_from(UserRole))


@given(roles, st.sampled_from(Purpose), st.sampled_from(Meter))
def test_nobody_may_see_more_than_the_limit_whatever_his_roles(
    held: frozenset[UserRole], purpose: Purpose, meter: Meter
) -> None:
    found = allowance(meter, held, purpose, LIMITS)
    if purpose is Purpose.TRAINING:
        assert found is None
        return
    assert found is not None
    most = {Meter.VIEW: 100, Meter.HASH: 50}[meter]
    assert 0 <= found.of_purpose <= found.in_all <= most
    if not held & {UserRole.OFFICER, UserRole.ANALYST, UserRole.SUPERVISOR}:
        assert found.in_all == 0


@given(roles, roles, st.sampled_from([one for one in Purpose if one is not Purpose.TRAINING]))
def test_a_role_more_never_takes_away(some: frozenset[UserRole], more: frozenset[UserRole], purpose: Purpose) -> None:
    less, all_of_them = (allowance(Meter.VIEW, held, purpose, LIMITS) for held in (some, some | more))
    assert less is not None
    assert all_of_them is not None
    assert less.in_all <= all_of_them.in_all
    assert less.of_purpose <= all_of_them.of_purpose


def test_every_purpose_has_its_share() -> None:
    assert set(BY_PURPOSE) == set(Purpose) - {Purpose.TRAINING}


@pytest.mark.parametrize("renews", [True, False])
def test_the_refusal_says_how_much_until_when_and_who_may_widen_it(renews: bool) -> None:
    at = utc_now() + timedelta(hours=3) if renews else None
    said = str(refusal(Meter.VIEW, Purpose.MISSING, 7, Spending(False, 95, 100, at)))
    assert "95 of 100" in said
    assert "7 more" in said
    assert "supervisor" in said
    assert (f"{at:%H:%M} UTC" if at else "fewer at once") in said


OF_ROLE = {UserRole.OFFICER: 1.0, UserRole.ANALYST: 1.0, UserRole.SUPERVISOR: 0.5}
OF_PURPOSE = {
    Purpose.IDENTIFICATION: 1.0,
    Purpose.INVESTIGATION: 1.0,
    Purpose.MISSING: 1.0,
    Purpose.QUALITY: 0.5,
    Purpose.ADMINISTRATION: 0.1,
}


@pytest.mark.parametrize("role", [None, *UserRole])
@pytest.mark.parametrize("purpose", OF_PURPOSE)
def test_the_parts_are_the_pages(role: UserRole | None, purpose: Purpose) -> None:
    """docs/budgets.md, rounded down."""
    limits = replace(LIMITS, views_per_day=130, hashes_per_day=30)
    for meter, most in ((Meter.VIEW, 130), (Meter.HASH, 30)):
        held = {role, UserRole.TRAINER} if role else set()
        in_all = most * OF_ROLE.get(role, 0.0) if role else 0
        assert allowance(meter, held, purpose, limits) == Allowance(int(in_all * OF_PURPOSE[purpose]), int(in_all))


def test_a_day_is_any_24_hours() -> None:
    assert WINDOW_HOURS == 24


def test_the_refusal_names_what_was_asked_for() -> None:
    at = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
    said = str(refusal(Meter.HASH, Purpose.QUALITY, 3, Spending(False, 25, 25, at)))
    assert "bare hash" in said
    assert "QUALITY" in said
    assert "again at 2026-03-01 09:05 UTC" in said
    assert "records" in str(refusal(Meter.VIEW, Purpose.QUALITY, 3, Spending(False, 25, 25, None)))
