"""*Supervise*: who of one's unit reads far more than he used to, or asks by many near hashes. Never told to whom it is about."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.meter import AlertKind, ReadingAlert
from concord.access.reading import ABOVE_MUCH, FACTOR, LEAST
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.actions.propose import settle_proposals
from concord.actions.watching import watching
from concord.database.acting import before_anybody, rows
from concord.errors import NoReason, UnknownRecord
from concord.matching.watch import Watch

PAUSE_SECONDS = 3600.0  # an alert comes within a day; this is often enough


class ReadingTold(msgspec.Struct, frozen=True):
    """`count`: other units' records in three days, or near questions in a week; `norm`: in three days, None for none."""

    alert: UUID
    kind: AlertKind
    user: UUID
    name: str
    at: datetime
    count: int
    norm: int | None
    acknowledged_at: datetime | None
    finding: str | None


def watch_reading(now: datetime) -> None:
    """Raises alerts of what was read until now. Nobody acts, and nothing is told."""
    with before_anybody():
        rows("select watch_reading(%s, %s, %s, %s)", [now, LEAST, FACTOR, ABOVE_MUCH])


def list_reading_alerts(installation: Installation, actor: Actor, all_of_them: bool = False) -> Sequence[ReadingTold]:
    """Of one's unit, newest first; those without a finding, or all. Raises NotAllowed."""
    watch_reading(installation.clock())
    with act(actor, Verb.SUPERVISE, installation.clock) as entry:
        found = ReadingAlert.objects.select_related("user").order_by("-at", "id")
        alerts = list(found if all_of_them else found.filter(acknowledged_at=None))
        entry.name(*(one.id for one in alerts))
    return [
        ReadingTold(
            alert=one.id,
            kind=AlertKind(one.kind),
            user=one.user_id,
            name=one.user.name,
            at=one.at,
            count=one.count,
            norm=one.norm,
            acknowledged_at=one.acknowledged_at,
            finding=one.finding,
        )
        for one in alerts
    ]


def answer_reading_alert(installation: Installation, actor: Actor, alert: UUID, finding: str) -> None:
    """Closes it with a finding. Raises UnknownRecord, NoReason, NotAllowed."""
    if not finding.strip():
        raise NoReason
    with act(actor, Verb.ANSWER_SUPERVISION, installation.clock) as entry:
        entry.name(alert)
        said = {"acknowledged_at": installation.clock(), "acknowledged_by_id": actor.user, "finding": finding}
        if not ReadingAlert.objects.filter(pk=alert, acknowledged_at=None).update(**said):
            raise UnknownRecord(what="alert", name=alert)


def watch_clocks(installation: Installation) -> Watch:
    """For a server: alerts are raised and proposals run out though nobody looks."""

    def look() -> None:
        watch_reading(installation.clock())
        settle_proposals(installation)

    return watching(look, "reading could not be watched", PAUSE_SECONDS)
