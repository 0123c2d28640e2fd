"""How often somebody may be wrong when signing in: counted in the database, so for all processes of the server together."""

import hashlib
import hmac
import ipaddress
import uuid
from datetime import datetime

from django.db import models

from concord.database.acting import before_anybody, only_value, rows
from concord.errors import TooManyTries

WINDOW_SECONDS = 5 * 60
MOST_TYPED = 20  # wrong tokens and codes from one address; beyond, right ones are not looked at either
MOST_OF_SESSION = 10  # wrong answers of one session that steps up
MOST_SHOWN = 100  # tokens of programs, passkeys and providers' answers from one address; right ones still go through


class Tries(models.Model):
    """Of one source, since its window began. The source is a keyed hash: an address is somebody's."""

    source = models.BinaryField(primary_key=True)
    since = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        db_table = "sign_in_tries"


def source_of_address(key: bytes, use: str, address: str) -> bytes:
    """`address` is that of the connection, never of a header; of IPv6 the network of 64 bits, which is one household."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _source(key, f"{use} {address}")
    bits = 64 if parsed.version == 6 else 32
    return _source(key, f"{use} {ipaddress.ip_network((parsed, bits), strict=False)}")


def source_of_session(key: bytes, session: uuid.UUID) -> bytes:
    return _source(key, f"session {session}")


def demand_tries_left(source: bytes, most: int, at: datetime) -> None:
    """Raises TooManyTries, which says when to come back."""
    with before_anybody():
        seconds = only_value("select seconds_to_wait(%s, %s, %s, %s)", [source, most, WINDOW_SECONDS, at])
    if seconds:
        raise TooManyTries(seconds=seconds)


def count_wrong_try(source: bytes, at: datetime) -> None:
    with before_anybody():
        rows("select count_wrong_try(%s, %s, %s)", [source, WINDOW_SECONDS, at])


def _source(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)
