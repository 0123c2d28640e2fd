"""The short commands: what they answer, and whom they refuse."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from concord.records.person import Person
from tests.cli.seized import new_picture
from tests.cli.terminal import Clerk


def test_each_gives_the_id_of_what_it_made(clerk: Clerk) -> None:
    for arguments in (
        ("case", "open", "C-2"),
        ("series", "open", "S-2"),
        ("person", "add", "--role", "VICTIM", "--label", "P-1"),
    ):
        said = clerk.run(*arguments, "--json")
        (made,) = said.objects
        assert (said.status, list(made)) == (0, [arguments[0]])
        UUID(made[arguments[0]])


def test_a_case_is_opened_once(clerk: Clerk) -> None:
    said = clerk.run("case", "open", "C-1")
    assert said.status == 1
    assert "case C-1: there is one already" in said.complaint


def test_an_unknown_role_is_wrong_usage(clerk: Clerk) -> None:
    said = clerk.run("person", "add", "--role", "WITNESS", "--label", "P-1")
    assert said.status == 2
    assert "VICTIM, SUSPECT" in said.complaint


@pytest.mark.parametrize("person", ["7", "", "P-1"])
def test_what_is_no_id_is_wrong_usage(clerk: Clerk, person: str) -> None:
    assert clerk.run("identify", person).status == 2


def test_identify_says_what_was_and_what_is(clerk: Clerk) -> None:
    person = clerk.make("person", "add", "--role", "VICTIM", "--label", "P-1")
    said = clerk.run("identify", person, "--json")
    assert said.objects == [{"person": person, "before": "UNIDENTIFIED", "state": "IDENTIFIED"}]
    assert clerk.run("identify", person, "--state", "SAFEGUARDED").out == f"{person}: identified -> safeguarded\n"
    assert clerk.run("identify", person, "--state", "FOUND").status == 2


def test_another_countrys_person_is_not_identified_and_the_reason_is_given(
    clerk_of: Callable[[str], Clerk],
) -> None:
    ours, theirs = clerk_of("XA"), clerk_of("XB")
    person = ours.make("person", "add", "--role", "VICTIM", "--label", "P-1")
    said = theirs.run("identify", person)
    assert said.status == 1
    assert "belongs to XA" in said.complaint
    assert Person.objects.using("owner").get(pk=person).state == "UNIDENTIFIED"


def test_a_person_that_is_not_there_is_named(clerk: Clerk) -> None:
    nobody = str(uuid4())
    said = clerk.run("identify", nobody)
    assert said.status == 1
    assert nobody in said.complaint


def test_an_appearance_is_said_once_and_only_of_what_is_there(clerk: Clerk, tmp_path: Path) -> None:
    (line,) = clerk.enter(new_picture(tmp_path / "a.jpg"))
    person = clerk.make("person", "add", "--role", "VICTIM", "--label", "P-1")
    whole = ("--person", person, "--material", line["material"])
    UUID(clerk.make("appearance", "add", *whole))
    again = clerk.run("appearance", "add", *whole)
    assert (again.status, "there is one already" in again.complaint) == (1, True)
    nowhere = clerk.run("appearance", "add", "--person", person, "--material", str(uuid4()))
    assert (nowhere.status, nowhere.complaint.startswith("concord: material ")) == (1, True)


def test_of_two_unknown_records_the_person_is_named_first(clerk: Clerk) -> None:
    person, material = str(uuid4()), str(uuid4())
    said = clerk.run("appearance", "add", "--person", person, "--material", material)
    assert said.complaint.startswith(f"concord: person {person}")
