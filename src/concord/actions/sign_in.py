"""*Sign in*: by passkey, by the own country's provider, by token, and the way back by recovery code.

Each way in and each refusal leaves its audit entry. A refusal says the same whatever was wrong, and the same is done for it.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from concord.access.actor import begin_session
from concord.access.ceremony import Site, answered, credential_of
from concord.access.challenge import spend_challenge
from concord.access.openid import Said
from concord.access.passkey import known_passkey, new_secret, sha256_of
from concord.access.provider import Registered
from concord.access.recovery import code_sha256, spend
from concord.access.session import begin_with_link, begin_with_passkey
from concord.access.tries import (
    MOST_SHOWN,
    MOST_TYPED,
    count_wrong_try,
    demand_tries_left,
    source_of_address,
)
from concord.actions.installation import Installation
from concord.database.acting import before_anybody, rows
from concord.errors import CodeRefused, NotSignedIn, PasskeyRefused, ProviderRefused

RECOVERY_LASTS = timedelta(minutes=15)  # for making the passkey that a code opens
REFUSE = "select refuse_sign_in(%s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Presented:
    """What somebody came with, as its audit entry finds out whose it was. Hashes only."""

    method: str
    secret: bytes | None = None
    credential: bytes | None = None
    provider: uuid.UUID | None = None
    subject: str | None = None


def sign_in_with_token(installation: Installation, secret: str, address: str) -> uuid.UUID:
    """The new session's id. Raises NotSignedIn, TooManyTries."""
    with _typed(installation, address, Presented("TOKEN", sha256_of(_bounded(secret)))) as now:
        return begin_session(_bounded(secret), now)


def sign_in_with_passkey(
    installation: Installation, site: Site, challenge: str, expires_at: datetime, answer: Any, address: str
) -> uuid.UUID:
    """The new session's id; the challenge is spent. Raises PasskeyRefused, TooManyTries."""
    credential = _credential(answer)
    with shown(installation, address, Presented("PASSKEY", credential=credential)) as now:
        if credential is None or not spend_challenge(challenge, expires_at):
            raise PasskeyRefused
        known = known_passkey(credential)
        count = answered(site, challenge, answer, known)
        assert known is not None  # noqa: S101  else the answer did not hold
        try:
            return begin_with_passkey(known.passkey, count, now)
        except NotSignedIn:  # the same word for a count that was seen before
            raise PasskeyRefused from None


def sign_in_with_provider(installation: Installation, provider: Registered, said: Said, address: str) -> uuid.UUID:
    """The new session's id. Raises ProviderRefused where the subject is linked to nobody of that country, TooManyTries."""
    presented = Presented("OIDC", provider=provider.id, subject=said.subject)
    with shown(installation, address, presented) as now:
        try:
            return begin_with_link(provider.id, said.subject, now, said.verified_at)
        except NotSignedIn:
            raise ProviderRefused(cause="nobody is enrolled here under what it calls you") from None


def recover(installation: Installation, code: str, address: str) -> str:
    """Spends a recovery code; returns the secret of an invitation to make one passkey. Raises CodeRefused, TooManyTries."""
    with _typed(installation, address, Presented("RECOVERY", code_sha256(_bounded(code)))) as now:
        secret, kept = new_secret()
        if not spend(_bounded(code), kept, now, now + RECOVERY_LASTS):
            raise CodeRefused
        return secret


def note_refused_program(installation: Installation, secret: str, address: str) -> None:
    """A wrong token at the interface for programs. Raises TooManyTries."""
    _note(installation, address, Presented("TOKEN", sha256_of(_bounded(secret))), NotSignedIn.code)


def note_refused_provider(installation: Installation, provider: Registered, address: str) -> None:
    """Somebody came back from a provider with what does not hold: who it was is not known. Raises TooManyTries."""
    _note(installation, address, Presented("OIDC", provider=provider.id), ProviderRefused.code)


@contextmanager
def _typed(installation: Installation, address: str, presented: Presented) -> Iterator[datetime]:
    """For secrets that are typed: beyond so many wrong ones from an address, none is looked at. Passkeys stay open then.

    What succeeds writes its entry with the session, in one statement; a refusal commits its own here.
    """
    now = installation.clock()
    source = source_of_address(installation.keys.web, "typed", address)
    demand_tries_left(source, MOST_TYPED, now)
    try:
        yield now
    except NotSignedIn as refusal:
        count_wrong_try(source, now)
        _enter(presented, now, refusal.code)
        raise


@contextmanager
def shown(installation: Installation, address: str, presented: Presented) -> Iterator[datetime]:
    """For what nobody can guess: wrong ones are counted only to bound what a stranger can have written down."""
    try:
        yield installation.clock()
    except NotSignedIn as refusal:
        _note(installation, address, presented, refusal.code)
        raise


def _note(installation: Installation, address: str, presented: Presented, reason: str) -> None:
    """Looked at only after something did not hold, so that nobody behind the same address is kept out by others."""
    now = installation.clock()
    source = source_of_address(installation.keys.web, "shown", address)
    demand_tries_left(source, MOST_SHOWN, now)
    count_wrong_try(source, now)
    _enter(presented, now, reason)


def _enter(presented: Presented, now: datetime, reason: str) -> None:
    of = presented
    with before_anybody():
        rows(REFUSE, [of.method, now, reason, of.secret, of.credential, of.provider, of.subject])


def _credential(answer: Any) -> bytes | None:
    """None: what came is not an answer at all, and is refused with its entry like any other."""
    try:
        return credential_of(answer)
    except PasskeyRefused:
        return None


def _bounded(secret: str) -> str:
    """Nothing that is typed is longer; what cannot be encoded is as wrong as anything."""
    return secret[:1000].encode(errors="replace").decode()
