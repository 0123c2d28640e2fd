"""The endpoints of restrictions, sharing groups, suspensions and alerts: who may know, and who asked."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec

from concord.access.audit import Verb
from concord.actions.alerts import Overdue, Told, answer_alert, count_overdue, list_alerts
from concord.actions.installation import Installation
from concord.actions.restrict import Bounds, lift, restrict
from concord.actions.share import Listed, list_groups, make_group, take_in, take_out
from concord.actions.suspend import Suspended, lift_suspension, list_suspensions, suspend
from concord.api.endpoint import Call, Endpoint, storable
from concord.records.suspension import Subject
from concord.values import country_code


class RestrictRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record of your unit, and who may know of it."""

    subject: Subject
    record: UUID
    bounds: Bounds


class LiftRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record of your unit whose restriction ends."""

    subject: Subject
    record: UUID


class SuspendRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record, and why the hub doubts it."""

    subject: Subject
    record: UUID
    reason: str


class LiftSuspension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A suspension that ends."""

    suspension: UUID


class NewGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sharing group of your unit, by its name."""

    name: str


class GroupMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of your unit, and a country by its code or a unit by its id."""

    name: str
    country: str | None = None
    unit: UUID | None = None


class AnswerAlert(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An alert of your unit, and what was done about it."""

    alert: UUID
    answered: str


class Changed(msgspec.Struct, frozen=True):
    """Whether anything changed, and the id of what stands now; null where nothing does."""

    changed: bool
    id: UUID | None = None


class Alerts(msgspec.Struct, frozen=True):
    """Those not answered, the most urgent first."""

    alerts: Sequence[Told]


class Groups(msgspec.Struct, frozen=True):
    """That your unit made or is in, by name."""

    groups: Sequence[Listed]


class Suspensions(msgspec.Struct, frozen=True):
    """Newest first."""

    suspensions: Sequence[Suspended]


class Counts(msgspec.Struct, frozen=True):
    """By country."""

    countries: Sequence[Overdue]


def rights_endpoints(installation: Installation) -> list[list[Endpoint]]:
    def narrow(call: Call) -> Changed:
        return Changed(
            True, restrict(installation, call.actor, call.body.subject, call.body.record, _bounds(call.body.bounds))
        )

    def widen(call: Call) -> Changed:
        return Changed(lift(installation, call.actor, call.body.subject, call.body.record))

    def hide(call: Call) -> Changed:
        reason = storable("reason", call.body.reason)
        return Changed(True, suspend(installation, call.actor, call.body.subject, call.body.record, reason))

    def show(call: Call) -> Changed:
        lift_suspension(installation, call.actor, call.body.suspension)
        return Changed(True)

    def suspensions(call: Call) -> Suspensions:
        return Suspensions(list_suspensions(installation, call.actor))

    def groups(call: Call) -> Groups:
        return Groups(list_groups(installation, call.actor))

    def group(call: Call) -> Changed:
        return Changed(True, make_group(installation, call.actor, storable("name", call.body.name)))

    def come(call: Call) -> Changed:
        return Changed(take_in(installation, call.actor, storable("name", call.body.name), _member(call.body)))

    def go(call: Call) -> Changed:
        return Changed(take_out(installation, call.actor, storable("name", call.body.name), _member(call.body)))

    def alerts(call: Call) -> Alerts:
        return Alerts(list_alerts(installation, call.actor))

    def answer(call: Call) -> Changed:
        answer_alert(installation, call.actor, call.body.alert, storable("answered", call.body.answered))
        return Changed(True, call.body.alert)

    def overdue(call: Call) -> Counts:
        return Counts(count_overdue(installation, call.actor))

    row = partial(Endpoint, limit_bytes=installation.config.limits.request_bytes)
    return [
        [
            row(
                "POST", "restrictions", Verb.RESTRICT, "Say who may know of a record.", Changed, narrow, RestrictRecord
            ),
            row("DELETE", "restrictions", Verb.RESTRICT, "Lift what stands on it.", Changed, widen, LiftRecord),
        ],
        [
            row("GET", "suspensions", Verb.LIST_SUSPENSIONS, "What the hub has suspended.", Suspensions, suspensions),
            row("POST", "suspensions", Verb.SUSPEND, "Suspend a record, for the hub.", Changed, hide, SuspendRecord),
            row("DELETE", "suspensions", Verb.LIFT_SUSPENSION, "Lift it.", Changed, show, LiftSuspension),
        ],
        [
            row("GET", "groups", Verb.LIST_GROUPS, "Sharing groups.", Groups, groups),
            row("POST", "groups", Verb.CHANGE_GROUP, "Make one, empty at first.", Changed, group, NewGroup),
        ],
        [
            row(
                "POST", "groups/members", Verb.CHANGE_GROUP, "Take a country or a unit in.", Changed, come, GroupMember
            ),
            row("DELETE", "groups/members", Verb.CHANGE_GROUP, "Take it out.", Changed, go, GroupMember),
        ],
        [
            row("GET", "alerts", Verb.LIST_ALERTS, "Who asked about what your unit holds in silence.", Alerts, alerts),
            row("POST", "alerts", Verb.ANSWER_ALERT, "Say what was done about it.", Changed, answer, AnswerAlert),
        ],
        [row("GET", "alerts/overdue", Verb.COUNT_OVERDUE, "How many, by country, for the hub.", Counts, overdue)],
    ]


def _bounds(given: Bounds) -> Bounds:
    for name in ("countries", "groups", "purposes"):
        for text in getattr(given, name) or ():
            storable(name, text)
    storable("reason", given.reason)
    return given


def _member(given: GroupMember) -> str | UUID:
    """Raises UnknownCode where neither is given, or no code."""
    return given.unit or country_code(given.country or "")
