"""*Widen*: more than the budget, for one user and 24 hours, by two persons of whom neither is the user."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.budget import Meter
from concord.access.meter import Widening
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import NoReason, NotAllowed, UnfitProposal, UnknownRecord
from concord.records.user import User

CONFIRMED_WITHIN = timedelta(minutes=30)
MOST_MORE = 1000


class ToldWidening(msgspec.Struct, frozen=True):
    """Waits for a second person until `until`."""

    widening: UUID
    user: UUID
    name: str
    meter: Meter
    more: int
    reason: str
    asked_by: UUID
    until: datetime


def ask_widening(installation: Installation, actor: Actor, user: UUID, meter: Meter, more: int, reason: str) -> UUID:
    """For a second person to confirm. Raises UnknownRecord, UnfitProposal, NoReason, NotAllowed."""
    if not reason.strip():
        raise NoReason
    if not 1 <= more <= MOST_MORE:
        raise UnfitProposal(cause=f"a budget is widened by 1 to {MOST_MORE}, not by {more}")
    with act(actor, Verb.WIDEN_BUDGET, installation.clock) as entry:
        entry.name(user, meter, f"+{more}")
        if user == actor.user:
            raise NotAllowed(reason="nobody widens his own budget; ask another supervisor")
        found = User.objects.select_related("unit").filter(pk=user).first()
        if found is None or not _is_for(actor, found):
            raise UnknownRecord(what="user", name=user)
        made = Widening(
            owner_country_id=found.unit.country_id,
            owner_unit_id=found.unit_id,
            user=found,
            meter=meter,
            more=more,
            reason=reason,
            asked_by_id=actor.user,
            asked_at=installation.clock(),
        )
        made.save(force_insert=True)
    return made.id


def confirm_widening(installation: Installation, actor: Actor, widening: UUID) -> None:
    """Holds for 24 hours from now. Raises UnknownRecord, NotAllowed."""
    now = installation.clock()
    with act(actor, Verb.WIDEN_BUDGET, installation.clock) as entry:
        entry.name(widening)
        found = Widening.objects.filter(pk=widening, confirmed_by=None).first()
        if found is None or now > found.asked_at + CONFIRMED_WITHIN:
            raise UnknownRecord(what="widening", name=widening)
        if actor.user in (found.asked_by_id, found.user_id):
            raise NotAllowed(reason="a second person confirms: neither who asked, nor who is to see more")
        if not Widening.objects.filter(pk=widening, confirmed_by=None).update(
            confirmed_by_id=actor.user, confirmed_at=now
        ):
            raise UnknownRecord(what="widening", name=widening)


def list_widenings(installation: Installation, actor: Actor) -> Sequence[ToldWidening]:
    """Those that wait for a second person. Raises NotAllowed."""
    now = installation.clock()
    with act(actor, Verb.WIDEN_BUDGET, installation.clock) as entry:
        waiting = Widening.objects.filter(confirmed_by=None, asked_at__gte=now - CONFIRMED_WITHIN)
        found = list(waiting.select_related("user").order_by("asked_at", "id"))
        entry.name(*(one.id for one in found))
    return [
        ToldWidening(
            one.id, one.user_id, one.user.name, Meter(one.meter), one.more, one.reason, one.asked_by_id,
            one.asked_at + CONFIRMED_WITHIN,
        )
        for one in found
    ]  # fmt: skip


def _is_for(actor: Actor, user: User) -> bool:
    """A supervisor's unit; for data protection, the country."""
    from_unit = user.unit_id == actor.unit and "SUPERVISOR" in actor.roles
    return from_unit or (user.unit.country_id == actor.country and "DATA-PROTECTION" in actor.roles)
