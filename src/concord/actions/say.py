"""How an actor says something: the envelope of every assertion, and the short acts that open a record."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Coalesce
from psycopg.errors import UniqueViolation

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.rules import all_of, basis_fits_purpose, basis_is_given, demand
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import AlreadyThere, UnknownRecord
from concord.records.assertion import Assertion
from concord.records.case import Case
from concord.records.material import Instance, Material
from concord.records.person import Appearance, Person, PersonState, Role
from concord.records.series import Series
from concord.values import readable_name

may_say = all_of(basis_is_given, basis_fits_purpose)


def envelope(actor: Actor, now: datetime) -> dict[str, Any]:
    """Who says it, for whom, when, why. The rules of what is entered have been asked before."""
    return {
        "owner_country_id": actor.country,
        "owner_unit_id": actor.unit,
        "author_id": actor.user,
        "recorded_at": now,
        "purpose": actor.purpose,
        "basis": actor.basis,
    }


def open_case(installation: Installation, actor: Actor, reference: str) -> UUID:
    """Raises AlreadyThere, NotAllowed."""
    return _say(installation, actor, Verb.OPEN_CASE, Case, reference, reference=reference)


def open_series(installation: Installation, actor: Actor, name: str) -> UUID:
    """Raises AlreadyThere, NotAllowed."""
    return _say(installation, actor, Verb.OPEN_SERIES, Series, name, name=name)


def add_person(installation: Installation, actor: Actor, role: Role, label: str) -> UUID:
    """An unidentified person, known by a neutral label."""
    now = installation.clock()
    facts = {"role": role, "label": label, "state": PersonState.UNIDENTIFIED, "state_since": now}
    return _say(installation, actor, Verb.ADD_PERSON, Person, label, **facts)


def add_appearance(installation: Installation, actor: Actor, person: UUID, material: UUID) -> UUID:
    """The person, whoever entered it, appears in the material. What is said of material that one's own country hides is
    hidden with it. Raises UnknownRecord, AlreadyThere, NotAllowed.
    """
    with act(actor, Verb.ADD_APPEARANCE, installation.clock) as entry:
        entry.name(person, material)
        if not Person.objects.filter(pk=person).exists():
            raise UnknownRecord(what="person", name=person)
        if not Material.objects.filter(pk=material).exists():
            raise UnknownRecord(what="material", name=material)
        said = envelope(actor, installation.clock()) | {"restriction_id": own_restriction(actor, material)}
        appearance = Appearance(**said, person_id=person, material_id=material)
        _save(actor, appearance, f"{person} in {material}")
    return appearance.id


def own_restriction(actor: Actor, material: UUID) -> UUID | None:
    """The restriction under which the own country holds a material; None where it shares it, or does not hold it."""
    holdings = Instance.objects.filter(material_id=material, owner_country_id=actor.country)
    carried = holdings.annotate(holds=own_or_contributions()).order_by("recorded_at", "id")
    restrictions = list(carried.values_list("holds", flat=True))
    return None if None in restrictions else next(iter(restrictions), None)


def own_or_contributions() -> Coalesce:
    """Of an instance: the restriction that holds for it, its own or else its contribution's."""
    return Coalesce(_in_force("restriction"), _in_force("contribution__restriction"))


def _in_force(restriction: str) -> models.Case:
    """Its id, unless it was lifted or has ended. The database says so: another unit's cannot be read."""
    given = models.F(f"{restriction}_id")
    stands = models.Func(given, function="restriction_stands", output_field=models.BooleanField())
    return models.Case(models.When(stands, then=given), default=None)


def _say(
    installation: Installation, actor: Actor, verb: Verb, noun: type[Assertion], called: str, /, **facts: Any
) -> UUID:
    what = str(noun._meta.model_name)
    readable_name(what, called)
    with act(actor, verb, installation.clock) as entry:
        record = noun(**envelope(actor, installation.clock()), **facts)
        entry.name(record.id)
        _save(actor, record, called)
    return record.id


def _save(actor: Actor, record: Assertion, called: str) -> None:
    demand(may_say, actor, record)
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise AlreadyThere(what=record._meta.model_name, name=called) from None
