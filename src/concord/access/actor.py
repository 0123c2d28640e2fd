"""On whose behalf something is done, and for what purpose. Everything an action needs to know of the person."""

import enum
import hashlib
import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self, cast

from concord.database.acting import acting, before_anybody, rows
from concord.errors import NoPurpose, NotSignedIn, ProfileOut, SessionEnded
from concord.records.country import Participation
from concord.records.user import UserRole
from concord.values import Basis, CountryCode, Purpose


class Reach(enum.StrEnum):
    """What somebody meets: everything, or only what was entered for training."""

    REAL = "REAL"
    TRAINING = "TRAINING"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user of a unit. `purpose` and `basis` are None where neither the profile nor the request gave one."""

    profile: uuid.UUID
    user: uuid.UUID
    user_name: str
    unit: uuid.UUID
    unit_name: str
    country: CountryCode
    purpose: Purpose | None
    basis: Basis | None
    roles: frozenset[UserRole] = frozenset()
    certified_until: datetime | None = None  # None: not certified
    participation: Participation = Participation.READ_ONLY  # of the country
    is_hub: bool = False  # of the hub's staff, which has no country
    scopes: frozenset[str] | None = None  # verbs that the token opens; None: no token, or one without bounds

    def is_certified(self, now: datetime) -> bool:
        return self.certified_until is not None and now < self.certified_until

    def reach(self, now: datetime) -> Reach:
        real = self.is_certified(now) and self.purpose not in (None, Purpose.TRAINING)
        return Reach.REAL if real else Reach.TRAINING

    def acting(self, now: datetime) -> AbstractContextManager[None]:
        """A transaction in this name, for this purpose."""
        return acting(self.country, self.unit, self.user, self.purpose, self.reach(now), self.roles)

    def acting_for(self, purpose: str | None = None, basis: str | None = None) -> Self:
        """The same person with what the request says instead of the profile's defaults. Raises UnknownCode."""
        return replace(
            self,
            purpose=self.purpose if purpose is None else Purpose.parse(purpose),
            basis=self.basis if basis is None else Basis.parse(basis),
        )

    @property
    def stated_purpose(self) -> Purpose:
        """Raises NoPurpose: nobody asks, enters or looks without one."""
        if self.purpose is None:
            raise NoPurpose(known=Purpose.known())
        return self.purpose


def sign_in(profile: uuid.UUID) -> Actor:
    """The actor of an active profile, read anew at every call, so that a revocation holds from the next request on.

    Raises ProfileOut.
    """
    return _signed_in("select * from sign_in_profile(%s)", profile, ProfileOut)


def sign_in_by_token(secret: str) -> Actor:
    """The actor of a valid token; a single-use token is spent. Raises NotSignedIn, never saying what was wrong."""
    return _signed_in("select * from sign_in_token(%s)", _sha256(secret), NotSignedIn)


def begin_session(secret: str) -> uuid.UUID:
    """The id of a valid token, which the session is bound to; a single-use token is spent. Raises NotSignedIn as above."""
    with before_anybody():
        found = rows("select token from sign_in_token(%s)", [_sha256(secret)])
    if not found:
        raise NotSignedIn
    (token,) = found[0]
    return cast(uuid.UUID, token)


def sign_in_by_session(token: uuid.UUID) -> Actor:
    """The actor of a session that began with this token, which must be valid still. Raises SessionEnded."""
    return _signed_in("select * from sign_in_session(%s)", token, SessionEnded)


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _signed_in(sql: str, key: uuid.UUID | bytes, otherwise: type[NotSignedIn]) -> Actor:
    with before_anybody():
        found = rows(sql, [key])
    if not found:
        raise otherwise
    profile, _, user, user_name, unit, unit_name, country, purpose, basis, _, *standing = found[0]
    roles, certified_until, participation, is_hub, scopes = standing
    return Actor(
        profile=profile,
        user=user,
        user_name=user_name,
        unit=unit,
        unit_name=unit_name,
        country=CountryCode(country),
        purpose=Purpose(purpose) if purpose else None,
        basis=Basis(basis) if basis else None,
        roles=frozenset(map(UserRole, roles)),
        certified_until=certified_until,
        participation=Participation(participation),
        is_hub=is_hub,
        scopes=None if scopes is None else frozenset(scopes),
    )
