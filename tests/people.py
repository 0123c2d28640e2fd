"""People of a country of a test's own, by what they are there for, and how a second one agrees."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

import pytest

from concord.access.actor import Actor, sign_in
from concord.actions.approve import decide_request
from concord.actions.enrol import OWNER, Standing, UnitFacts, enrol_unit, enrol_user
from concord.actions.installation import Installation
from concord.errors import ApprovalAwaited
from concord.records.country import Country
from concord.records.user import Certificate, Grant, User, UserRole
from concord.values import Basis, CountryCode, Purpose, utc_now

Done = TypeVar("Done")


@dataclass
class Bureau:
    """People of one country, by what they are there for. Each test has a country of its own."""

    country: CountryCode

    def person(self, *roles: UserRole, unit: str = "Bureau", purpose: Purpose = Purpose.ADMINISTRATION) -> Actor:
        facts = UnitFacts(self.country, f"Land {self.country}", unit, None, None, None)
        found = enrol_unit(facts)
        profile = enrol_user(found, f"{unit} {uuid4()}", "default", purpose, Basis.NATIONAL_LAW, Standing((), None))
        actor, now = sign_in(profile), utc_now()
        for role in roles:
            Grant.objects.using(OWNER).create(user_id=actor.user, role=role, granted_at=now)
        Certificate.objects.using(OWNER).create(
            user_id=actor.user, course="before", issued_at=now, expires_at=now + timedelta(days=9)
        )
        return sign_in(profile)

    def again(self, actor: Actor) -> Actor:
        return sign_in(actor.profile)


def colleague(of: Actor, *roles: UserRole) -> Actor:
    """Another of the same unit, for the same purpose, certified and with these roles alone."""
    made, now = User.objects.using(OWNER).create(unit_id=of.unit, name=f"{uuid4()}"), utc_now()
    for role in roles:
        Grant.objects.using(OWNER).create(user=made, role=role, granted_at=now)
    expires_at = now + timedelta(days=9)
    Certificate.objects.using(OWNER).create(user=made, course="before", issued_at=now, expires_at=expires_at)
    return replace(of, user=made.id, profile=uuid4(), roles=frozenset(roles), certified_until=expires_at)


def fresh_code() -> CountryCode:
    """One of no country yet. Tests that name theirs themselves take X.., R.. (tests/promises/world.py) or Z.. (not there)."""
    taken = set(Country.objects.using(OWNER).values_list("code", flat=True))
    codes = (
        CountryCode(first + second) for first in "QSTUVWABCDEFGHIJKLMNOP" for second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    )
    code = next(code for code in codes if code not in taken)
    Country.objects.using(OWNER).create(code=code, name=code)
    return code


def hub_code() -> CountryCode:
    """There is one hub in an installation, which other tests may have founded."""
    found = Country.objects.using(OWNER).filter(is_hub=True).values_list("code", flat=True).first()
    code = CountryCode(found) if found else fresh_code()
    Country.objects.using(OWNER).filter(code=code).update(is_hub=True)
    return code


def at_the_hub(purpose: Purpose = Purpose.TRAINING) -> Actor:
    """Somebody of its staff, in a unit of his own, whoever administers it."""
    return Bureau(hub_code()).person(UserRole.OFFICER, UserRole.ANALYST, unit=f"Hub {uuid4()}", purpose=purpose)


def with_second(installation: Installation, second: Actor, attempt: Callable[[], Done]) -> Done:
    """What `attempt` gives once `second` has agreed to it."""
    with pytest.raises(ApprovalAwaited) as awaited:
        attempt()
    decide_request(installation, second, awaited.value.facts["approval"], approved=True, words="agreed")
    return attempt()
