"""Sessions: who signed in how, when, and whether he showed himself again. Rows of the administration.

The program reads and writes them through definer functions (migrations/0006_sign_in.sql). A session lives as long as what
it began with: revoking that token, passkey or link ends it, at the next request.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from concord.access.passkey import Passkey
from concord.access.provider import Link
from concord.database.acting import before_anybody, only_value, rows
from concord.errors import NotSignedIn
from concord.records.assertion import one_of
from concord.records.user import Profile, Token
from concord.values import Coded


class Method(Coded):
    """How a session began."""

    PASSKEY = "PASSKEY"
    OIDC = "OIDC"  # the country's own identity provider
    TOKEN = "TOKEN"  # noqa: S105  a word, no secret
    PERSONA = "PERSONA"  # a single-use link of a demonstration


class Session(models.Model):
    """A signed-in browser. Its cookie carries this id; a new one at every sign-in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="+")
    method = models.TextField()
    token = models.ForeignKey(Token, models.PROTECT, null=True, related_name="+")
    passkey = models.ForeignKey(Passkey, models.PROTECT, null=True, related_name="+")
    link = models.ForeignKey(Link, models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField()
    stepped_up_at = models.DateTimeField(null=True)  # null: never showed himself to be there by passkey or provider
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "session"
        constraints = [one_of("method", Method, "session_method")]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session of one's own that has not ended, as its owner sees it."""

    id: uuid.UUID
    method: Method
    begun_at: datetime
    stepped_up_at: datetime | None  # None: not stepped up


def begin_with_passkey(passkey: uuid.UUID, sign_count: int, at: datetime) -> uuid.UUID:
    """The new session's id, its owner stepped up: he was verified this moment.

    Raises NotSignedIn where the passkey is revoked, its owner out, or its counter did not go on (a copy, perhaps).
    """
    return _begun("select begin_session_with_passkey(%s, %s, %s)", passkey, sign_count, at)


def begin_with_link(provider: uuid.UUID, subject: str, at: datetime, verified_at: datetime | None) -> uuid.UUID:
    """The new session's id. `verified_at`: when the provider itself last saw the user, if it says so. Raises NotSignedIn."""
    return _begun("select begin_session_with_link(%s, %s, %s, %s)", provider, subject, at, verified_at)


def step_up_with_passkey(session: uuid.UUID, passkey: uuid.UUID, sign_count: int, at: datetime) -> bool:
    """False: not a passkey of the session's own user, or its counter did not go on."""
    return bool(only_value("select step_up_with_passkey(%s, %s, %s, %s)", [session, passkey, sign_count, at]))


def step_up_with_link(session: uuid.UUID, provider: uuid.UUID, subject: str, at: datetime) -> bool:
    """False: not a link of the session's own user."""
    with before_anybody():
        return bool(only_value("select step_up_with_link(%s, %s, %s, %s)", [session, provider, subject, at]))


def end_own(at: datetime, only: uuid.UUID | None = None) -> list[uuid.UUID]:
    """Ends the acting user's sessions, or that one of them; returns those that were open."""
    return [ended for (ended,) in rows("select end_own_sessions(%s, %s)", [only, at])]


def own_sessions(at: datetime) -> list[OpenSession]:
    """Of the acting user, the newest first."""
    found = rows("select * from own_sessions(%s)", [at])
    return [OpenSession(one, Method(method), begun, stepped) for one, method, begun, stepped in found]


def _begun(sql: str, *values: object) -> uuid.UUID:
    with before_anybody():
        session = only_value(sql, values)
    if session is None:
        raise NotSignedIn
    return uuid.UUID(str(session))
