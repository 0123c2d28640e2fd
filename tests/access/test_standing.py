"""Who a token of late belonged to is a guess, which the database confirms or refuses in the act itself; and whoever acts is
somebody, with what he was given."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from concord.access.actor import Actor, Reach, sign_in_by_token
from concord.access.audit import Verb
from concord.access.models import AuditEntry
from concord.access.standing import MOST, Standings
from concord.actions.act import act, act_at_once
from concord.actions.enrol import OWNER, issue_token, revoke_tokens, set_active
from concord.database.acting import acting, before_anybody, fresh_rows
from concord.errors import StandingChanged
from concord.records.country import Country
from concord.records.evidence import Lookup
from concord.records.user import Certificate, Grant, Token, User, UserRole
from concord.values import CountryCode, DigestKind, utc_now
from tests.officers import Officers

LOOKUP = Lookup(DigestKind.SHA256, [bytes(32)])


def looked_up(actor: Actor) -> None:
    act_at_once(actor, Verb.ASK, utc_now, ["x"], LOOKUP.sql, LOOKUP.values)


def entries(actor: Actor) -> int:
    return AuditEntry.objects.using(OWNER).filter(user=actor.user).count()


@pytest.fixture
def guess(officers: Officers) -> Iterator[Actor]:
    """Of an officer who was signed in by a token before. His country is that of other tests, too: it stays as it was."""
    secret = officers.token(officers.of("XA"))
    standings = Standings()
    standings.remember(secret, sign_in_by_token(secret))
    remembered = standings.guess(secret)
    assert remembered is not None
    country = Country.objects.using(OWNER).filter(pk="XA")
    before = country.get().participation
    yield remembered
    country.update(participation=before)


def test_a_guess_that_holds_looks_up_and_leaves_its_entry(guess: Actor) -> None:
    looked_up(guess)
    assert entries(guess) == 1


def test_a_guess_is_good_for_nothing_else(guess: Actor) -> None:
    with pytest.raises(StandingChanged), act(guess, Verb.ASK, utc_now):
        pass
    assert entries(guess) == 0


def revoke_the_token(actor: Actor) -> None:
    revoke_tokens(actor.profile, utc_now)


def let_the_token_expire(actor: Actor) -> None:
    Token.objects.using(OWNER).filter(profile_id=actor.profile).update(expires_at=utc_now())


def narrow_the_token(actor: Actor) -> None:
    Token.objects.using(OWNER).filter(profile_id=actor.profile).update(scopes=[Verb.ENTER])


def disable_the_user(actor: Actor) -> None:
    set_active(actor.profile, active=False)


def revoke_the_role(actor: Actor) -> None:
    Grant.objects.using(OWNER).filter(user_id=actor.user, role=UserRole.OFFICER).update(revoked_at=utc_now())


def grant_a_role(actor: Actor) -> None:
    Grant.objects.using(OWNER).create(user_id=actor.user, role=UserRole.AUDITOR, granted_at=utc_now())


def let_the_country_only_read(actor: Actor) -> None:
    Country.objects.using(OWNER).filter(pk=actor.country).update(participation="READ-ONLY")


@pytest.mark.parametrize(
    "change",
    [
        revoke_the_token,
        let_the_token_expire,
        narrow_the_token,
        disable_the_user,
        revoke_the_role,
        grant_a_role,
        let_the_country_only_read,
    ],
)
def test_a_guess_that_holds_no_longer_reads_nothing(guess: Actor, change: Callable[[Actor], None]) -> None:
    change(guess)
    with pytest.raises(StandingChanged):
        looked_up(guess)
    assert entries(guess) == 0


@pytest.mark.parametrize("name", ["country", "unit", "user", "roles"])
def test_a_standing_is_no_other_persons(officers: Officers, guess: Actor, name: str) -> None:
    other = replace(officers.of("XB"), roles=frozenset({UserRole.SUPERVISOR}))
    with pytest.raises(StandingChanged):
        looked_up(replace(guess, **{name: getattr(other, name)}))


@pytest.mark.parametrize("left_out", [5, 6, 7], ids=["roles", "seat", "standing"])
def test_what_is_left_out_confirms_nothing(guess: Actor, left_out: int) -> None:
    said: list[object] = [*guess.setting(utc_now())]
    said[left_out] = None
    with before_anybody():
        assert fresh_rows("select still_stands(%s)", [said]) == [(False,)]


def test_of_a_token_that_opens_once_nothing_is_guessed(officers: Officers) -> None:
    secret = issue_token(officers.of("XA").profile, "link", utc_now, single_use=True)
    standings = Standings()
    standings.remember(secret, sign_in_by_token(secret))
    assert standings.guess(secret) is None


def test_a_token_that_opened_once_is_not_confirmed_either(officers: Officers) -> None:
    actor = sign_in_by_token(issue_token(officers.of("XA").profile, "link", utc_now, single_use=True))
    with pytest.raises(StandingChanged):
        looked_up(replace(actor, standing="0" * 64))


def test_what_is_forgotten_is_not_guessed_and_the_oldest_make_room(officers: Officers) -> None:
    secrets = [officers.token(officers.of("XA")) for _ in range(3)]
    assert MOST == 10_000
    standings = Standings(most=2)
    for secret in secrets:
        standings.remember(secret, sign_in_by_token(secret))
    assert [standings.guess(secret) is None for secret in secrets] == [True, False, False]
    standings.forget(secrets[1])
    assert standings.guess(secrets[1]) is None


@pytest.mark.parametrize(
    "forged",
    [
        {"country": CountryCode("XB")},
        {"country": "xa"},
        {"unit": uuid4()},
        {"user": uuid4()},
        {"roles": [UserRole.HUB_ADMINISTRATOR]},
        {"roles": [UserRole.OFFICER, "nothing,AUDITOR"]},
        {"reach": Reach.REAL},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_nobody_acts_who_is_not_there_or_was_not_given_that(officers: Officers, forged: dict[str, object]) -> None:
    actor = officers.of("XA")
    officers.of("XB")
    Certificate.objects.using(OWNER).filter(user_id=actor.user).update(revoked_at=utc_now())
    right = {"country": actor.country, "unit": actor.unit, "user": actor.user, "roles": [UserRole.OFFICER]}
    with acting(**right):  # type: ignore[arg-type]
        pass
    with pytest.raises(StandingChanged), acting(**(right | forged)):  # type: ignore[arg-type]
        pass


def test_whoever_was_disabled_a_moment_ago_acts_no_more(officers: Officers) -> None:
    actor = officers.of("XA")
    with act(actor, Verb.ASK, utc_now):
        pass
    User.objects.using(OWNER).filter(pk=actor.user).update(active=False)
    with pytest.raises(StandingChanged), act(actor, Verb.ASK, utc_now):
        pass
