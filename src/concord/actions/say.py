"""How an actor says something: the envelope of every assertion, and the short acts that open a record."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.rules import basis_is_given, demand
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import AlreadyThere, UnknownRecord
from concord.records.assertion import Assertion
from concord.records.case import Case
from concord.records.material import Material
from concord.records.person import Appearance, Person, PersonState, Role
from concord.records.series import Series


def envelope(actor: Actor, now: datetime) -> dict[str, Any]:
    """Who says it, for whom, when, why. The rule that a basis is given has been asked before."""
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
    """The person, whoever entered it, appears in the material. Raises UnknownRecord, AlreadyThere, NotAllowed."""
    return _say(
        installation,
        actor,
        Verb.ADD_APPEARANCE,
        Appearance,
        f"{person} in {material}",
        person=person,
        material=material,
    )


def _say(
    installation: Installation, actor: Actor, verb: Verb, noun: type[Assertion], called: str, /, **facts: Any
) -> UUID:
    with act(actor, verb, installation.clock) as entry:
        record = noun(**envelope(actor, installation.clock()), **_known(facts))
        entry.name(record.id)
        demand(basis_is_given, actor, record)
        try:
            with transaction.atomic():
                record.save(force_insert=True)
        except IntegrityError:
            raise AlreadyThere(what=noun._meta.model_name, name=called) from None
    return record.id


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    """Turns ids of records into the records, as far as the actor may see them."""
    nouns = {"person": Person, "material": Material}
    known = dict(facts)
    for name in nouns.keys() & facts.keys():
        known[name] = nouns[name]._default_manager.filter(pk=facts[name]).first()
        if known[name] is None:
            raise UnknownRecord(what=name, name=facts[name])
    return known
