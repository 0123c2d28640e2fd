"""*Approve*: what needs two persons is asked for, decided by another, and used once, soon.

An action calls `demand_approved` inside its transaction, with the canonical text of exactly what it is about to do: the
approval is used up with the act, or not at all. `awaited` is the frame around that for actions that ask for it themselves.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.approval import (
    FRESH,
    Approval,
    Kind,
    Request,
    Second,
    Standing,
    State,
    digest_of,
    may_decide,
)
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.database.acting import fresh_rows
from concord.errors import ApprovalAwaited, ApprovalNeeded, DecidedAlready, NoReason, NotAllowed, UnknownRecord

SHOWN = 1000  # the newest
MINUTES = int(FRESH.total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Plan:
    """What exactly is to be done, as canonical text; and what of it a second may know: counts in words."""

    kind: Kind
    text: str
    counts: str


@dataclass(slots=True)
class Need:
    """What an act turns out to need a second person for, where that is found out only within."""

    plan: Plan | None = None

    def demand(self, plan: Plan, now: datetime) -> UUID:
        """As `demand_approved`."""
        self.plan = plan
        return demand_approved(plan.kind, plan.text, now)


class Awaited(msgspec.Struct, frozen=True):
    """A request that stands. `state` OPEN: somebody has to decide; APPROVED: do the same again now."""

    approval: UUID
    kind: Kind
    state: State
    counts: str


class Duty(msgspec.Struct, frozen=True):
    """A request as it is listed. To a second from elsewhere `subject` and `requested_by` are None."""

    approval: UUID
    kind: Kind
    state: State
    country: str
    counts: str
    reason: str
    subject: str | None
    requested_by: UUID | None
    requested_at: datetime


class Named(msgspec.Struct, frozen=True):
    """A person who decides for another country, as both sides see it."""

    country: str
    kind: Kind
    user: UUID
    user_country: str
    named_at: datetime


class DutyList(msgspec.Struct, frozen=True):
    requests: Sequence[Duty]
    seconds: Sequence[Named]


# ---- asking, and using what was given -----------------------------------------------------------------------------------


def demand_approved(kind: Kind, subject: str, now: datetime) -> UUID:
    """Uses up the approval of exactly this, in the transaction that is open. Raises ApprovalNeeded."""
    ((used,),) = fresh_rows("select use_approval(%s, %s, %s)", [kind, digest_of(subject), now])
    if used is None:
        raise ApprovalNeeded(kind=kind, minutes=MINUTES)
    return UUID(str(used))


def is_approved(actor: Actor, plan: Plan, now: datetime) -> bool:
    """Whether it looks as if `demand_approved` would find one; in the transaction that is open."""
    mine = Approval.objects.filter(
        requested_by_id=actor.user, kind=plan.kind, subject_sha256=digest_of(plan.text), used_at=None
    )
    return any(one.request().state(now) is State.APPROVED for one in mine)


def request_approval(installation: Installation, actor: Actor, plan: Plan, reason: str | None) -> Awaited:
    """The one that stands already for the same, or a new one. Raises NoReason, NotAllowed."""
    now = installation.clock()
    with act(actor, Verb.REQUEST_APPROVAL, installation.clock) as entry:
        mine = Approval.objects.filter(
            requested_by_id=actor.user, kind=plan.kind, subject_sha256=digest_of(plan.text), used_at=None
        )
        for one in mine.order_by("-requested_at"):
            state = one.request().state(now)
            if state in (State.OPEN, State.APPROVED):
                entry.name(one.id, plan.kind)
                return Awaited(one.id, plan.kind, state, one.counts)
        if not (reason and reason.strip()):
            raise NoReason
        made = Approval(
            owner_country_id=actor.country,
            owner_unit_id=actor.unit,
            kind=plan.kind,
            subject=plan.text,
            subject_sha256=digest_of(plan.text),
            counts=plan.counts,
            reason=reason,
            purpose=actor.stated_purpose,
            requested_by_id=actor.user,
            requested_seat=actor.seat,
            requested_at=now,
        )
        made.save(force_insert=True)
        entry.name(made.id, plan.kind)
    return Awaited(made.id, plan.kind, State.OPEN, plan.counts)


@contextmanager
def two_persons(installation: Installation, actor: Actor, plan: Plan | None, reason: str | None) -> Iterator[Need]:
    """Around an act that calls `demand_approved` for this plan, or `Need.demand` for what it finds: where there is no
    approval, one is asked for.

    Raises ApprovalAwaited, which names the request, made now or before; NoReason where there is none yet and no reason.
    """
    need = Need(plan)
    try:
        yield need
    except ApprovalNeeded:
        if need.plan is None:
            raise
        asked = request_approval(installation, actor, need.plan, reason)
        raise ApprovalAwaited(kind=asked.kind, approval=asked.approval, minutes=MINUTES) from None


# ---- deciding --------------------------------------------------------------------------------------------------------------


def decide_request(installation: Installation, actor: Actor, approval: UUID, approved: bool, words: str) -> None:
    """Raises UnknownRecord, NotAllowed with the reason, DecidedAlready where somebody was faster; NoReason."""
    if not words.strip():
        raise NoReason
    now = installation.clock()
    with act(actor, Verb.DECIDE, installation.clock) as entry:
        entry.name(approval, "APPROVED" if approved else "REFUSED")
        found = fresh_rows("select * from duty_of(%s)", [approval])
        if not found:
            raise UnknownRecord(what="request", name=approval)
        request, standing = _read(found[0])
        if request.decided_at is not None:
            raise DecidedAlready(name=approval)
        if reason := may_decide(actor, request, standing, now):
            raise NotAllowed(reason=reason)
        ((done,),) = fresh_rows("select decide_approval(%s, %s, %s, %s)", [approval, approved, words, now])
        if not done:
            raise DecidedAlready(name=approval)


def list_duty(installation: Installation, actor: Actor, every: bool = False) -> DutyList:
    """What waits: one's own requests, and those one may decide; with `every` also what is over. Raises NotAllowed."""
    now = installation.clock()
    with act(actor, Verb.LIST_DUTY, installation.clock) as entry:
        found = [_duty(one, now) for one in Approval.objects.order_by("-requested_at", "id")[:SHOWN]]
        found += [_foreign(row, now) for row in fresh_rows("select * from duty_of_others()", [])]
        requests = [one for one in found if every or one.state in (State.OPEN, State.APPROVED)]
        entry.name(*(one.approval for one in requests))
        seconds = [
            Named(one.owner_country_id, Kind(one.kind), one.user_id, one.user_country_id, one.named_at)
            for one in Second.objects.filter(ended_at=None).order_by("owner_country_id", "kind", "named_at")
        ]
    return DutyList(requests, seconds)


def _read(row: Sequence[Any]) -> tuple[Request, Standing]:
    kind, *facts, is_bureau, is_second, entitled = row
    return Request(Kind(kind), *facts), Standing(is_bureau, is_second, entitled)


def _duty(one: Approval, now: datetime) -> Duty:
    return Duty(
        one.id, Kind(one.kind), one.request().state(now), one.owner_country_id, one.counts, one.reason, one.subject,
        one.requested_by_id, one.requested_at,
    )  # fmt: skip


def _foreign(row: Sequence[Any], now: datetime) -> Duty:
    approval, kind, country, counts, reason, requested_at, decided_at, approved, used_at = row
    nobody = UUID(int=0)
    request = Request(
        Kind(kind), country, nobody, nobody, nobody, requested_at, None, None, decided_at, approved, used_at
    )
    return Duty(approval, request.kind, request.state(now), country, counts, reason, None, None, requested_at)


# ---- seconds ---------------------------------------------------------------------------------------------------------------


def name_second(installation: Installation, actor: Actor, kind: Kind, user: UUID) -> None:
    """Somebody of another country's bureau, or of the hub, decides this for one's own country from now on, as long as that
    has fewer than two people of its own who may. Raises UnknownRecord, NotAllowed.
    """
    with act(actor, Verb.NAME_SECOND, installation.clock) as entry:
        entry.name(kind, user)
        ((outcome,),) = fresh_rows("select name_second(%s, %s, %s)", [kind, user, installation.clock()])
        if outcome == "ENOUGH":
            raise NotAllowed(reason=f"{actor.country} has two people or more of its own who decide {kind}")
        if outcome == "UNKNOWN":
            raise UnknownRecord(what="user at another bureau or the hub who decides this there", name=user)


def end_second(installation: Installation, actor: Actor, kind: Kind, user: UUID) -> bool:
    """Whether it stood. Raises NotAllowed."""
    with act(actor, Verb.NAME_SECOND, installation.clock) as entry:
        entry.name(kind, user, "ended")
        ((ended,),) = fresh_rows("select end_second(%s, %s, %s)", [kind, user, installation.clock()])
    return bool(ended)
