"""*Stage*: plays the synthetic world into an installation as its officers would, and asks what they would ask.

Only through the verbs that real officers use: what works here works there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from concord.access.actor import Actor, sign_in
from concord.actions.ask import ask
from concord.actions.enrol import UnitFacts, enrol_unit, enrol_user
from concord.actions.enter import Terms, enter_files
from concord.actions.identify import identify
from concord.actions.installation import Installation
from concord.actions.say import add_appearance, add_person, open_case, open_series
from concord.records.answer import Answer
from concord.records.person import Role
from concord.training.names import Unit
from concord.training.world import Entry, Question, World
from concord.values import Basis, CountryCode, Purpose

PROFILE = "officer"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the plan and what came back."""

    question: Question
    answer: Answer

    @property
    def is_right(self) -> bool:
        return (self.answer.answer, self.answer.match) == (self.question.answer, self.question.match)


def enrol_officers(world: World) -> dict[CountryCode, Actor]:
    """One officer a unit."""
    return {unit.country: sign_in(_enrolled(unit)) for unit in world.units}


def enter_world(
    installation: Installation, world: World, officers: Mapping[CountryCode, Actor], folder: Path
) -> Iterator[Path]:
    """Cases, series, persons and pictures, each by its officer; yields each picture's file as it is entered."""
    for case in world.cases:
        open_case(installation, officers[case.unit], case.reference)
    for unit, series in dict.fromkeys((entry.unit, entry.series) for entry in world.entries if entry.series):
        open_series(installation, officers[unit], series)
    persons = {
        person.key: add_person(installation, officers[person.owner], Role.parse(person.role), person.key)
        for person in world.persons
    }
    for entry in world.entries:
        yield _entered(installation, world, entry, officers[entry.unit], persons, folder)
    for person in world.persons:
        if person.state == "identified":
            identify(installation, officers[person.owner], persons[person.key])


def ask_world(
    installation: Installation, world: World, officers: Mapping[CountryCode, Actor], folder: Path
) -> Iterator[Asked]:
    """Every question of the plan, in its order."""
    for question in world.questions:
        path = folder / question.unit / "questions" / world.question_name(question)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(world.question_bytes(question))
        (answer,) = ask(installation, officers[question.unit], [path])
        yield Asked(question, answer)


def _enrolled(unit: Unit) -> UUID:
    channel = f"extension {unit.phone_extension}, {unit.email}"
    facts = UnitFacts(unit.country, unit.country_name, unit.name, channel, unit.office_hours, unit.time_zone)
    return enrol_user(enrol_unit(facts), unit.officer_name, PROFILE, Purpose.TRAINING, Basis.TRAINING)


def _entered(
    installation: Installation, world: World, entry: Entry, actor: Actor, persons: Mapping[str, UUID], folder: Path
) -> Path:
    path = folder / entry.unit / entry.case / world.plan_of(entry.picture).file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(world.picture(entry.picture))
    reason = "a running operation" if entry.restricted else None
    (line,) = enter_files(installation, actor, [path], Terms(entry.case, entry.category, entry.series, reason))
    for person in entry.persons:
        add_appearance(installation, actor, persons[person], _known(line.material))
    return path


def _known(material: UUID | None) -> UUID:
    assert material is not None  # noqa: S101  the world's pictures can be read
    return material
