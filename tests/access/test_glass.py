"""Who reviews which opening for which side, and in which state it is. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from concord.access.actor import Actor
from concord.access.glass import LONGEST, Glass, GlassState, Opened, Side, side_of
from concord.records.user import UserRole
from concord.values import CountryCode, Purpose

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ME, OPENER, OTHER, UNIT, ELSEWHERE = (UUID(int=number) for number in range(1, 6))
REVIEWER = Actor(ME, ME, "Sue", UNIT, "Unit", CountryCode("XA"), Purpose.ADMINISTRATION, None)
OPENED = Opened(OPENER, UNIT, "XA", "XB", NOW + timedelta(minutes=1))


def expected(actor: Actor, opened: Opened, is_bureau: bool) -> Side | None:
    """The review of docs/duty.md, in other words than the program's."""
    if ME in (opened.opened_by, opened.supervised_by, opened.answered_by):
        return None
    (role,) = actor.roles or {None}
    over_unit = role is UserRole.SUPERVISOR and (is_bureau or actor.unit == opened.unit)
    if actor.country == opened.country and not opened.supervised_by and (over_unit or role is UserRole.DATA_PROTECTION):
        return Side.OPENER
    owners = (UserRole.SUPERVISOR, UserRole.DATA_PROTECTION, UserRole.NATIONAL_ADMINISTRATOR)
    return Side.OWNER if actor.country == opened.owner_country and not opened.answered_by and role in owners else None


def test_each_side_has_its_reviewers_and_nobody_reviews_twice() -> None:
    """Every combination of what counts, with one role at a time or none."""
    persons = list(product((ME, OPENER), (None, ME, OTHER), (None, ME, OTHER)))
    places = list(product((UNIT, ELSEWHERE), (True, False), ("XA", "XB", "XC"), ("XA", "XB")))
    for role, (unit, is_bureau, country, owner), (by, supervised, answered) in product(
        (None, *UserRole), places, persons
    ):
        actor = replace(REVIEWER, unit=unit, country=CountryCode(country), roles=frozenset({role} if role else ()))
        opened = replace(OPENED, opened_by=by, owner_country=owner, supervised_by=supervised, answered_by=answered)
        assert side_of(actor, opened, is_bureau) is expected(actor, opened, is_bureau)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, GlassState.OPEN),
        ({"expires_at": NOW}, GlassState.IN_REVIEW),
        ({"expires_at": NOW + timedelta(microseconds=1)}, GlassState.OPEN),
        ({"closed_at": NOW}, GlassState.IN_REVIEW),
        ({"supervised_by": ME, "answered_by": OTHER}, GlassState.OPEN),
        ({"closed_at": NOW, "supervised_by": ME}, GlassState.IN_REVIEW),
        ({"closed_at": NOW, "answered_by": ME}, GlassState.IN_REVIEW),
        ({"closed_at": NOW, "supervised_by": ME, "answered_by": OTHER}, GlassState.REVIEWED),
    ],
)
def test_it_is_reviewed_when_it_is_closed_and_both_sides_have_spoken(
    change: dict[str, object], state: GlassState
) -> None:
    opened = replace(OPENED, **change)  # type: ignore[arg-type]
    assert opened.state(NOW) is state
    assert opened.is_open(NOW) is (state is GlassState.OPEN)


def test_it_lasts_an_hour_and_its_row_is_what_the_rules_see() -> None:
    assert timedelta(hours=1) == LONGEST
    names = ["opened_by_id", "opener_unit_id", "opener_country_id", "owner_country_id", "expires_at"]
    names += ["closed_at", "supervised_by_id", "answered_by_id"]
    values = [OPENER, UNIT, "XA", "XB", NOW, NOW, ME, OTHER]
    assert Glass(**dict(zip(names, values, strict=True))).opened() == Opened(*values)  # type: ignore[arg-type]
