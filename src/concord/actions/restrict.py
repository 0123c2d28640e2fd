"""*Restrict*: the unit that says something narrows, widens or lifts who may know of it; not even its own country does."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from concord.access.actor import Actor
from concord.access.approval import Kind
from concord.access.audit import Verb
from concord.access.rules import all_of, demand, owned_by_own_unit
from concord.actions.act import act
from concord.actions.approve import Plan, demand_approved, two_persons
from concord.actions.installation import Installation
from concord.database.acting import fresh_rows
from concord.errors import NoReason, UnknownRecord
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
MANY_INSTANCES = 100  # hidden by one restriction: to lift it needs a second person
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
    Raises UnknownRecord, NotAllowed, UnknownCode, NoReason.
    """
    if not bounds.reason.strip():
        raise NoReason
    with act(actor, Verb.RESTRICT, installation.clock) as entry:
        found = _own(actor, subject, record)
        values = _values(actor, bounds)
        entry.name(subject, record, *_named(values))
        carried = found.restriction_id if subject in HEADS else None
        if carried and Restriction.objects.filter(pk=carried).update(**values, lifted_at=None):
            return carried
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


def lift(installation: Installation, actor: Actor, subject: Subject, record: UUID) -> bool:
    """Everybody may know of it again, as far as what it is about is known. False: nothing stood on it.

    Where it hides more than MANY_INSTANCES, a second person has to agree. Raises UnknownRecord, ApprovalAwaited, NotAllowed.
    """
    plan = Plan(
        Kind.POLICY, f"lift {subject} {record}", f"a restriction of more than {MANY_INSTANCES} instances is lifted"
    )
    reason = "lift what hides many records"
    with two_persons(installation, actor, plan, reason), act(actor, Verb.RESTRICT, installation.clock) as entry:
        found = _own(actor, subject, record)
        entry.name(subject, record, "lifted")
        if _hides_many(found):
            demand_approved(plan.kind, plan.text, installation.clock())
        return bool(_in_force(found).update(lifted_at=installation.clock()))


def _hides_many(record: Assertion) -> bool:
    stands = Q(restriction_id=record.restriction_id) | Q(contribution__restriction_id=record.restriction_id)
    hidden = Instance.objects.filter(stands) if record.restriction_id else Instance.objects.none()
    return hidden[: MANY_INSTANCES + 1].count() > MANY_INSTANCES


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
