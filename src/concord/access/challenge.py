"""A challenge is answered once. What was spent is remembered until it would have run out anyway."""

from datetime import datetime

from django.db import models

from concord.access.passkey import sha256_of
from concord.database.acting import before_anybody, only_value


class SpentChallenge(models.Model):
    """Its SHA-256."""

    digest = models.BinaryField(primary_key=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "spent_challenge"


def spend_challenge(challenge: str, expires_at: datetime) -> bool:
    """False: it was answered before."""
    with before_anybody():
        return bool(only_value("select spend_challenge(%s, %s)", [sha256_of(challenge), expires_at]))
