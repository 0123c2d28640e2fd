"""*Restrict*: the unit that says something narrows, widens or lifts who may know of it; not even its own country does."""

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from concord.access.actor import Actor
from concord.access.approval import Kind
from concord.access.audit import Entry, Verb
from concord.access.rules import all_of, demand, owned_by_own_unit
from concord.access.wider import widened
from concord.actions.act import act
from concord.actions.approve import Need, Plan, two_persons
from concord.actions.installation import Installation
from concord.database.acting import fresh_rows
from concord.errors import NoReason, UnfitTime, UnknownRecord
from concord.records.assertion import Assertion
from concord.records.case import Contribution
from concord.records.country import Country, Unit
from concord.records.group import Group
from concord.records.material import Instance
from concord.records.person import Appearance, Person
from concord.records.restriction import Handling, Restriction
from concord.records.series import Membership, Series
from concord.records.statement import Statement
from concord.records.suspension import Subject
from concord.values import Purpose

MODELS: dict[Subject, type[Assertion]] = {
    Subject.CONTRIBUTION: Contribution,
    Subject.INSTANCE: Instance,
    Subject.STATEMENT: Statement,
    Subject.PERSON: Person,
    Subject.APPEARANCE: Appearance,
    Subject.SERIES: Series,
    Subject.MEMBERSHIP: Membership,
}
MANY_INSTANCES = 100  # hidden: to lift or widen what hides more needs a second person; also in access/0007_duty.sql
WIDENING = "more people are to know of what hides many records"
HEADS = frozenset({Subject.CONTRIBUTION, Subject.PERSON, Subject.SERIES})  # others are about them, and follow them

may_restrict = all_of(owned_by_own_unit)


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may know, and why not the others. None is no bound; an empty list admits nobody but the unit itself."""

    reason: str
    countries: Sequence[str] | None = None
    units: Sequence[UUID] | None = None
    groups: Sequence[str] | None = None  # of one's own unit, by name
    purposes: Sequence[str] | None = None
    handling: str = Handling.OFFICIAL.value
    silent: bool = False
    until: datetime | None = None


class Restricted(msgspec.Struct, frozen=True):
    """What stands on a record; `restriction` None: everybody may know of it."""

    subject: Subject
    record: UUID
    restriction: UUID | None
    bounds: Bounds | None
    suspended: bool


def restrict(installation: Installation, actor: Actor, subject: Subject, record: UUID, bounds: Bounds) -> UUID:
    """From the next question on only those know of it whom every bound admits. Returns the restriction's id.

    What a contribution, a person or a series carries already is changed in place, and all that carries it follows at once.
    Where it hides more than MANY_INSTANCES and is widened, a second person has to agree.

    Raises UnknownRecord, ApprovalAwaited, NotAllowed, UnknownCode, NoReason, UnfitTime.
    """
    _demand_sense(bounds, installation.clock())
    with (
        two_persons(installation, actor, None, WIDENING) as need,
        act(actor, Verb.RESTRICT, installation.clock) as entry,
    ):
        found = _own(actor, subject, record)
        values = _values(actor, bounds)
        entry.name(subject, record, *_named(values))
        carried = found.restriction_id if subject in HEADS else None
        stands = Restriction.objects.filter(pk=carried).first() if carried else None
        if stands:
            _change(need, entry, stands, {**values, "lifted_at": None}, installation.clock())
            return stands.id
        made = Restriction(
            owner_country_id=actor.country,
            owner_unit_id=actor.unit,
            author_id=actor.user,
            recorded_at=installation.clock(),
            **values,
        )
        made.save(force_insert=True)
        _put(subject, record, made.id)
    return made.id


def _demand_sense(bounds: Bounds, now: datetime) -> None:
    """A restriction that is over from the start would hide nothing, and its unit rely on it."""
    if not bounds.reason.strip():
        raise NoReason
    if bounds.until and bounds.until.tzinfo is None:
        raise UnfitTime(time=bounds.until, cause="it names no time zone")
    if bounds.until and bounds.until <= now:
        raise UnfitTime(time=bounds.until, cause="it is over already")


def lift(installation: Installation, actor: Actor, subject: Subject, record: UUID) -> bool:
    """Everybody may know of it again, as far as what it is about is known. False: nothing stood on it.

    Where it hides more than MANY_INSTANCES, a second person has to agree. Raises UnknownRecord, ApprovalAwaited, NotAllowed.
    """
    with (
        two_persons(installation, actor, None, WIDENING) as need,
        act(actor, Verb.RESTRICT, installation.clock) as entry,
    ):
        found = _own(actor, subject, record)
        entry.name(subject, record, "lifted")
        stands = _in_force(found).first()
        if stands:
            _change(need, entry, stands, {"lifted_at": installation.clock()}, installation.clock())
    return stands is not None


def _change(need: Need, entry: Entry, before: Restriction, values: Mapping[str, object], now: datetime) -> None:
    """In place. The approval that it needs stands in the entry."""
    after = copy.copy(before)
    for name, value in values.items():
        setattr(after, name, value)
    if (by := widened(before, after, now)) and hides_many([before.id]):
        counts = f"a restriction of more than {MANY_INSTANCES} instances is widened: {', '.join(by)}"
        entry.name(need.demand(Plan(Kind.POLICY, _terms(after), counts), now))
    after.save(force_update=True, update_fields=list(values))


def hides_many(restrictions: Sequence[UUID]) -> bool:
    """Of one's own unit, whatever the purpose that one acts for reaches."""
    ((count,),) = fresh_rows("select restrictions_hide(%s)", [list(restrictions)])
    return int(count) > MANY_INSTANCES


def _terms(one: Restriction) -> str:
    """What is approved: the restriction as it is to stand. The database makes the same text (`terms_of`)."""
    if one.lifted_at is not None:
        return f"lift restriction {one.id}"
    listed = {"countries": one.countries, "units": one.units, "groups": one.groups, "purposes": one.purposes}
    lines = [f"widen restriction {one.id}"]
    lines += [f"{name} {' '.join(map(str, values))}" for name, values in listed.items() if values is not None]
    lines += [f"handling {one.handling}", *(["silent"] if one.silent else [])]
    lines += [f"until {one.until.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"] if one.until else []
    return "\n".join(lines)


def show_restriction(installation: Installation, actor: Actor, subject: Subject, record: UUID) -> Restricted:
    """To the unit whose it is. Raises UnknownRecord, NotAllowed."""
    with act(actor, Verb.SHOW_RESTRICTION, installation.clock) as entry:
        found = _own(actor, subject, record)
        entry.name(subject, record)
        stands = _in_force(found).first()
        if stands is None:
            return Restricted(subject, record, None, None, found.suspended)
        names = dict(Group.objects.filter(pk__in=stands.groups or ()).values_list("id", "name"))
    bounds = Bounds(
        reason=stands.reason,
        countries=stands.countries,
        units=stands.units,
        groups=None if stands.groups is None else [names.get(one, str(one)) for one in stands.groups],
        purposes=stands.purposes,
        handling=stands.handling,
        silent=stands.silent,
        until=stands.until,
    )
    return Restricted(subject, record, stands.id, bounds, found.suspended)


def find(subject: Subject, record: UUID) -> Assertion:
    """As far as the actor knows of it. Raises UnknownRecord."""
    found = MODELS[subject]._default_manager.filter(pk=record).first()
    if found is None:
        raise UnknownRecord(what=subject.table, name=record)
    return found


def _own(actor: Actor, subject: Subject, record: UUID) -> Assertion:
    found = find(subject, record)
    demand(may_restrict, actor, found)
    return found


def _in_force(record: Assertion) -> QuerySet[Restriction]:
    """The restriction that stands on it, or none."""
    return Restriction.objects.filter(pk__in=[record.restriction_id] if record.restriction_id else [], lifted_at=None)


def _put(subject: Subject, record: UUID, restriction: UUID) -> None:
    ((done,),) = fresh_rows("select restrict_record(%s, %s, %s)", [subject.table, record, restriction])
    if not done:
        raise UnknownRecord(what=subject.table, name=record)


def _values(actor: Actor, bounds: Bounds) -> dict[str, object]:
    """The columns of a restriction. Raises UnknownRecord, UnknownCode."""
    return {
        "reason": bounds.reason,
        "countries": _known(bounds.countries, Country, "code", "country"),
        "units": _known(bounds.units, Unit, "id", "unit"),
        "groups": None if bounds.groups is None else [_group(actor, name) for name in bounds.groups],
        "purposes": None if bounds.purposes is None else [Purpose.parse(code) for code in bounds.purposes],
        "handling": Handling.parse(bounds.handling),
        "silent": bounds.silent,
        "until": bounds.until,
    }


def _known(
    given: Sequence[object] | None, model: type[Country] | type[Unit], key: str, what: str
) -> list[object] | None:
    """A bound that names nobody by mistake would hide for good."""
    if given is None:
        return None
    known = set(model._default_manager.filter(**{f"{key}__in": given}).values_list(key, flat=True))
    for one in given:
        if one not in known:
            raise UnknownRecord(what=what, name=one)
    return list(dict.fromkeys(given))


def _group(actor: Actor, name: str) -> UUID:
    found = Group.objects.filter(owner_unit_id=actor.unit, name=name).values_list("id", flat=True).first()
    if found is None:
        raise UnknownRecord(what="group", name=name)
    return found


def _named(values: dict[str, object]) -> list[str]:
    """The terms as the audit entry names them. Reasons stay with the restriction."""
    told = {name: value for name, value in values.items() if name != "reason" and value not in (None, False)}
    return [f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}" for name, value in told.items()]
