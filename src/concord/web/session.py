"""Who is signed in, carried by the browser: a signed cookie that says which session it is and since when, nothing of rights.

The session itself is a row of the database. It and the rights are read anew at every request, so the cookie of an ended
session, a revoked token or passkey, or a disabled user opens nothing.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from concord.errors import NotSignedIn, SessionEnded

IDLE_SECONDS = 15 * 60
ABSOLUTE_SECONDS = 12 * 60 * 60
COOKIE = "concord_session"
SALT = "concord.web.session"


@dataclass(frozen=True, slots=True)
class Session:
    """`id` is that of the row. Times are aware and in UTC."""

    id: UUID
    signed_in_at: datetime
    last_seen_at: datetime

    @classmethod
    def begin(cls, session: UUID, now: datetime) -> Self:
        return cls(session, signed_in_at=now, last_seen_at=now)

    def is_over(self, now: datetime) -> bool:
        idle, whole = now - self.last_seen_at, now - self.signed_in_at
        return idle >= timedelta(seconds=IDLE_SECONDS) or whole >= timedelta(seconds=ABSOLUTE_SECONDS)

    def seen(self, now: datetime) -> Self:
        return replace(self, last_seen_at=now)

    def sealed(self) -> str:
        """As the browser carries it: readable there, but not to be changed."""
        times = [self.signed_in_at.timestamp(), self.last_seen_at.timestamp()]
        return Signer(salt=SALT).sign_object([str(self.id), *times])

    @classmethod
    def unseal(cls, text: str) -> Self:
        """Raises NotSignedIn for anything that `sealed` did not make."""
        try:
            session, *times = _content(Signer(salt=SALT).unsign_object(text))
            signed_in_at, last_seen_at = (datetime.fromtimestamp(time, UTC) for time in times)
            return cls(UUID(session), signed_in_at, last_seen_at)
        except (BadSignature, ValueError):
            raise NotSignedIn from None


def _content(unsigned: Any) -> tuple[str, float, float]:
    """The signature holds, so this program wrote it; an older version may have written something else."""
    match unsigned:
        case [str(session), float(signed_in_at), float(last_seen_at)]:
            return session, signed_in_at, last_seen_at
    raise ValueError


def session_of(request: HttpRequest, now: datetime) -> Session:
    """Raises NotSignedIn, or SessionEnded where there was a session."""
    session = Session.unseal(request.COOKIES.get(COOKIE, ""))
    if session.is_over(now):
        raise SessionEnded
    return session


def keep_session(request: HttpRequest, response: HttpResponse, session: Session) -> None:
    """Ends with the browser, at the latest with its own limits."""
    response.set_cookie(COOKIE, session.sealed(), httponly=True, samesite="Strict", secure=over_tls(request))


def over_tls(request: HttpRequest) -> bool:
    """Whether the browser speaks TLS with us, or with the proxy of the configured origin."""
    return request.is_secure() or settings.CSRF_COOKIE_SECURE


def end_session(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Strict")
