"""*Identify*: a person becomes identified, and every answer that rests on the person changes with the next question."""

from uuid import UUID

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.rules import all_of, demand, owned_by_own_country
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.errors import UnknownRecord
from concord.records.person import Person, PersonState

may_identify = all_of(owned_by_own_country)


def identify(
    installation: Installation, actor: Actor, person: UUID, state: PersonState = PersonState.IDENTIFIED
) -> PersonState:
    """Returns the state before. Raises UnknownRecord, NotAllowed."""
    with act(actor, Verb.IDENTIFY, installation.clock) as entry:
        entry.name(person)
        found = Person.objects.filter(pk=person).first()
        if found is None:
            raise UnknownRecord(what="person", name=person)
        demand(may_identify, actor, found)
        found = Person.objects.select_for_update().get(pk=person)
        before = PersonState(found.state)
        if before is not state:
            Person.objects.filter(pk=person).update(state=state, state_since=installation.clock())
    return before
