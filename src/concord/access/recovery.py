"""Recovery codes: ten for each user, each good once, for nothing but making a new passkey."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import models

from concord.access.passkey import sha256_of
from concord.database.acting import before_anybody, only_value, rows
from concord.records.user import Profile

CODES = 10
RANDOM_BYTES = 16  # 128 bits: nobody guesses one, so a plain SHA-256 keeps it as well as a slow hash would
GROUP = 4  # hexadecimal digits between dashes, for whoever copies it from paper


class RecoveryCode(models.Model):
    """Here is its SHA-256; the code itself is on its owner's paper."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="+")
    code_sha256 = models.BinaryField(unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)  # when its owner had new ones made

    class Meta:
        db_table = "recovery_code"


def new_codes() -> list[str]:
    """For example 3f2a-90bc-...: eight groups of four hexadecimal digits."""
    return [_grouped(secrets.token_hex(RANDOM_BYTES)) for _ in range(CODES)]


def code_sha256(typed: str) -> bytes:
    """Of a code as somebody types it: case, dashes and spaces do not count."""
    return sha256_of("".join(sign for sign in typed.lower() if sign.isalnum()))


def replace_own(profile: uuid.UUID, codes: Sequence[str], at: datetime) -> None:
    """The acting user's former codes open nothing any more."""
    rows("select replace_own_codes(%s, %s, %s)", [profile, [code_sha256(code) for code in codes], at])


def own_codes_left() -> int:
    """Of the acting user."""
    return int(only_value("select own_codes_left()", []))


def spend(typed: str, invitation_sha256: bytes, at: datetime, until: datetime) -> bool:
    """Turns a code into an invitation to make a passkey. False: unknown, used, replaced, or its owner is out."""
    with before_anybody():
        values = [code_sha256(typed), invitation_sha256, at, until]
        return bool(only_value("select spend_recovery_code(%s, %s, %s, %s)", values))


def _grouped(digits: str) -> str:
    return "-".join(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))
