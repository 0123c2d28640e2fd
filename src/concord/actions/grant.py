"""*Grant*: a role to a user of one's own country, and take it back. It holds from the user's next request on."""

from uuid import UUID

from django.db import IntegrityError, transaction

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.duties import may_grant
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import LastAdministrator, NotAllowed, UnknownRecord
from concord.records.user import Grant, User, UserRole


def grant(installation: Installation, actor: Actor, user: UUID, role: UserRole) -> bool:
    """Whether it is new; repeating it changes nothing. Raises UnknownRecord, NotAllowed."""
    with act(actor, Verb.GRANT, installation.clock) as entry:
        entry.name(user, role)
        _colleague(user)
        if reason := may_grant(actor, user, role):
            raise NotAllowed(reason=reason)
        new = Grant(user_id=user, role=role, granted_by_id=actor.user, granted_at=installation.clock())
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError:  # he holds it already
            return False
    return True


def revoke(installation: Installation, actor: Actor, user: UUID, role: UserRole) -> bool:
    """Whether it was held. Raises UnknownRecord, NotAllowed; LastAdministrator where nobody would be left."""
    with act(actor, Verb.REVOKE, installation.clock) as entry:
        entry.name(user, role)
        _colleague(user)
        held = Grant.objects.filter(user_id=user, role=role, revoked_at=None)
        try:
            with transaction.atomic():
                return bool(held.update(revoked_at=installation.clock(), revoked_by_id=actor.user))
        except IntegrityError:
            raise LastAdministrator(role=role, country=actor.country) from None


def _colleague(user: UUID) -> None:
    """Those whom an administrator sees are his own country's."""
    if not User.objects.filter(pk=user).exists():
        raise UnknownRecord(what="user", name=user)
