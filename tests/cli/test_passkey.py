"""`concord passkey`: a link is printed once, for one person."""

import itertools

import pytest

from concord.access.passkey import invited
from concord.errors import InvitationSpent
from concord.values import utc_now
from tests.cli.terminal import Clerk, Terminal

numbers = itertools.count(1)


@pytest.fixture
def person(terminal: Terminal) -> Clerk:
    return Clerk.enrolled(terminal, f"invited-{next(numbers)}", codes=())


def test_an_invitation_is_a_link_whose_secret_is_never_sent(person: Clerk) -> None:
    link = person.run("passkey", "invite", "--origin", "https://concord.example").out.strip()
    address, _, secret = link.partition("#")
    assert address == "https://concord.example/join"
    assert invited(secret, utc_now()).user_name == f"Officer {person.profile}"


def test_revoking_ends_open_invitations_as_well(person: Clerk) -> None:
    secret = person.run("passkey", "invite").out.strip().partition("#")[2]
    assert person.run("passkey", "revoke").out == "0 revoked\n"
    with pytest.raises(InvitationSpent):
        invited(secret, utc_now())


def test_whoever_is_no_administrator_invites_nobody(person: Clerk) -> None:
    said = person.run("passkey", "invite", "--by", person.profile)
    assert said.status == 1
    assert "INVITE" in said.complaint
