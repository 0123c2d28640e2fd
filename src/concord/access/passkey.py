"""Passkeys as rows: a user's public keys, and the single-use invitations to make one. Kept by the administration."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from concord.database.acting import before_anybody, only_value, rows
from concord.errors import InvitationSpent
from concord.records.user import Profile, User


class Passkey(models.Model):
    """A public key whose private half never leaves its owner's device."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="+")
    credential = models.BinaryField(unique=True)  # how the device calls it
    public_key = models.BinaryField()  # COSE
    sign_count = models.BigIntegerField()  # of the last use; a device without a counter says 0 for ever
    label = models.TextField()
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkey"


class Invitation(models.Model):
    """Opens the making of one passkey, once, for whoever holds the link. The secret is shown once; here is its SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="+")
    secret_sha256 = models.BinaryField(unique=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: the local administration
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "passkey_invitation"


@dataclass(frozen=True, slots=True)
class Known:
    """What checking a device's signature needs. `user` is the handle that the device was given for its owner."""

    passkey: uuid.UUID
    user: uuid.UUID
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a device gave at registration, verified."""

    credential: bytes
    public_key: bytes
    sign_count: int
    label: str


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """A passkey of one's own, as its owner sees it."""

    id: uuid.UUID
    credential: bytes
    label: str
    made_at: datetime
    used_at: datetime | None  # None: never since it was made


@dataclass(frozen=True, slots=True)
class Owner:
    """For whom a passkey is made."""

    user: uuid.UUID
    user_name: str
    unit_name: str
    country: str
    credentials: Sequence[bytes]  # of his passkeys, so that no device makes a second one


def new_secret() -> tuple[str, bytes]:
    """256 random bits as text, and the SHA-256 that is kept of them."""
    secret = secrets.token_urlsafe(32)
    return secret, sha256_of(secret)


def sha256_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def known_passkey(credential: bytes) -> Known | None:
    """None: unknown, revoked, or its owner is out."""
    with before_anybody():
        found = rows("select * from known_passkey(%s)", [credential])
    if not found:
        return None
    ((passkey, user, public_key, sign_count),) = found
    return Known(passkey, user, bytes(public_key), sign_count)


def invited(secret: str, at: datetime) -> Owner:
    """For whom this invitation is. Raises InvitationSpent, never saying what was wrong with it."""
    with before_anybody():
        found = rows("select * from invited(%s, %s)", [sha256_of(secret), at])
    if not found:
        raise InvitationSpent
    ((user, user_name, unit_name, country, credentials),) = found
    return Owner(user, user_name, unit_name, country, [bytes(one) for one in credentials])


def begin_invited(secret: str, made: NewPasskey, at: datetime) -> uuid.UUID:
    """Spends the invitation for this passkey, and begins a session with it; returns the session's id.

    Raises InvitationSpent, also where somebody was faster.
    """
    values = [sha256_of(secret), made.credential, made.public_key, made.sign_count, made.label, at]
    with before_anybody():
        session = only_value("select begin_session_with_invitation(%s, %s, %s, %s, %s, %s)", values)
    if session is None:
        raise InvitationSpent
    return uuid.UUID(str(session))


def add_own(profile: uuid.UUID, made: NewPasskey, at: datetime) -> bool:
    """For the acting user. False: the device is registered already."""
    values = [profile, made.credential, made.public_key, made.sign_count, made.label, at]
    return bool(only_value("select add_own_passkey(%s, %s, %s, %s, %s, %s)", values))


def own_passkeys() -> list[OwnPasskey]:
    """Of the acting user, the oldest first."""
    found = rows("select * from own_passkeys()", [])
    return [OwnPasskey(one, bytes(credential), *more) for one, credential, *more in found]


def revoke_own(passkey: uuid.UUID, at: datetime) -> bool:
    """From the next request on, sessions that began with it included. False: the acting user has no such passkey."""
    return bool(only_value("select revoke_own_passkey(%s, %s)", [passkey, at]))


def invite_profile(profile: uuid.UUID, secret_sha256: bytes, at: datetime, until: datetime) -> bool:
    """By the acting national administrator. False: he is none, or it is not a profile of his country."""
    return bool(only_value("select invite_profile(%s, %s, %s, %s)", [profile, secret_sha256, at, until]))
