"""`concord profile`: a name is one person until somebody says otherwise, and works until it is disabled."""

import itertools

import pytest

from concord.access.actor import begin_session, sign_in, sign_in_by_session
from concord.cli.profiles import read_profile
from concord.errors import SessionEnded
from tests.cli.terminal import CODES, Terminal

numbers = itertools.count(1)
DIGEST = "ab" * 32


@pytest.fixture
def name() -> str:
    return f"person-{next(numbers)}"


def who(name: str, user: str = "Ada") -> tuple[str, ...]:
    return ("--country", "XA", "--unit", f"Unit of {name}", "--user", user, *CODES)


def test_a_taken_name_does_not_become_somebody_else(terminal: Terminal, name: str) -> None:
    assert terminal.run("profile", "add", name, *who(name)).status == 0
    before = read_profile(terminal.config.profiles, name)
    said = terminal.run("profile", "add", name, *who(name, "Bo"))
    assert said.status == 1
    assert name in said.complaint
    assert "--replace" in said.complaint
    assert read_profile(terminal.config.profiles, name) == before


def test_a_name_is_given_to_somebody_else_on_demand_and_the_tokens_of_the_former_end(
    terminal: Terminal, name: str
) -> None:
    terminal.run("profile", "add", name, *who(name))
    session = begin_session(terminal.run("token", "issue", "--as", name).out.strip())
    assert terminal.run("profile", "add", name, *who(name, "Bo"), "--replace").status == 0
    assert sign_in(read_profile(terminal.config.profiles, name)).user_name == "Bo"
    with pytest.raises(SessionEnded):
        sign_in_by_session(session)


def test_replacing_a_person_by_the_same_leaves_the_tokens(terminal: Terminal, name: str) -> None:
    terminal.run("profile", "add", name, *who(name))
    session = begin_session(terminal.run("token", "issue", "--as", name).out.strip())
    assert terminal.run("profile", "add", name, *who(name), "--replace").status == 0
    assert sign_in_by_session(session).user_name == "Ada"


def test_a_broken_profile_is_named_and_made_anew(terminal: Terminal, name: str) -> None:
    terminal.run("profile", "add", name, *who(name))
    path = terminal.config.profiles / f"{name}.json"
    path.write_text("")
    said = terminal.run("ask", DIGEST, "--as", name)
    assert said.status == 1
    assert str(path) in said.complaint
    assert terminal.run("profile", "add", name, *who(name)).status == 1
    assert terminal.run("profile", "add", name, *who(name), "--replace").status == 0
    assert terminal.run("ask", DIGEST, "--as", name).status == 0


def test_an_unknown_profile_is_told_how_to_make_one(terminal: Terminal, name: str) -> None:
    said = terminal.run("ask", DIGEST, "--as", name)
    assert said.status == 2
    assert "concord profile add" in said.complaint


def test_a_disabled_profile_does_nothing_until_it_is_enabled(terminal: Terminal, name: str) -> None:
    terminal.run("profile", "add", name, *who(name))
    assert terminal.run("profile", "disable", "--as", name).status == 0
    said = terminal.run("ask", DIGEST, "--as", name)
    assert said.status == 1
    assert "disabled" in said.complaint
    assert terminal.run("profile", "enable", "--as", name).status == 0
    assert terminal.run("ask", DIGEST, "--as", name).status == 0


@pytest.mark.parametrize("verb", ["disable", "enable"])
def test_nobody_is_disabled_by_default(terminal: Terminal, verb: str) -> None:
    assert terminal.run("profile", verb).status == 2


@pytest.mark.parametrize(
    "wrong",
    [("--unit", ""), ("--user", "\n"), ("--user", "a\u202eb"), ("--country-name", ""), ("--time-zone", "UTC+1")],
)
def test_what_people_will_read_is_readable(terminal: Terminal, name: str, wrong: tuple[str, str]) -> None:
    said = terminal.run("profile", "add", name, *who(name), *wrong)
    assert said.status == 2
    assert said.complaint
    assert not (terminal.config.profiles / f"{name}.json").exists()


def test_a_name_of_another_script_is_readable(terminal: Terminal, name: str) -> None:
    assert terminal.run("profile", "add", name, *who(name, "می\u200cنا O'Brien-Żak")).status == 0
