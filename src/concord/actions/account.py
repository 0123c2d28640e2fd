"""*Account*: one's own sessions, passkeys, tokens and recovery codes; looking at them and ending them."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from concord.access.actor import Actor
from concord.access.audit import AuditEntry, Verb, write
from concord.access.passkey import OwnPasskey, own_passkeys, revoke_own
from concord.access.recovery import new_codes, own_codes_left, replace_own
from concord.access.session import OpenSession, end_own, own_sessions
from concord.access.step_up import demand_stepped_up
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.database.acting import only_value, rows
from concord.errors import UnknownRecord
from concord.values import Purpose

ENTRIES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A token of one's own that is valid."""

    id: uuid.UUID
    label: str
    issued_at: datetime
    expires_at: datetime
    scopes: Sequence[str] | None  # None: all that the profile may


@dataclass(frozen=True, slots=True)
class Account:
    sessions: Sequence[OpenSession]
    passkeys: Sequence[OwnPasskey]
    tokens: Sequence[OwnToken]
    codes_left: int
    entries: Sequence[AuditEntry]  # of the audit, the newest first; what came before: actions/read_audit.py


def in_own_care(actor: Actor) -> Actor:
    """The same person caring for his own access, which needs no other purpose."""
    return replace(actor, purpose=Purpose.ADMINISTRATION)


def show_account(installation: Installation, actor: Actor) -> Account:
    now = installation.clock()
    with act(in_own_care(actor), Verb.SHOW_ACCOUNT, installation.clock):
        tokens = [OwnToken(*row) for row in rows("select * from own_tokens(%s)", [now])]
        entries = list(AuditEntry.objects.filter(user=actor.user).order_by("-at", "id")[:ENTRIES_SHOWN])
        return Account(own_sessions(now), own_passkeys(), tokens, own_codes_left(), entries)


def sign_out(installation: Installation, actor: Actor, only: uuid.UUID | None) -> list[uuid.UUID]:
    """Ends one of the actor's sessions, or with None all of them; returns those that were open.

    Open to whoever is signed in, whatever his roles or his token's scopes: nobody is kept in.
    """
    now = installation.clock()
    with in_own_care(actor).acting(now):
        ended = end_own(now, only)
        write(in_own_care(actor), Verb.END_SESSION, now, [str(one) for one in ended])
    return ended


def revoke_passkey(installation: Installation, actor: Actor, passkey: uuid.UUID) -> None:
    """Raises UnknownRecord."""
    _revoke(installation, actor, Verb.REVOKE_PASSKEY, "passkey", passkey, revoke_own)


def revoke_token(installation: Installation, actor: Actor, token: uuid.UUID) -> None:
    """Raises UnknownRecord."""
    _revoke(installation, actor, Verb.REVOKE_TOKEN, "token", token, _revoke_own_token)


def make_recovery_codes(installation: Installation, actor: Actor) -> list[str]:
    """Ten new ones, shown once and kept as hashes; former ones open nothing any more. Raises NeedsStepUp."""
    now = installation.clock()
    with act(in_own_care(actor), Verb.MAKE_RECOVERY_CODES, installation.clock):
        demand_stepped_up(actor, now)
        codes = new_codes()
        replace_own(actor.profile, codes, now)
        return codes


def _revoke(
    installation: Installation,
    actor: Actor,
    verb: Verb,
    what: str,
    one: uuid.UUID,
    revoke: Callable[[uuid.UUID, datetime], bool],
) -> None:
    with act(in_own_care(actor), verb, installation.clock) as entry:
        entry.name(one)
        if not revoke(one, installation.clock()):
            raise UnknownRecord(what=what, name=one)


def _revoke_own_token(token: uuid.UUID, at: datetime) -> bool:
    return bool(only_value("select revoke_own_token(%s, %s)", [token, at]))
