"""*Alerts*: who asked about what one's unit holds in silence. The asker was told nothing; the owner has a clock to answer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.actions.watching import watching
from concord.config import Config
from concord.database.acting import before_anybody, fresh_rows, rows
from concord.errors import NoReason, NotAllowed, UnknownRecord
from concord.matching.watch import Watch
from concord.records.alert import Alert
from concord.records.answer import Contact
from concord.records.country import Unit

SETTLE = "select settle_traces(%s)"
PAUSE_SECONDS = 30.0


class Told(msgspec.Struct, frozen=True):
    """One material about which one unit asked for one purpose. `bureau` is that country's, to answer through."""

    alert: UUID
    material: UUID
    asker: Contact
    bureau: Contact
    purpose: str
    at: datetime
    last_at: datetime
    times: int
    due_at: datetime
    acknowledged_at: datetime | None
    answered: str | None


class Overdue(msgspec.Struct, frozen=True):
    country: str
    overdue: int


def settle(config: Config) -> None:
    """Makes alerts of what asks have left. Nobody acts, and nothing is told: a server does it as it runs."""
    with before_anybody():
        rows(SETTLE, [config.limits.response_hours])


def watch_alerts(installation: Installation) -> Watch:
    """For a server: alerts are made also when nobody looks."""
    return watching(lambda: settle(installation.config), "alerts could not be made", PAUSE_SECONDS)


def list_alerts(installation: Installation, actor: Actor, all_of_them: bool = False) -> Sequence[Told]:
    """Those not answered, or all; the most urgent first. Raises NotAllowed."""
    settle(installation.config)
    with act(actor, Verb.LIST_ALERTS, installation.clock) as entry:
        found = Alert.objects.select_related("asker_unit").order_by("due_at", "id")
        alerts = list(found if all_of_them else found.filter(acknowledged_at=None))
        entry.name(*(one.material_id for one in alerts))
        countries = {one.asker_unit.country_id for one in alerts}
        bureaus = {
            unit.country_id: _contact(unit) for unit in Unit.objects.filter(country__in=countries, is_bureau=True)
        }
    return [_told(one, bureaus) for one in alerts]


def answer_alert(installation: Installation, actor: Actor, alert: UUID, answered: str) -> None:
    """Says what was done about it, and stops its clock. Raises UnknownRecord, NotAllowed, NoReason."""
    if not answered.strip():
        raise NoReason
    with act(actor, Verb.ANSWER_ALERT, installation.clock) as entry:
        entry.name(alert)
        said = {"acknowledged_at": installation.clock(), "acknowledged_by_id": actor.user, "answered": answered}
        if not Alert.objects.filter(pk=alert, acknowledged_at=None).update(**said):
            raise UnknownRecord(what="alert", name=alert)


def count_overdue(installation: Installation, actor: Actor) -> Sequence[Overdue]:
    """How many each country has not answered in time: all that the hub learns of them. Raises NotAllowed."""
    settle(installation.config)
    with act(actor, Verb.COUNT_OVERDUE, installation.clock):
        if not actor.is_hub:
            raise NotAllowed(reason="only the hub counts what is overdue, and by country alone")
        return [Overdue(*row) for row in fresh_rows("select country, overdue from overdue_alerts()", [])]


def _told(alert: Alert, bureaus: dict[str, Contact]) -> Told:
    asker = _contact(alert.asker_unit)
    return Told(
        alert=alert.id,
        material=alert.material_id,
        asker=asker,
        bureau=bureaus.get(asker.country, asker),
        purpose=alert.purpose,
        at=alert.at,
        last_at=alert.last_at,
        times=alert.times,
        due_at=alert.due_at,
        acknowledged_at=alert.acknowledged_at,
        answered=alert.answered,
    )


def _contact(unit: Unit) -> Contact:
    return Contact(unit.country_id, unit.name, unit.channel, unit.hours, unit.time_zone)
