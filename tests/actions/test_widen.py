"""More than the budget: by two persons, neither of whom is the user, for a day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from concord.access.actor import Actor
from concord.access.budget import Meter
from concord.access.meter import spend
from concord.actions.enrol import OWNER
from concord.actions.installation import Installation
from concord.actions.widen import ask_widening, confirm_widening, list_widenings
from concord.errors import BudgetSpent, NotAllowed, UnfitProposal, UnknownRecord
from concord.records.user import Grant, User, UserRole
from concord.values import Basis, Purpose, utc_now
from tests.officers import Officers


def _colleague(officers: Officers, of: Actor, role: UserRole = UserRole.SUPERVISOR) -> Actor:
    other = officers.of(of.country)
    User.objects.using(OWNER).filter(pk=other.user).update(unit_id=of.unit)
    Grant.objects.using(OWNER).create(user_id=other.user, role=role, granted_at=utc_now())
    return replace(other, unit=of.unit, unit_name=of.unit_name, roles=frozenset({role}), purpose=Purpose.ADMINISTRATION)


def test_two_persons_widen_it_for_a_day(installation: Installation, officers: Officers) -> None:
    user = officers.of("XA", Purpose.MISSING, Basis.NATIONAL_LAW)
    first, second = _colleague(officers, user), _colleague(officers, user)
    stranger = _colleague(officers, officers.of("XA"))
    now = utc_now()

    def see(count: int, at: int) -> None:
        moment = now + timedelta(hours=at)
        with user.acting(moment):
            spend(user, Meter.VIEW, [f"{at} {one}" for one in range(count)], installation.config.limits, moment)

    asked = ask_widening(installation, first, user.user, Meter.VIEW, 50, "a large case")
    (told,) = list_widenings(installation, second)
    assert (told.widening, told.user, told.more) == (asked, user.user, 50)
    with pytest.raises(BudgetSpent):
        see(101, 0)
    with pytest.raises(UnknownRecord):
        confirm_widening(installation, stranger, asked)
    with pytest.raises(NotAllowed, match="second person"):
        confirm_widening(installation, first, asked)
    confirm_widening(installation, second, asked)
    assert list_widenings(installation, first) == []
    see(150, 1)
    with pytest.raises(BudgetSpent, match="150 of 150"):
        see(1, 2)
    with pytest.raises(BudgetSpent):
        see(101, 48)


def test_nobody_widens_his_own_or_anothers_unit_or_too_late(installation: Installation, officers: Officers) -> None:
    user = officers.of("XA", Purpose.MISSING, Basis.NATIONAL_LAW)
    first, second = _colleague(officers, user), _colleague(officers, user)
    stranger = _colleague(officers, officers.of("XA"))
    with pytest.raises(NotAllowed, match="his own"):
        ask_widening(installation, first, first.user, Meter.VIEW, 1, "so")
    with pytest.raises(UnknownRecord):
        ask_widening(installation, stranger, user.user, Meter.VIEW, 1, "so")
    with pytest.raises(UnfitProposal):
        ask_widening(installation, first, user.user, Meter.VIEW, 1001, "so")
    asked = ask_widening(installation, first, second.user, Meter.HASH, 5, "so")
    with pytest.raises(NotAllowed, match="second person"):
        confirm_widening(installation, second, asked)
    late = replace(installation, clock=lambda: utc_now() + timedelta(minutes=31))
    third = _colleague(officers, user)
    with pytest.raises(UnknownRecord):
        confirm_widening(late, third, asked)
