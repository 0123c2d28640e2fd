"""*Show* the intakes of the own unit, and what is in one."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.erase_intake import erase_overdue
from concord.actions.installation import Installation
from concord.actions.open_intake import own_intake
from concord.records.answer import Fault
from concord.records.intake import Intake, IntakeState, Placed, count, page
from concord.records.seizure import ItemState

PAGE_ITEMS = 1000


class Summary(msgspec.Struct, frozen=True):
    """An intake at a glance."""

    intake: UUID
    case: str
    source: str
    opened_at: datetime
    expires_at: datetime
    state: IntakeState
    items: Mapping[ItemState, int]  # how many, by what is known of them
    by_digest_only: int  # of them, those that were not compared by picture
    with_errors: int


class ShownItem(msgspec.Struct, frozen=True):
    """One file, with the answer as it was at `asked_at`."""

    position: int  # hand it back as `after`
    item: str
    parent: str | None
    sha256: str | None
    sha1: str | None
    md5: str | None
    size_bytes: int | None
    modified_ns: int | None
    format: str | None
    state: ItemState
    match: str | None
    qualifiers: Sequence[str]
    not_compared: str | None
    ordinary: str | None
    missing: bool  # it was found, and was there no more when the source was looked at last
    asked_at: datetime
    error: Fault | None


def list_intakes(installation: Installation, actor: Actor) -> list[Summary]:
    """The newest first."""
    erase_overdue()
    with act(actor, Verb.LIST_INTAKES, installation.clock) as entry:
        found = list(Intake.objects.select_related("case").order_by("-recorded_at", "id"))
        entry.name(*(intake.id for intake in found))
        return [_summary(intake) for intake in found]


def summarise_intake(installation: Installation, actor: Actor, intake: UUID) -> Summary:
    """Raises UnknownRecord."""
    erase_overdue()
    with act(actor, Verb.SHOW_INTAKE, installation.clock) as entry:
        entry.name(intake)
        return _summary(own_intake(actor, intake))


def show_items(
    installation: Installation, actor: Actor, intake: UUID, state: ItemState | None, after: int, limit: int
) -> Iterator[ShownItem]:
    """Up to `limit` after a position, in the order in which they were found. Raises UnknownRecord."""
    erase_overdue()
    while limit > 0:
        found = _page(installation, actor, intake, state, after, min(limit, PAGE_ITEMS))
        yield from map(_shown, found)
        if len(found) < min(limit, PAGE_ITEMS):
            return
        limit, after = limit - len(found), found[-1].position


def _page(
    installation: Installation, actor: Actor, intake: UUID, state: ItemState | None, after: int, limit: int
) -> list[Placed]:
    with act(actor, Verb.SHOW_INTAKE, installation.clock) as entry:
        entry.name(intake)
        own_intake(actor, intake)
        found = page(intake, after, limit, state)
        entry.name(*(one.seen.audited_as for one in found))
    return found


def _summary(intake: Intake) -> Summary:
    counts = count(intake.id)
    return Summary(
        intake.id,
        intake.case.reference,
        intake.source,
        intake.recorded_at,
        intake.expires_at,
        IntakeState(intake.state),
        {state: counts.states[state] for state in ItemState if state in counts.states},
        counts.by_digest_only,
        counts.with_errors,
    )


def _shown(placed: Placed) -> ShownItem:
    seen = placed.seen
    return ShownItem(
        placed.position,
        seen.path,
        seen.parent,
        seen.sha256.hex() if seen.sha256 else None,
        seen.sha1.hex() if seen.sha1 else None,
        seen.md5.hex() if seen.md5 else None,
        seen.size_bytes,
        seen.modified_ns,
        seen.format,
        seen.state,
        seen.match,
        (seen.qualifiers or "").split(),
        seen.not_compared,
        seen.ordinary,
        seen.sha256 is not None and seen.is_missing,
        placed.asked_at,
        Fault(seen.error_code, seen.error_message or "") if seen.error_code else None,
    )
