"""*Certify*: a trainer says that a user has been trained, until when; and takes it back."""

from datetime import datetime, timedelta
from uuid import UUID

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import NotAllowed, UnfitTerm, UnknownRecord
from concord.records.user import Certificate, User
from concord.values import readable_name

LONGEST_DAYS = 731  # two years: then training is due again


def certify(installation: Installation, actor: Actor, user: UUID, course: str, days: int) -> datetime:
    """Until when. Raises UnfitName, UnfitTerm, UnknownRecord, NotAllowed."""
    readable_name("course", course)
    if not 1 <= days <= LONGEST_DAYS:
        raise UnfitTerm(days=days, limit=LONGEST_DAYS)
    now = installation.clock()
    with act(actor, Verb.CERTIFY, installation.clock) as entry:
        entry.name(user)
        if user == actor.user:
            raise NotAllowed(reason="nobody certifies himself; ask another trainer")
        if not User.objects.filter(pk=user).exists():
            raise UnknownRecord(what="user", name=user)
        made = Certificate(
            user_id=user, course=course, issued_by_id=actor.user, issued_at=now, expires_at=now + timedelta(days=days)
        )
        made.save(force_insert=True)
    return made.expires_at


def revoke_certificates(installation: Installation, actor: Actor, user: UUID) -> int:
    """All that are valid, from the user's next request on. Returns how many. Raises UnknownRecord, NotAllowed."""
    now = installation.clock()
    with act(actor, Verb.REVOKE_CERTIFICATES, installation.clock) as entry:
        entry.name(user)
        if not User.objects.filter(pk=user).exists():
            raise UnknownRecord(what="user", name=user)
        valid = Certificate.objects.filter(user_id=user, revoked_at=None, expires_at__gt=now)
        return valid.update(revoked_at=now)
