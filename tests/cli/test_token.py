"""`concord token`: for what, how long, and the end of one of them."""

import itertools

import pytest

from concord.access.actor import sign_in_by_token
from concord.errors import NotSignedIn
from tests.cli.terminal import Clerk, Terminal

numbers = itertools.count(1)


@pytest.fixture
def holder(terminal: Terminal) -> Clerk:
    return Clerk.enrolled(terminal, f"holder-{next(numbers)}", codes=())


def issued(holder: Clerk, *more: str) -> str:
    return holder.run("token", "issue", *more).out.strip()


def test_a_token_opens_the_verbs_it_is_for_and_acts_for_its_own_unit(holder: Clerk) -> None:
    actor = sign_in_by_token(issued(holder, "--scope", "ask", "--scope", "ENTER"))
    assert actor.scopes == {"ASK", "ENTER"}
    assert actor.unit_name == f"Unit of {holder.profile}"
    assert not actor.is_local
    assert sign_in_by_token(issued(holder)).scopes is None


def test_a_verb_that_is_none_is_named_and_no_token_made(holder: Clerk) -> None:
    said = holder.run("token", "issue", "--scope", "EVERYTHING")
    assert said.status == 2
    assert "EVERYTHING" in said.complaint
    assert holder.run("token", "list").out == ""


@pytest.mark.parametrize("label", ["", "two\nlines", "x" * 201])
def test_a_label_can_be_read_by_which_it_is_revoked(holder: Clerk, label: str) -> None:
    assert holder.run("token", "issue", "--label", label).status == 2
    assert holder.run("token", "list").out == ""


def test_tokens_are_listed_without_their_secrets(holder: Clerk) -> None:
    secret = issued(holder, "--label", "lab", "--scope", "ASK")
    (line,) = holder.run("token", "list").out.splitlines()
    assert line.endswith("ASK  lab")
    assert secret not in line


@pytest.mark.parametrize("by", ["label", "id"])
def test_one_token_is_revoked_and_the_others_stay(holder: Clerk, by: str) -> None:
    first, second = issued(holder, "--label", "lab"), issued(holder, "--label", "desk")
    named = {"label": "lab", "id": holder.run("token", "list").out.split()[0]}[by]
    assert holder.run("token", "revoke", named).out == "1 revoked\n"
    with pytest.raises(NotSignedIn):
        sign_in_by_token(first)
    sign_in_by_token(second)
    assert holder.run("token", "revoke", "nothing").status == 1
    assert holder.run("token", "revoke").out == "1 revoked\n"


def test_nobody_revokes_anothers_token(terminal: Terminal, holder: Clerk) -> None:
    other = Clerk.enrolled(terminal, f"holder-{next(numbers)}", codes=())
    secret = issued(other, "--label", "lab")
    assert holder.run("token", "revoke", other.run("token", "list").out.split()[0]).status == 1
    sign_in_by_token(secret)
