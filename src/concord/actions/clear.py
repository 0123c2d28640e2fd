"""*Clear*: up to which handling code a user is cleared, by the administrator of his own country."""

from uuid import UUID

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import NotAllowed, UnknownRecord
from concord.records.restriction import Handling
from concord.records.user import User


def clear_user(installation: Installation, actor: Actor, user: UUID, clearance: Handling) -> None:
    """From the user's next question on. Raises UnknownRecord, NotAllowed."""
    with act(actor, Verb.CLEAR_USER, installation.clock) as entry:
        entry.name(user, clearance)
        if user == actor.user:
            raise NotAllowed(reason="nobody clears himself; ask another administrator")
        if not User.objects.filter(pk=user).update(clearance=clearance):
            raise UnknownRecord(what="user", name=user)
