"""On whose behalf something is done, and for what purpose. Everything an action needs to know of the person."""

import enum
import hashlib
import time
import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self, cast

from concord.database.acting import acting, before_anybody, only_value, rows, setting
from concord.errors import NoPurpose, NotSignedIn, ProfileOut, SessionEnded, StandingChanged
from concord.records.country import Participation
from concord.records.user import UserRole
from concord.values import Basis, CountryCode, Purpose, utc_now


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
    # How he signed in is not who he is: two of these are the same person whatever stands here.
    is_local: bool = field(default=False, compare=False)  # by a profile of the home, on the machine itself
    token: uuid.UUID | None = field(default=None, compare=False)
    session: uuid.UUID | None = field(default=None, compare=False)  # None: no browser
    stepped_up_at: datetime | None = field(default=None, compare=False)
    # All of the above in a word, which the database can confirm; empty: it cannot.
    standing: str = field(default="", compare=False)
    # Else a guess, good for nothing but an act that confirms it (access/standing.py).
    is_confirmed: bool = field(default=True, compare=False)
    read_at_seconds: float = field(default_factory=time.monotonic, compare=False)  # by a clock that nobody sets

    def is_certified(self, now: datetime) -> bool:
        return self.certified_until is not None and now < self.certified_until

    @property
    def is_machine(self) -> bool:
        """Signed in by a token, and not in a browser."""
        return self.token is not None and self.session is None

    @property
    def seat(self) -> uuid.UUID:
        """What he is signed in by: his session, his token, or on the machine itself his profile."""
        return self.session or self.token or self.profile

    def reach(self, now: datetime) -> Reach:
        real = self.is_certified(now) and self.purpose not in (None, Purpose.TRAINING)
        return Reach.REAL if real else Reach.TRAINING

    def acting(self, now: datetime) -> AbstractContextManager[None]:
        """A transaction in this name, for this purpose. Raises StandingChanged."""
        if not self.is_confirmed:
            raise StandingChanged
        return acting(self.country, self.unit, self.user, self.purpose, self.reach(now), self.roles, self.seat)

    def setting(self, now: datetime) -> list[str]:
        """In whose name an act of one statement is, for `at_once`."""
        return setting(
            self.country, self.unit, self.user, self.purpose, self.reach(now), self.roles, self.seat, self.standing
        )

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
    return replace(_signed_in(_BY_PROFILE, profile, ProfileOut), is_local=True)


def sign_in_by_token(secret: str) -> Actor:
    """The actor of a valid token; a single-use token is spent. Raises NotSignedIn, never saying what was wrong."""
    return _signed_in(_BY_TOKEN, _sha256(secret), NotSignedIn)


def begin_session(secret: str, at: datetime | None = None) -> uuid.UUID:
    """The id of a new session that began with this token; a single-use token is spent. Raises NotSignedIn as above."""
    with before_anybody():
        session = only_value("select begin_session_with_token(%s, %s)", [_sha256(secret), at or utc_now()])
    if session is None:
        raise NotSignedIn
    return cast(uuid.UUID, session)


def sign_in_by_session(session: uuid.UUID) -> Actor:
    """The actor of a session that is open, and whose token, passkey or link holds still. Raises SessionEnded."""
    return _signed_in(_BY_SESSION, session, SessionEnded)


def sign_in_again(actor: Actor) -> Actor:
    """The same as he stands now: what goes on for long asks again and again. Raises NotSignedIn."""
    if actor.session is not None:
        now = sign_in_by_session(actor.session)
    elif actor.token is not None:
        now = _signed_in(_BY_TOKEN_ID, actor.token, NotSignedIn)
    else:
        now = sign_in(actor.profile)
    return replace(now, purpose=actor.purpose, basis=actor.basis)


STALE_SECONDS = 1.0  # so long what was taken away may still work, in something that is under way


def still(actor: Actor) -> Actor:
    """The same, read anew if that is a second ago: for every part of an act that goes on for long. Raises NotSignedIn."""
    if time.monotonic() - actor.read_at_seconds < STALE_SECONDS:
        return actor
    return sign_in_again(actor)


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


# All answer alike: who, then the session and its step-up where there is one, and the standing where it can be confirmed.
_BY_PROFILE = "select w.*, null::uuid, null::timestamptz, null from sign_in_profile(%s) w"
_BY_TOKEN = "select w.*, null::uuid, null::timestamptz, standing_of(w) from sign_in_token(%s) w"  # noqa: S105  a statement
_BY_TOKEN_ID = "select w.*, null::uuid, null::timestamptz, null from sign_in_session(%s) w"  # noqa: S105  a statement
_BY_SESSION = """
select w.profile, w.profile_name, w."user", w.user_name, w.unit, w.unit_name, w.country, w.default_purpose, w.default_basis,
       s.token, w.roles, w.certified_until, w.participation, w.is_hub, s.scopes, s.session, s.stepped_up_at, null
from open_session(%s) s, sign_in_profile(s.profile) w
"""


def _signed_in(sql: str, key: uuid.UUID | bytes, otherwise: type[NotSignedIn]) -> Actor:
    with before_anybody():
        found = rows(sql, [key])
    if not found:
        raise otherwise
    ((profile, _, user, user_name, unit, unit_name, country, purpose, basis, token, *standing),) = found
    roles, certified_until, participation, is_hub, scopes, session, stepped_up_at, standing_word = standing
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
        token=token,
        session=session,
        stepped_up_at=stepped_up_at,
        standing=standing_word or "",
    )
