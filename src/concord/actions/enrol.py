"""*Enrol*: countries, units, users, profiles and tokens. Done by the local administration, as the owner of the database."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

from django.db import transaction

from concord.errors import OtherContact, UnknownCode, UnknownRecord
from concord.records.country import Country, Unit
from concord.records.user import Certificate, Grant, Profile, Token, User, UserRole
from concord.values import Basis, Clock, CountryCode, Purpose, readable_name, utc_now

OWNER = "owner"  # the connection of the administration
OF_A_NEW_UNIT = {"channel": "not recorded", "hours": "not recorded", "time_zone": "UTC"}  # where nothing is given


def known_time_zone(name: str) -> str:
    """Raises UnknownCode."""
    if name != "UTC" and name not in available_timezones():
        raise UnknownCode(value=name, what="time zone", known="UTC and IANA names like Europe/Lisbon")
    return name


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """How a unit presents itself; what is None was not given. Raises UnfitName, UnknownCode."""

    country: CountryCode
    country_name: str
    name: str
    channel: str | None
    hours: str | None
    time_zone: str | None  # IANA name

    def __post_init__(self) -> None:
        readable_name("country", self.country_name)
        readable_name("unit", self.name)
        for what in ("channel", "hours"):
            if (text := getattr(self, what)) is not None:
                readable_name(what, text)
        if self.time_zone is not None:
            known_time_zone(self.time_zone)

    @property
    def contact(self) -> dict[str, str]:
        """What was given of it, by the unit's columns."""
        asked = {name: getattr(self, name) for name in OF_A_NEW_UNIT}
        return {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a new user begins with."""

    roles: tuple[UserRole, ...] = (UserRole.OFFICER, UserRole.ANALYST)
    certified: timedelta | None = timedelta(days=365)  # None: not certified
    clock: Clock = utc_now


FOUNDING = Standing()


def enrol_unit(facts: UnitFacts) -> uuid.UUID:
    """Found or made; the first of a country is its National Central Bureau until another is named.

    Raises OtherContact where it is found and what is given of its contact differs.
    """
    with transaction.atomic(using=OWNER):
        country, _ = Country.objects.using(OWNER).get_or_create(
            code=facts.country, defaults={"name": facts.country_name}
        )
        is_first = not Unit.objects.using(OWNER).filter(country=country).exists()
        unit, _ = Unit.objects.using(OWNER).get_or_create(
            country=country, name=facts.name, defaults=OF_A_NEW_UNIT | facts.contact | {"is_bureau": is_first}
        )
        for column, given in facts.contact.items():
            if given != (stored := getattr(unit, column)):
                what = column.replace("_", " ")
                raise OtherContact(unit=unit.name, country=facts.country, what=what, stored=stored)
        return unit.id


def correct_unit(facts: UnitFacts) -> Unit:
    """The unit of this country and name with what is given of its contact. Raises UnknownRecord."""
    with transaction.atomic(using=OWNER):
        unit = Unit.objects.using(OWNER).filter(country_id=facts.country, name=facts.name).first()
        if unit is None:
            raise UnknownRecord(what="unit", name=f"{facts.name} ({facts.country})")
        for column, given in facts.contact.items():
            setattr(unit, column, given)
        unit.save(using=OWNER, update_fields=[*facts.contact])
        return unit


def enrol_user(
    unit: uuid.UUID,
    name: str,
    profile: str,
    purpose: Purpose | None = None,
    basis: Basis | None = None,
    standing: Standing = FOUNDING,
) -> uuid.UUID:
    """A user, found or made, with a profile of this name. Returns the profile's id. Raises UnfitName.

    `standing`: of a user who is made; whoever is found keeps his own. Where the country has an administrator of its own,
    nobody is given a role or a certificate but by its people.
    """
    readable_name("user", name)
    with transaction.atomic(using=OWNER):
        user, is_new = User.objects.using(OWNER).get_or_create(unit_id=unit, name=name)
        if is_new and not administered(CountryCode(user.unit.country_id)):
            _give(user, standing)
        made, _ = Profile.objects.using(OWNER).update_or_create(
            user=user, name=profile, defaults={"default_purpose": purpose, "default_basis": basis}
        )
        return made.id


def administered(country: CountryCode) -> bool:
    """Whether somebody who is active administers it."""
    holders = Grant.objects.using(OWNER).filter(
        role__in=(UserRole.NATIONAL_ADMINISTRATOR, UserRole.HUB_ADMINISTRATOR), revoked_at=None, user__active=True
    )
    return holders.filter(user__unit__country=country).exists()


def _give(user: User, standing: Standing) -> None:
    now = standing.clock()
    for role in standing.roles:
        Grant.objects.using(OWNER).create(user=user, role=role, granted_at=now)
    if standing.certified:
        Certificate.objects.using(OWNER).create(
            user=user, course="founding", issued_at=now, expires_at=now + standing.certified
        )


def issue_token(
    profile: uuid.UUID,
    label: str,
    clock: Clock,
    lasting: timedelta = timedelta(days=90),
    single_use: bool = False,
    scopes: Sequence[str] | None = None,
) -> str:
    """Returns the secret, which is kept nowhere. `scopes`: the verbs that it opens; None: all that the profile may.

    Raises UnfitName, TooLong.
    """
    readable_name("token", label)
    secret = secrets.token_urlsafe(32)
    now = clock()
    Token.objects.using(OWNER).create(
        profile_id=profile,
        label=label,
        secret_sha256=hashlib.sha256(secret.encode()).digest(),
        issued_at=now,
        expires_at=now + lasting,
        single_use=single_use,
        scopes=scopes,
    )
    return secret


def set_active(profile: uuid.UUID, active: bool) -> None:
    """Disables or enables a profile, from its next request on. Raises UnknownRecord."""
    if not Profile.objects.using(OWNER).filter(id=profile).update(active=active):
        raise UnknownRecord(what="profile", name=profile)


def revoke_tokens(profile: uuid.UUID, clock: Clock) -> int:
    """From the next request on, sessions begun with them included. Returns how many were valid."""
    valid = Token.objects.using(OWNER).filter(profile_id=profile, revoked_at=None, expires_at__gt=clock())
    return valid.update(revoked_at=clock())
