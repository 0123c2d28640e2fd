"""Four eyes: what is grave is done only after a second person has agreed to exactly that, and soon after.

Never oneself, never in the same session; a request and an approval are each good for half an hour. The rules are pure and
stand here; the database holds them once more (migrations/0007_duty.sql), and settles who was first.
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import models

from concord.access.actor import Actor
from concord.records.assertion import one_of
from concord.records.country import Country, Unit
from concord.records.user import User, UserRole
from concord.values import Coded

FRESH = timedelta(minutes=30)  # from the request to its decision, and from that to the act
ENOUGH = 2  # entitled people: a bureau that has so many names nobody of another


class Kind(Coded):
    """What needs two persons."""

    EXPORT = "EXPORT"
    ERASE = "ERASE"
    REVEAL = "REVEAL"  # of an identity
    POLICY = "POLICY"  # how a country takes part, its bureau, a restriction that hides many records
    KEY = "KEY"


_UNIT = frozenset({UserRole.SUPERVISOR})  # of the unit concerned, or of its bureau
_ADMINISTRATORS = frozenset({UserRole.NATIONAL_ADMINISTRATOR, UserRole.HUB_ADMINISTRATOR})  # the latter: in the hub

ENTITLED: Mapping[Kind, frozenset[UserRole]] = {
    Kind.EXPORT: _UNIT | _ADMINISTRATORS,
    Kind.ERASE: _UNIT | {UserRole.DATA_PROTECTION},
    Kind.REVEAL: _UNIT | _ADMINISTRATORS,
    Kind.POLICY: _ADMINISTRATORS,
    Kind.KEY: _ADMINISTRATORS,
}


class State(StrEnum):
    """Computed, as one of them is made by the clock alone."""

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    STALE = "STALE"
    USED = "USED"


@dataclass(frozen=True, slots=True)
class Request:
    """What a decision, or the use of one, depends on. Seats are those of `Actor.seat`."""

    kind: Kind
    owner_country: str
    owner_unit: uuid.UUID
    requested_by: uuid.UUID
    requested_seat: uuid.UUID
    requested_at: datetime
    decided_by: uuid.UUID | None = None
    decided_seat: uuid.UUID | None = None
    decided_at: datetime | None = None
    approved: bool | None = None
    used_at: datetime | None = None

    def state(self, now: datetime) -> State:
        if self.used_at is not None:
            return State.USED
        if self.decided_at is not None and not self.approved:
            return State.REFUSED
        since = self.decided_at or self.requested_at
        if not since <= now <= since + FRESH:
            return State.STALE
        return State.APPROVED if self.approved else State.OPEN


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a request: `is_second`, named for its kind by its country, which has `entitled` people, and
    deciding the same at home still."""

    is_bureau: bool = False  # his unit is his country's National Central Bureau
    is_second: bool = False
    entitled: int = ENOUGH


Refusal = str | None
DecisionRule = Callable[[Actor, Request, Standing, datetime], Refusal]


def is_open(actor: Actor, request: Request, standing: Standing, now: datetime) -> Refusal:  # noqa: ARG001
    state = request.state(now)
    return None if state is State.OPEN else f"the request is {state}; whoever made it asks again"


def is_another_person(actor: Actor, request: Request, standing: Standing, now: datetime) -> Refusal:  # noqa: ARG001
    return "nobody decides on his own request" if actor.user == request.requested_by else None


def sits_elsewhere(actor: Actor, request: Request, standing: Standing, now: datetime) -> Refusal:  # noqa: ARG001
    return "it was asked for in this very session" if actor.seat == request.requested_seat else None


def is_entitled(actor: Actor, request: Request, standing: Standing, now: datetime) -> Refusal:  # noqa: ARG001
    if actor.country != request.owner_country:
        if not standing.is_second:
            return f"{request.kind} is decided in {request.owner_country}, or by whom it names as second"
        return None if standing.entitled < ENOUGH else f"{request.owner_country} has people enough of its own by now"
    roles = actor.roles & ENTITLED[request.kind]
    if roles - _UNIT or (roles and (standing.is_bureau or actor.unit == request.owner_unit)):
        return None
    return f"{request.kind} is decided by {', '.join(sorted(ENTITLED[request.kind]))}, of the unit or its bureau"


DECISION_RULES: tuple[DecisionRule, ...] = (is_open, is_another_person, sits_elsewhere, is_entitled)


def may_decide(actor: Actor, request: Request, standing: Standing, now: datetime) -> Refusal:
    """None, or the first reason why not."""
    return next((found for rule in DECISION_RULES if (found := rule(actor, request, standing, now))), None)


def may_use(actor: Actor, request: Request, now: datetime) -> Refusal:
    """None, or why this approval does not carry the act: it is for whoever asked, once, soon, and not where it was given."""
    if actor.user != request.requested_by:
        return "it was given to another"
    if actor.seat == request.decided_seat:
        return "it was given in this very session"
    state = request.state(now)
    return None if state is State.APPROVED else f"it is {state}"


def digest_of(subject: str) -> bytes:
    """SHA-256 of the canonical text of what is to be done: what is approved is what is done."""
    return hashlib.sha256(subject.encode()).digest()


class Approval(models.Model):
    """A request, the decision on it, and its use. Nothing of it is ever changed back or deleted: a trigger holds that.

    It is seen by whoever asked and by those of his country who may decide; a second from elsewhere sees kind, reason and
    counts through `duty_of_others()`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    owner_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.TextField()
    subject = models.TextField()  # canonical
    subject_sha256 = models.BinaryField()
    counts = models.TextField()  # of what it touches, in words; neither names nor ids
    reason = models.TextField()
    purpose = models.TextField()
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_seat = models.UUIDField()
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_seat = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    decision = models.TextField(null=True)  # in the words of whoever decided
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "approval"
        constraints = [one_of("kind", Kind, "approval_kind")]
        indexes = [models.Index(fields=["owner_country", "-requested_at"], name="approval_requested")]

    def request(self) -> Request:
        return Request(
            Kind(self.kind), self.owner_country_id, self.owner_unit_id, self.requested_by_id, self.requested_seat,
            self.requested_at, self.decided_by_id, self.decided_seat, self.decided_at, self.approved, self.used_at,
        )  # fmt: skip


class Second(models.Model):
    """A person of another country's bureau, or of the hub, who decides for a country that has too few people of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    kind = models.TextField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    user_country = models.ForeignKey(Country, models.PROTECT, db_column="user_country", related_name="+")
    user_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "second_person"
        constraints = [one_of("kind", Kind, "second_person_kind")]
