"""`concord unit set`: the contact that every answer names can be corrected, and by no other way."""

import itertools

import pytest

from tests.cli.terminal import CODES, Clerk, Said, Terminal

numbers = itertools.count(1)


@pytest.fixture
def name() -> str:
    return f"contact-{next(numbers)}"


def add(terminal: Terminal, profile: str, unit: str, *contact: str) -> Said:
    return terminal.run(
        "profile", "add", profile, "--country", "XA", "--unit", unit, "--user", profile, *CODES, *contact
    )


def test_the_next_answer_names_the_corrected_contact(terminal: Terminal, name: str) -> None:
    clerk = Clerk.enrolled(terminal, name)
    digest = f"{next(numbers):064x}"
    clerk.enter(digest)
    unit = f"Unit of {name}"
    where = ("--country", "XA", "--unit", unit)
    said = terminal.run("unit", "set", *where, "--channel", "x 12", "--time-zone", "Europe/Lisbon")
    assert (said.status, said.out) == (0, f"{unit} (XA): x 12, not recorded Europe/Lisbon\n")
    terminal.run("unit", "set", *where, "--hours", "09-17")
    (line,) = clerk.ask(digest)
    contact = {key: line["contact"][key] for key in ("unit", "channel", "hours", "time_zone")}
    assert contact == {"unit": unit, "channel": "x 12", "hours": "09-17", "time_zone": "Europe/Lisbon"}


def test_a_unit_that_is_not_there_is_not_made(terminal: Terminal) -> None:
    said = terminal.run("unit", "set", "--country", "XA", "--unit", "Nowhere", "--hours", "09-17")
    assert said.status == 1
    assert "Nowhere" in said.complaint
    assert terminal.run("unit", "set", "--country", "XA", "--unit", "Nowhere", "--hours", "09-17").status == 1


def test_setting_nothing_is_refused(terminal: Terminal) -> None:
    said = terminal.run("unit", "set", "--country", "XA", "--unit", "Nowhere")
    assert said.status == 2
    assert "--channel" in said.complaint


@pytest.mark.parametrize("wrong", [("--time-zone", "Mars/Olympus"), ("--channel", ""), ("--hours", "\x07")])
def test_an_unfit_contact_changes_nothing(terminal: Terminal, name: str, wrong: tuple[str, str]) -> None:
    unit = f"Unit of {name}"
    assert add(terminal, name, unit, "--channel", "x 1").status == 0
    assert terminal.run("unit", "set", "--country", "XA", "--unit", unit, *wrong).status == 2
    assert add(terminal, f"{name}-b", unit, "--channel", "x 1", "--time-zone", "UTC").status == 0


def test_a_profile_of_a_known_unit_does_not_bring_another_contact(terminal: Terminal, name: str) -> None:
    unit = f"Unit of {name}"
    add(terminal, name, unit, "--channel", "x 1")
    said = add(terminal, f"{name}-b", unit, "--channel", "x 2")
    assert said.status == 1
    assert "concord unit set" in said.complaint
    assert "x 1" in said.complaint
    assert not (terminal.config.profiles / f"{name}-b.json").exists()
    for same in ((), ("--channel", "x 1")):
        assert add(terminal, f"{name}-{len(same)}", unit, *same).status == 0
