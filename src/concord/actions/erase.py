"""*Erase*: a unit takes back what it entered. Nothing of others goes with it; what nobody holds any more is gone for good.

Two persons, and a step-up. The rows go in one transaction with the audit entry; the stored copy goes out of the vault after
that is committed, and is tried again at the next erasure and by every server until it is gone (docs/adr/0013).
"""

import logging
from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q

from concord.access.actor import Actor
from concord.access.approval import Kind
from concord.access.audit import Verb
from concord.access.step_up import demand_stepped_up
from concord.actions.act import act
from concord.actions.approve import Awaited, Plan, demand_approved, is_approved, request_approval
from concord.actions.installation import Installation
from concord.actions.watching import watching
from concord.database.acting import before_anybody, fresh_rows
from concord.errors import ConcordError, NotAllowed, UnknownRecord
from concord.matching.watch import Watch
from concord.records.material import Instance
from concord.values import CountryCode

log = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0
NOT_YET = "what was erased is still in the vault, and will be taken out"


class Erased(msgspec.Struct, frozen=True):
    """What went of one's own unit, by kind. Whether others hold the same file still is not told."""

    approval: UUID
    counts: dict[str, int]


def erase_records(
    installation: Installation, actor: Actor, records: Sequence[UUID], reason: str | None = None
) -> Erased | Awaited:
    """Materials and contributions, by id: every instance of one's own unit that they name. Without an approval it asks for
    one, with the reason; once that is given, the same again erases.

    Raises UnknownRecord, NotAllowed (also where some are another unit's), NeedsStepUp, NoReason.
    """
    now = installation.clock()
    with act(actor, Verb.ERASE, installation.clock, only_refusals=True) as entry:
        entry.name(*records)
        plan = _plan(_own(actor, records))
        ready = is_approved(actor, plan, now)
    if not ready:
        return request_approval(installation, actor, plan, reason)
    with act(actor, Verb.ERASE, installation.clock) as entry:
        entry.name(*records)
        found = _own(actor, records)
        approval = demand_approved(Kind.ERASE, _plan(found).text, now)
        entry.name(approval)
        demand_stepped_up(actor, now)  # only now: to ask for it needs none, and a refusal here gives the approval back
        counts = _erase(installation, found)
    try:
        finish_removals(installation)
    except ConcordError as error:  # the records are gone, and their copies will be
        log.warning("%s: %s", NOT_YET, error)
    return Erased(approval, counts)


def finish_removals(installation: Installation) -> int:
    """Takes out of the vault what was erased, one transaction each. Returns how many copies went. Nobody acts."""
    went = 0
    while _finished_one(installation):
        went += 1
    return went


def watch_removals(installation: Installation) -> Watch:
    """For a server: what an interrupted erasure left is taken out."""
    return watching(lambda: finish_removals(installation), NOT_YET, PAUSE_SECONDS)


def _finished_one(installation: Installation) -> bool:
    with before_anybody(), transaction.atomic():
        waiting = fresh_rows("select id, country, object_name from next_removal()", [])
        for removal, country, name in waiting:
            installation.vault.forget(name, CountryCode(country))
            fresh_rows("select end_removal(%s, %s)", [removal, installation.clock()])
    return bool(waiting)


def _own(actor: Actor, records: Sequence[UUID]) -> list[Instance]:
    """By id. A record that is named must be there, and some instance of it one's own unit's."""
    named = Instance.objects.filter(Q(material_id__in=records) | Q(contribution_id__in=records))
    known = {one for pair in named.values_list("material_id", "contribution_id") for one in pair}
    own = list(named.filter(owner_unit_id=actor.unit).order_by("id"))
    owned = {one for instance in own for one in (instance.material_id, instance.contribution_id)}
    for record in records:
        if record not in known:
            raise UnknownRecord(what="material or contribution", name=record)
        if record not in owned:
            raise NotAllowed(reason=f"{record} is not your unit's: only who entered it erases it")
    return own


def _plan(found: Sequence[Instance]) -> Plan:
    """The instances themselves: what is entered later is not erased with them."""
    materials = len({one.material_id for one in found})
    text = "erase instances\n" + "\n".join(str(one.id) for one in found)
    return Plan(Kind.ERASE, text, f"instances: {len(found)}, materials: {materials}")


def _erase(installation: Installation, found: Sequence[Instance]) -> dict[str, int]:
    digests = {one.material_id: bytes(one.sha256) for one in found}
    names = [installation.vault.object_name(digest) for digest in digests.values()]
    values = [[one.id for one in found], list(digests), names, installation.clock()]
    return {
        str(what): int(count) for what, count in fresh_rows("select * from erase_instances(%s, %s, %s, %s)", values)
    }
