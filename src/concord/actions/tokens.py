"""Tokens of a profile as the local administration sees them: what each is for, how long, which verbs; and ending one."""

import uuid
from collections.abc import Sequence

from concord.access.audit import Verb
from concord.actions.enrol import OWNER
from concord.errors import UnknownRecord
from concord.records.user import Token
from concord.values import Clock


def tokens_of(profile: uuid.UUID, clock: Clock) -> list[Token]:
    """Those that are valid, the oldest first. Their secrets are kept nowhere."""
    held = Token.objects.using(OWNER).filter(profile_id=profile, revoked_at=None, expires_at__gt=clock())
    return list(held.order_by("issued_at", "id"))


def revoke_one(profile: uuid.UUID, named: str, clock: Clock) -> int:
    """Those of this id or label, from the next request on. Returns how many. Raises UnknownRecord."""
    held = [one.id for one in tokens_of(profile, clock) if named in (str(one.id), one.label)]
    if not held:
        raise UnknownRecord(what="token", name=named)
    return Token.objects.using(OWNER).filter(id__in=held).update(revoked_at=clock())


def parse_scopes(named: Sequence[str]) -> list[str] | None:
    """Verbs, each once, in order. None: none was named, so all that the profile may. Raises UnknownCode."""
    return sorted({Verb.parse(one).value for one in named}) or None
