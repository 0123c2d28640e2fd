"""*Enrol*: countries, units, users, profiles and tokens. Done by the local administration, as the owner of the database."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from concord.records.country import Country, Unit
from concord.records.user import Profile, Token, User
from concord.values import Basis, Clock, CountryCode, Purpose

OWNER = "owner"  # the connection of the administration


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """How a unit presents itself."""

    country: CountryCode
    country_name: str
    name: str
    channel: str
    hours: str
    time_zone: str


def enrol_unit(facts: UnitFacts) -> uuid.UUID:
    """Found or made."""
    with transaction.atomic(using=OWNER):
        country, _ = Country.objects.using(OWNER).get_or_create(
            code=facts.country, defaults={"name": facts.country_name}
        )
        unit, _ = Unit.objects.using(OWNER).get_or_create(
            country=country,
            name=facts.name,
            defaults={"channel": facts.channel, "hours": facts.hours, "time_zone": facts.time_zone},
        )
        return unit.id


def enrol_user(
    unit: uuid.UUID, name: str, profile: str, purpose: Purpose | None = None, basis: Basis | None = None
) -> uuid.UUID:
    """A user, found or made, with a profile of this name. Returns the profile's id."""
    with transaction.atomic(using=OWNER):
        user, _ = User.objects.using(OWNER).get_or_create(unit_id=unit, name=name)
        made, _ = Profile.objects.using(OWNER).update_or_create(
            user=user, name=profile, defaults={"default_purpose": purpose, "default_basis": basis}
        )
        return made.id


def issue_token(
    profile: uuid.UUID, label: str, clock: Clock, lasting: timedelta = timedelta(days=90), single_use: bool = False
) -> str:
    """Returns the secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(32)
    now = clock()
    Token.objects.using(OWNER).create(
        profile_id=profile,
        label=label,
        secret_sha256=hashlib.sha256(secret.encode()).digest(),
        issued_at=now,
        expires_at=now + lasting,
        single_use=single_use,
    )
    return secret


def revoke_tokens(profile: uuid.UUID, clock: Clock) -> int:
    """From the next request on. Returns how many were valid."""
    valid = Token.objects.using(OWNER).filter(profile_id=profile, revoked_at=None, expires_at__gt=clock())
    return valid.update(revoked_at=clock())
