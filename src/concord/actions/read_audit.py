"""*Read audit*: who did what, why. Everyone his own; supervisors their unit's; oversight the country's. Reading is an entry
itself, which stands on the next page that is read."""

import enum
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from concord.access.actor import Actor
from concord.access.audit import AuditEntry, Verb
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import MalformedRequest, NotAllowed
from concord.records.user import User, UserRole

PAGE_ITEMS = 500


class Whose(enum.StrEnum):
    MINE = "mine"
    UNIT = "unit"
    COUNTRY = "country"


OPEN_TO: dict[Whose, frozenset[UserRole]] = {  # one's own is everyone's, also without any role
    Whose.UNIT: frozenset({UserRole.SUPERVISOR, UserRole.DATA_PROTECTION, UserRole.AUDITOR}),
    Whose.COUNTRY: frozenset({UserRole.DATA_PROTECTION, UserRole.AUDITOR}),
}


class Noted(msgspec.Struct, frozen=True):
    """One entry of the audit. `user_name`: as the user is called now; null where the reader may not know of him."""

    id: UUID
    at: datetime
    unit: UUID
    user: UUID
    user_name: str | None
    verb: str
    outcome: str
    reason: str | None
    purpose: str | None
    item_count: int
    items: Sequence[str]


class AuditPage(msgspec.Struct, frozen=True):
    """Newest first. `next` is given where there may be more; hand it back as `after`."""

    entries: Sequence[Noted]
    next: str | None


class Wanted(msgspec.Struct, frozen=True):
    """Which entries. None: all."""

    whose: Whose = Whose.MINE
    verb: Verb | None = None
    since: datetime | None = None  # aware


def read_audit(
    installation: Installation, actor: Actor, wanted: Wanted, after: str | None = None, limit: int = PAGE_ITEMS
) -> AuditPage:
    """Raises NotAllowed; MalformedRequest for an `after` that no page gave."""
    place = _place(after)
    with act(actor, Verb.READ_AUDIT, installation.clock) as entry:
        entry.name(wanted.whose)
        if wanted.whose in OPEN_TO and not actor.roles & OPEN_TO[wanted.whose]:
            needed = ", ".join(sorted(OPEN_TO[wanted.whose]))
            raise NotAllowed(reason=f"the audit of a {wanted.whose} is open to {needed}; your own is: --whose mine")
        rows = _of(actor, wanted)
        if place:
            at, last_id = place
            rows = rows.filter(Q(at__lt=at) | Q(at=at, id__gt=last_id))
        page = list(rows[:limit])
        names = dict(User.objects.filter(pk__in={row.user for row in page}).values_list("pk", "name"))
        found = [_noted(row, names.get(row.user)) for row in page]
    last = found[-1] if len(found) == limit else None
    return AuditPage(found, f"{last.at.isoformat()}~{last.id}" if last else None)


def _of(actor: Actor, wanted: Wanted) -> QuerySet[AuditEntry]:
    """Narrower than what the policies let through: a supervisor who asks for his own gets his own."""
    rows = AuditEntry.objects.order_by("-at", "id")
    match wanted.whose:
        case Whose.MINE:
            rows = rows.filter(user=actor.user)
        case Whose.UNIT:
            rows = rows.filter(unit=actor.unit)
        case Whose.COUNTRY:
            rows = rows.filter(owner_country=actor.country)
    if wanted.verb:
        rows = rows.filter(verb=wanted.verb)
    return rows.filter(at__gte=wanted.since) if wanted.since else rows


def _noted(row: AuditEntry, name: str | None) -> Noted:
    said = (row.verb, row.outcome, row.reason, row.purpose, row.item_count, row.items)
    return Noted(row.id, row.at, row.unit, row.user, name, *said)


def _place(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    at, _, last_id = after.partition("~")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), UUID(last_id)
    except (ValueError, OverflowError):
        raise MalformedRequest(cause=f"after={after[:80]} is not the `next` of a page") from None
