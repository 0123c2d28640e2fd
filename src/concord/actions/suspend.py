"""*Suspend*: the hub hides an assertion that it doubts from all but its owner, until it is lifted. It changes nothing else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.rules import acts_for_the_hub, all_of, demand
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.actions.restrict import find
from concord.database.acting import fresh_rows
from concord.errors import AlreadySuspended, NoReason, UnknownRecord
from concord.records.suspension import Subject, Suspension

may_suspend = all_of(acts_for_the_hub)


class Suspended(msgspec.Struct, frozen=True):
    suspension: UUID
    subject: Subject
    record: UUID
    owner_country: str
    owner_unit: UUID
    reason: str
    since: datetime
    lifted_at: datetime | None


def suspend(installation: Installation, actor: Actor, subject: Subject, record: UUID, reason: str) -> UUID:
    """Of what the hub knows of. Raises UnknownRecord, AlreadySuspended, NotAllowed, NoReason."""
    if not reason.strip():
        raise NoReason
    with act(actor, Verb.SUSPEND, installation.clock) as entry:
        entry.name(subject, record)
        demand(may_suspend, actor, find(subject, record))
        ((made,),) = fresh_rows("select suspend_record(%s, %s, %s)", [subject, record, reason])
        if made is None:
            raise AlreadySuspended(what=subject.table, name=record)
    return UUID(str(made))


def lift_suspension(installation: Installation, actor: Actor, suspension: UUID) -> None:
    """Raises UnknownRecord where there is none, or it is lifted already; NotAllowed."""
    with act(actor, Verb.LIFT_SUSPENSION, installation.clock) as entry:
        entry.name(suspension)
        found = Suspension.objects.filter(pk=suspension, lifted_at=None).first()
        if found is None:
            raise UnknownRecord(what="suspension", name=suspension)
        demand(may_suspend, actor, found)
        fresh_rows("select lift_suspension(%s)", [suspension])


def list_suspensions(installation: Installation, actor: Actor) -> Sequence[Suspended]:
    """The hub's all, a unit's those of what it says; newest first. Raises NotAllowed."""
    with act(actor, Verb.LIST_SUSPENSIONS, installation.clock) as entry:
        found = list(Suspension.objects.order_by("-since", "id"))
        entry.name(*(one.id for one in found))
    return [
        Suspended(
            suspension=one.id,
            subject=Subject(one.subject),
            record=one.record,
            owner_country=one.owner_country_id,
            owner_unit=one.owner_unit_id,
            reason=one.reason,
            since=one.since,
            lifted_at=one.lifted_at,
        )
        for one in found
    ]
