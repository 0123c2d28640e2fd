"""*Export*: records of one's own unit or country, to be taken elsewhere. Two persons, a step-up, and never a perceptual value.

What is approved is what is exported: exactly the records that were there when it was asked for, held by a digest of their
ids. Who exports is signed in anew with every part, so that what is taken from him ends it in the middle. What other units of the
country hold is spent from his budget before the first part: all of it, or he gets nothing.
"""

import enum
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from concord.access.actor import Actor, sign_in_again
from concord.access.approval import Approval, Kind
from concord.access.audit import Verb
from concord.access.budget import Meter
from concord.access.meter import spend
from concord.access.step_up import demand_stepped_up
from concord.actions.act import act
from concord.actions.approve import MINUTES, Awaited, Plan, demand_approved, request_approval
from concord.actions.installation import Installation
from concord.errors import ApprovalNeeded, ExportChanged, NotAllowed, UnknownRecord
from concord.records.assertion import Assertion
from concord.records.case import Case, Contribution
from concord.records.country import Unit
from concord.records.material import Instance
from concord.records.person import Appearance, Person
from concord.records.series import Membership, Series
from concord.records.statement import Statement

PART_ITEMS = 500
IDS_AT_ONCE = 10_000

ENVELOPE = ("id", "owner_unit_id", "recorded_at", "purpose", "basis", "restriction_id", "suspended")
# Kinds of records in the order in which one refers to another. Fingerprints are not among them, and never will be.
SHAPES: dict[str, tuple[type[Assertion], tuple[str, ...]]] = {
    "case": (Case, ("reference",)),
    "series": (Series, ("name",)),
    "person": (Person, ("role", "state", "state_since", "label")),
    "contribution": (Contribution, ("case_id", "category")),
    "instance": (
        Instance,
        (
            "material_id", "contribution_id", "case_id", "path", "sha256", "sha1", "md5", "size_bytes", "format",
            "width_pixels", "height_pixels", "has_bytes",
        ),
    ),
    "statement": (Statement, ("instance_id", "material_id", "kind", "value", "source")),
    "appearance": (Appearance, ("person_id", "material_id")),
    "membership": (Membership, ("series_id", "material_id")),
}  # fmt: skip
NAMED = {"restriction_id": "restricted", "kind": "statement", "owner_unit_id": "unit"}  # else: without `_id`


class Scope(enum.StrEnum):
    """Whose records."""

    UNIT = "unit"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Extent:
    """What an export holds: what its owner had recorded until then."""

    scope: Scope
    owner: str
    until: datetime

    @classmethod
    def of(cls, actor: Actor, scope: Scope, until: datetime) -> "Extent":
        return cls(scope, str(actor.unit) if scope is Scope.UNIT else actor.country, until)

    @classmethod
    def read(cls, subject: str) -> "Extent":
        _, scope, owner, _, until = subject.splitlines()[0].split(" ")
        return cls(Scope(scope), owner, datetime.fromisoformat(until))

    def __str__(self) -> str:
        return f"export {self.scope} {self.owner} until {self.until.isoformat()}"

    def rows(self, model: type[Assertion]) -> QuerySet[Assertion]:
        column = "owner_unit_id" if self.scope is Scope.UNIT else "owner_country_id"
        found = model._default_manager.filter(**{column: self.owner}, recorded_at__lte=self.until)
        return found.order_by("id")


class Heading(msgspec.Struct, frozen=True):
    """The first line of an export: who took what, why, by whose approval."""

    export: UUID
    approval: UUID
    scope: Scope
    unit: str
    country: str
    user: str
    purpose: str
    reason: str
    until: datetime
    at: datetime
    counts: dict[str, int]


Record = dict[str, Any]  # `record` is its kind; other keys are those of SHAPES; bytes are in hexadecimal


@dataclass(frozen=True, slots=True)
class Export:
    """`parts` yields the records; it raises NotAllowed, NotSignedIn or ExportChanged in the middle: then keep nothing."""

    heading: Heading
    parts: Iterator[Sequence[Record]]


def ask_export(installation: Installation, actor: Actor, scope: Scope, reason: str | None) -> Awaited:
    """A request for what there is at this moment. Raises NoReason, NotAllowed, BudgetSpent where it would not fit."""
    extent = Extent.of(actor, scope, installation.clock())
    with act(actor, Verb.EXPORT, installation.clock, only_refusals=True) as entry:
        entry.name(scope)
        plan = _plan(extent)
        # Only tried: asking shows nothing, and a second person need not look at what cannot be.
        with transaction.atomic():
            _spend(installation, actor, extent)
            transaction.set_rollback(True)
    return request_approval(installation, actor, plan, reason)


def export_records(installation: Installation, actor: Actor, approval: UUID) -> Export:
    """Uses an approval up. Raises UnknownRecord, NeedsStepUp, ApprovalNeeded, ExportChanged, BudgetSpent, NotAllowed."""
    now, export = installation.clock(), uuid4()
    with act(actor, Verb.EXPORT, installation.clock) as entry:
        entry.name(export, approval)
        demand_stepped_up(actor, now)
        asked = Approval.objects.filter(pk=approval, kind=Kind.EXPORT, requested_by_id=actor.user).first()
        if asked is None:
            raise UnknownRecord(what="request of an export", name=approval)
        extent = Extent.read(asked.subject)
        if extent != Extent.of(actor, extent.scope, extent.until):
            raise NotAllowed(reason="you are in another unit than when you asked for it")
        plan = _plan(extent)
        if plan.text != asked.subject:
            raise ExportChanged(approval=approval, cause="records went or came")
        used = demand_approved(plan.kind, plan.text, now)
        if used != approval:
            raise ApprovalNeeded(kind=Kind.EXPORT, minutes=MINUTES)
        _spend(installation, actor, extent)
        unit = Unit.objects.get(pk=actor.unit).name
    counts = _counted(asked.subject)
    heading = Heading(
        export, approval, extent.scope, unit, actor.country, actor.user_name, asked.purpose, asked.reason, extent.until,
        now, counts,
    )  # fmt: skip
    return Export(heading, _parts(installation, actor, heading, extent, asked.subject))


def _plan(extent: Extent) -> Plan:
    """By kind how many records, and the SHA-256 of their ids in order."""
    lines, counts = [str(extent)], []
    for name, (model, _) in SHAPES.items():
        digest, count = hashlib.sha256(), 0
        for one in extent.rows(model).values_list("id", flat=True).iterator(IDS_AT_ONCE):
            digest.update(one.bytes)
            count += 1
        lines.append(f"{name} {count} {digest.hexdigest()}")
        counts += [f"{name}: {count}"] if count else []
    return Plan(Kind.EXPORT, "\n".join(lines), ", ".join(counts) or "nothing")


def _spend(installation: Installation, actor: Actor, extent: Extent) -> None:
    """What it shows of other units. Raises BudgetSpent, which rolls back what was spent for the part before."""
    of_others = _of_others(actor, extent)
    while items := list(itertools.islice(of_others, IDS_AT_ONCE)):
        spend(actor, Meter.VIEW, items, installation.config.limits, installation.clock())


def _of_others(actor: Actor, extent: Extent) -> Iterator[str]:
    """As views count them: materials that the own unit does not hold, whatever is said of them; else the records."""
    held = Instance.objects.filter(owner_unit_id=actor.unit).values("material_id")
    for model, fields in SHAPES.values():
        rows = extent.rows(model).exclude(owner_unit_id=actor.unit).order_by()
        column = "material_id" if "material_id" in fields else "id"
        if column != "id":
            rows = rows.exclude(**{f"{column}__in": held})
        found = rows.values_list(column, flat=True).distinct()
        yield from map(str, found.iterator(IDS_AT_ONCE))


def _counted(subject: str) -> dict[str, int]:
    return {name: int(count) for name, count, _ in (line.split(" ") for line in subject.splitlines()[1:])}


def _parts(
    installation: Installation, actor: Actor, heading: Heading, extent: Extent, approved: str
) -> Iterator[Sequence[Record]]:
    lines = [str(extent)]
    for name, (model, fields) in SHAPES.items():
        digest, count, last = hashlib.sha256(), 0, UUID(int=0)
        while True:
            actor = sign_in_again(actor)
            with act(actor, Verb.EXPORT, installation.clock) as entry:
                rows = list(extent.rows(model).filter(id__gt=last).values(*ENVELOPE, *fields)[:PART_ITEMS])
                entry.name(heading.export, *(row["id"] for row in rows))
            for row in rows:
                digest.update(row["id"].bytes)
            count += len(rows)
            if rows:
                last = rows[-1]["id"]
                yield [_record(name, row) for row in rows]
            if len(rows) < PART_ITEMS:
                break
        lines.append(f"{name} {count} {digest.hexdigest()}")
    if "\n".join(lines) != approved:
        raise ExportChanged(approval=heading.approval, cause="records went while it was written")


def _record(kind: str, row: dict[str, Any]) -> Record:
    record: Record = {"record": kind}
    for name, value in row.items():
        shown = NAMED.get(name, name.removesuffix("_id"))
        if name == "restriction_id":
            record[shown] = value is not None
        else:
            record[shown] = bytes(value).hex() if isinstance(value, bytes | memoryview) else value
    return record
