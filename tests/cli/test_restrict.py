"""Restrictions, groups and alerts from a terminal."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.cli.terminal import Clerk


def test_a_story_of_one_restriction(clerk_of: Callable[[str], Clerk]) -> None:
    ours, theirs, _ = (clerk_of(country) for country in ("XA", "XB", "XC"))
    person = ours.make("person", "add", "--role", "VICTIM", "--label", "P-1")
    name = f"Harbour {uuid4()}"
    assert ours.run("group", "make", name).status == 0
    assert ours.run("group", "add", name, "XC").out == "taken in\n"
    (listed,) = ours.run("group", "list", "--json").objects
    assert (listed["name"], listed["countries"]) == (name, ["XC"])
    assert ours.run("restrict", "show", "person", person).out.endswith("no restriction\n")
    assert ours.run("restrict", "set", "person", person, "--reason", "an operation", "--group", name).status == 0
    shown = ours.run("restrict", "show", "person", person).out
    assert f"groups: {name}" in shown
    assert "reason: an operation" in shown
    assert theirs.run("restrict", "show", "person", person).status == 1
    assert ours.run("restrict", "lift", "person", person).out == "lifted\n"
    assert ours.run("restrict", "lift", "person", person).out == "nothing stood on it\n"
    assert ours.run("group", "remove", name, "XC").out == "taken out\n"


def test_who_asks_in_vain_is_told_to_the_owner(clerk_of: Callable[[str], Clerk]) -> None:
    ours, theirs = clerk_of("XA"), clerk_of("XB")
    digest = f"{uuid4().hex}{uuid4().hex}"
    assert ours.run("enter", digest, "--case", "C-1", "--own-country-only", "an operation").status == 0
    assert [line["answer"] for line in theirs.ask(digest)] == ["NEW"]
    (alert,) = ours.run("alerts", "list", "--json").objects
    assert alert["asker"]["country"] == "XB"
    assert "answer until" in ours.run("alerts", "list").out
    assert theirs.run("alerts", "answer", alert["alert"], "--done", "mine").status == 1
    assert ours.run("alerts", "answer", alert["alert"], "--done", "called them").out == "answered\n"
    assert ours.run("alerts", "list").out == ""
    assert "answered: called them" in ours.run("alerts", "list", "--all").out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("restrict", "set", "nothing", str(uuid4()), "--reason", "r"), 2),
        (("restrict", "set", "person", str(uuid4()), "--reason", " "), 2),
        (("restrict", "set", "person", str(uuid4()), "--reason", "r", "--silent"), 2),  # keeps nobody out
        (("restrict", "set", "person", str(uuid4()), "--reason", "r", "--own-unit-only"), 1),
        (("group", "add", "none", "atlantis"), 2),
        (("suspend", "begin", "person", str(uuid4()), "--reason", "a doubt"), 1),
        (("alerts", "overdue"), 1),
    ],
)
def test_what_cannot_be_done_says_so(clerk: Clerk, arguments: tuple[str, ...], status: int) -> None:
    said = clerk.run(*arguments)
    assert said.status == status
    assert said.err.startswith("concord: ")


def test_nothing_is_suspended_until_the_hub_does(clerk: Clerk) -> None:
    assert clerk.run("suspend", "list").out == ""
