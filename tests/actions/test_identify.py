"""Identifying: the answers change with the very next question."""

from uuid import uuid4

import pytest

from concord.access.audit import AuditEntry
from concord.actions.identify import identify
from concord.actions.say import add_appearance, add_person, open_series
from concord.database.acting import acting
from concord.errors import AlreadyThere, NotAllowed, UnknownRecord
from concord.records.person import PersonState, Role
from tests.desk import Desk, Desks


def _with_persons(desk: Desk, *roles: Role) -> tuple[object, list]:  # type: ignore[type-arg]
    path = desk.picture("a.jpg")
    (line,) = desk.enter(path)
    assert line.material
    persons = [add_person(desk.installation, desk.actor, role, f"P-{n}") for n, role in enumerate(roles)]
    for person in persons:
        add_appearance(desk.installation, desk.actor, person, line.material)
    return path, persons


def test_the_answer_follows_the_victims(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    path, (first, second, suspect) = _with_persons(ours, Role.VICTIM, Role.VICTIM, Role.SUSPECT)

    def answer() -> tuple[object, ...]:
        (said,) = theirs.ask(path)  # type: ignore[arg-type]
        return said.answer, said.victims.identified, said.victims.recorded, said.suspects.identified

    assert answer() == ("KNOWN", 0, 2, 0)
    identify(ours.installation, ours.actor, suspect)
    assert answer() == ("KNOWN", 0, 2, 1)
    identify(ours.installation, ours.actor, first)
    assert answer() == ("PARTLY_IDENTIFIED", 1, 2, 1)
    identify(ours.installation, ours.actor, second, PersonState.SAFEGUARDED)
    assert answer() == ("IDENTIFIED", 2, 2, 1)
    identify(ours.installation, ours.actor, second, PersonState.TENTATIVE)
    assert answer() == ("PARTLY_IDENTIFIED", 1, 2, 1)


def test_identified_by_a_near_match_is_unconfirmed(desk: Desk) -> None:
    path = desk.picture("a.jpg", seed=41)
    (line,) = desk.enter(path)
    person = add_person(desk.installation, desk.actor, Role.VICTIM, "P")
    assert line.material
    add_appearance(desk.installation, desk.actor, person, line.material)
    assert identify(desk.installation, desk.actor, person) is PersonState.UNIDENTIFIED
    (near,) = desk.ask(desk.picture("copy.jpg", seed=41, quality=30))
    assert (near.answer, near.match, list(near.qualifiers)) == ("IDENTIFIED", "near", ["UNCONFIRMED"])
    (exact,) = desk.ask(path)
    assert (exact.answer, list(exact.qualifiers)) == ("IDENTIFIED", [])


def test_another_country_may_not_identify_and_leaves_an_entry(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    _, (person,) = _with_persons(ours, Role.VICTIM)
    with pytest.raises(NotAllowed, match="belongs to XA"):
        identify(theirs.installation, theirs.actor, person)
    with acting(theirs.actor.country, theirs.actor.unit, theirs.actor.user):
        (entry,) = AuditEntry.objects.filter(user=theirs.actor.user, verb="IDENTIFY")
    assert (entry.outcome, entry.reason, entry.items) == ("REFUSED", "not_allowed", [str(person)])


def test_a_colleague_of_the_same_country_may(desks: Desks) -> None:
    ours, colleague = desks.of("XA"), desks.of("XA")
    _, (person,) = _with_persons(ours, Role.VICTIM)
    identify(colleague.installation, colleague.actor, person)


def test_nobody_is_identified_who_is_not_there(desk: Desk) -> None:
    with pytest.raises(UnknownRecord):
        identify(desk.installation, desk.actor, uuid4())


def test_another_country_may_say_where_a_known_person_appears(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    _, (person,) = _with_persons(ours, Role.VICTIM)
    identify(ours.installation, ours.actor, person)
    path = theirs.picture("b.jpg")
    (line,) = theirs.enter(path)
    assert line.material
    add_appearance(theirs.installation, theirs.actor, person, line.material)
    assert ours.ask(path)[0].answer == "IDENTIFIED"
    with pytest.raises(AlreadyThere):
        add_appearance(theirs.installation, theirs.actor, person, line.material)


def test_an_appearance_needs_records_that_one_may_see(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    (hidden,) = ours.enter(ours.picture("a.jpg"), own_country_only="a running operation")
    person = add_person(theirs.installation, theirs.actor, Role.VICTIM, "P")
    assert hidden.material
    with pytest.raises(UnknownRecord):
        add_appearance(theirs.installation, theirs.actor, person, hidden.material)


def test_what_is_said_of_hidden_material_is_hidden_with_it(desks: Desks) -> None:
    """Also from a country that comes upon the same file by itself."""
    ours, theirs = desks.of("XA"), desks.of("XB")
    open_series(ours.installation, ours.actor, "S-1")
    path = ours.picture("a.jpg")
    (line,) = ours.enter(path, own_country_only="a running operation", series="S-1")
    person = add_person(ours.installation, ours.actor, Role.VICTIM, "P")
    assert line.material
    add_appearance(ours.installation, ours.actor, person, line.material)
    identify(ours.installation, ours.actor, person)
    theirs.enter(path)
    (answer,) = theirs.ask(path)
    assert (answer.answer, answer.victims.recorded, answer.matches[0].series) == ("KNOWN", 0, ())
    (at_home,) = ours.ask(path)
    assert (at_home.answer, at_home.victims.recorded) == ("IDENTIFIED", 1)


def test_what_is_said_of_material_that_one_shares_as_well_is_shared(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    path = ours.picture("a.jpg", seed=42)
    (line,) = ours.enter(path, own_country_only="a running operation")
    ours.enter(ours.picture("b.jpg", seed=42))
    person = add_person(ours.installation, ours.actor, Role.VICTIM, "P")
    assert line.material
    add_appearance(ours.installation, ours.actor, person, line.material)
    assert theirs.ask(path)[0].victims.recorded == 1
