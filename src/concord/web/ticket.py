"""What a browser carries between the two halves of signing in: a signed cookie, good for minutes, for one use, of one kind.

It binds the challenge to the browser that asked for it. That it is answered once is held by the database.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from concord.errors import PasskeyRefused
from concord.web.session import over_tls

LASTS = timedelta(minutes=5)
SALT = "concord.web.ticket"


class Kind(enum.StrEnum):
    """What it is for; each has a cookie of its own, and none is taken for another."""

    SIGN_IN = "concord_sign_in"
    REGISTER = "concord_register"
    STEP_UP = "concord_step_up"
    PROVIDER = "concord_provider"
    INVITED = "concord_invited"


@dataclass(frozen=True, slots=True)
class Ticket:
    kind: Kind
    expires_at: datetime
    words: Sequence[str]  # the challenge first, where there is one

    @classmethod
    def issue(cls, kind: Kind, now: datetime, *words: str, lasting: timedelta = LASTS) -> Self:
        return cls(kind, now + lasting, words)

    def sealed(self) -> str:
        return _signer(self.kind).sign_object([self.expires_at.timestamp(), *self.words])

    @classmethod
    def unseal(cls, kind: Kind, text: str, now: datetime) -> Self:
        """Raises PasskeyRefused for anything that `sealed` did not make for this kind, or that ran out."""
        try:
            expires_at, words = _content(_signer(kind).unsign_object(text))
        except (BadSignature, ValueError):
            raise PasskeyRefused from None
        if expires_at <= now:
            raise PasskeyRefused
        return cls(kind, expires_at, words)


def give(request: HttpRequest, response: HttpResponse, ticket: Ticket, *, from_elsewhere: bool = False) -> None:
    """`from_elsewhere`: it must come along when another site sends the browser back."""
    site: Literal["Lax", "Strict"] = "Lax" if from_elsewhere else "Strict"
    response.set_cookie(ticket.kind, ticket.sealed(), httponly=True, samesite=site, secure=over_tls(request))


def take(request: HttpRequest, kind: Kind, now: datetime) -> Ticket:
    """Raises PasskeyRefused."""
    return Ticket.unseal(kind, request.COOKIES.get(kind, ""), now)


def tear(response: HttpResponse, kind: Kind) -> None:
    response.delete_cookie(kind, samesite="Lax" if kind is Kind.PROVIDER else "Strict")


def _signer(kind: Kind) -> Signer:
    return Signer(salt=f"{SALT}.{kind}")


def _content(unsigned: Any) -> tuple[datetime, list[str]]:
    match unsigned:
        case [float(expires_at), *words] if all(isinstance(word, str) for word in words):
            return datetime.fromtimestamp(expires_at, UTC), words
    raise ValueError
