"""*List*: what the own country entered, newest first, in pages that stay put while more is entered."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from django.db.models import Q

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.budget import Meter
from concord.access.meter import spend
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import MalformedRequest
from concord.records.material import Instance

PAGE_ITEMS = 1000


class Listed(msgspec.Struct, frozen=True):
    """One instance."""

    instance: UUID
    contribution: UUID
    material: UUID
    sha256: str
    path: str
    has_bytes: bool
    recorded_at: datetime


class MaterialPage(msgspec.Struct, frozen=True):
    """`next` is given where there may be more; hand it back as `after`."""

    materials: Sequence[Listed]
    next: str | None


def list_materials(
    installation: Installation, actor: Actor, after: str | None, limit: int, *, own_unit: bool = False
) -> MaterialPage:
    """`own_unit`: without what other units of the country entered. Raises MalformedRequest for an `after` that no page gave,
    BudgetSpent.
    """
    place = _place(after)
    with act(actor, Verb.LIST_MATERIALS, installation.clock) as entry:
        rows = Instance.objects.filter(owner_country_id=actor.country).order_by("-recorded_at", "id")
        if own_unit:
            rows = rows.filter(owner_unit_id=actor.unit)
        if place:
            recorded_at, instance = place
            rows = rows.filter(Q(recorded_at__lt=recorded_at) | Q(recorded_at=recorded_at, id__gt=instance))
        page = list(rows[:limit])
        found = [
            Listed(
                row.id,
                row.contribution_id,
                row.material_id,
                bytes(row.sha256).hex(),
                row.path,
                row.has_bytes,
                row.recorded_at,
            )
            for row in page
        ]
        entry.name(*(one.material for one in found))
        spend(actor, Meter.VIEW, _of_others(actor, page), installation.config.limits, installation.clock())
    last = found[-1] if len(found) == limit else None
    return MaterialPage(found, f"{last.recorded_at.isoformat()}~{last.instance}" if last else None)


def _of_others(actor: Actor, page: Sequence[Instance]) -> list[str]:
    """Materials that the own unit does not hold."""
    others = {row.material_id for row in page if row.owner_unit_id != actor.unit}
    if not others:
        return []
    own = Instance.objects.filter(material_id__in=others, owner_unit_id=actor.unit)
    return sorted(map(str, others.difference(own.values_list("material_id", flat=True))))


def _place(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    recorded_at, _, instance = after.partition("~")
    try:
        return datetime.fromisoformat(recorded_at).astimezone(UTC), UUID(instance)
    except (ValueError, OverflowError):
        raise MalformedRequest(cause=f"after={after[:80]} is not the `next` of a page") from None
