"""Signing in: by profile or token, read anew each time; a single-use token opens once, whoever is faster."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connections

from concord.access.actor import begin_session, sign_in, sign_in_again, sign_in_by_session, sign_in_by_token, still
from concord.access.session import Session
from concord.actions.enrol import issue_token, revoke_tokens, set_active
from concord.errors import NotSignedIn, ProfileOut, SessionEnded, UnknownRecord
from concord.records.user import Profile, Token, User
from concord.values import Basis, Purpose, utc_now
from tests.officers import Officers


def test_a_token_signs_its_profile_in(officers: Officers) -> None:
    actor = officers.of("XA")
    assert sign_in_by_token(officers.token(actor)) == actor


@pytest.mark.parametrize("secret", ["", "x", "\x00", "a" * 10_000])
def test_a_wrong_token_opens_nothing(officers: Officers, secret: str) -> None:
    with pytest.raises(NotSignedIn):
        sign_in_by_token(secret)


def test_a_revoked_token_is_refused_from_the_next_request_on(officers: Officers) -> None:
    actor = officers.of("XA")
    secret = officers.token(actor)
    sign_in_by_token(secret)
    assert revoke_tokens(actor.profile, utc_now) == 1
    with pytest.raises(NotSignedIn):
        sign_in_by_token(secret)


def test_an_expired_token_is_refused(officers: Officers) -> None:
    secret = issue_token(officers.of("XA").profile, "old", utc_now, lasting=timedelta(seconds=-1))
    with pytest.raises(NotSignedIn):
        sign_in_by_token(secret)


def test_a_single_use_token_opens_once_whoever_is_faster(officers: Officers) -> None:
    secret = issue_token(officers.of("XA").profile, "link", utc_now, single_use=True)

    def opened(_: int) -> bool:
        try:
            sign_in_by_token(secret)
        except NotSignedIn:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(opened, range(16))) == 1


def test_a_session_is_its_tokens_owner_as_long_as_the_token_is_valid(officers: Officers) -> None:
    actor = officers.of("XA")
    token = begin_session(issue_token(actor.profile, "link", utc_now, single_use=True))
    assert sign_in_by_session(token) == sign_in_by_session(token) == actor
    revoke_tokens(actor.profile, utc_now)
    with pytest.raises(SessionEnded):
        sign_in_by_session(token)


def test_no_session_begins_with_a_wrong_or_spent_token(officers: Officers) -> None:
    secret = issue_token(officers.of("XA").profile, "link", utc_now, single_use=True)
    begin_session(secret)
    for wrong in (secret, "x"):
        with pytest.raises(NotSignedIn):
            begin_session(wrong)


def test_an_unknown_session_is_over() -> None:
    with pytest.raises(SessionEnded):
        sign_in_by_session(uuid4())


def test_a_disabled_profile_is_out_by_every_way_until_it_is_enabled(officers: Officers) -> None:
    actor = officers.of("XA")
    secret = officers.token(actor)
    session = begin_session(secret)
    set_active(actor.profile, active=False)
    for out, way, key in (
        (ProfileOut, sign_in, actor.profile),
        (NotSignedIn, sign_in_by_token, secret),
        (SessionEnded, sign_in_by_session, session),
    ):
        with pytest.raises(out):
            way(key)  # type: ignore[operator]
    set_active(actor.profile, active=True)
    assert sign_in(actor.profile) == sign_in_by_token(secret) == sign_in_by_session(session) == actor


def test_what_is_not_there_is_not_disabled() -> None:
    with pytest.raises(UnknownRecord):
        set_active(uuid4(), active=False)


def test_the_secret_is_kept_nowhere(officers: Officers) -> None:
    actor = officers.of("XA")
    secret = officers.token(actor)
    row = Token.objects.using("owner").filter(profile_id=actor.profile).values().get()
    assert secret not in str(row)
    assert secret.encode() not in bytes(row["secret_sha256"])


@pytest.mark.parametrize("noun", [User, Profile])
def test_who_is_no_longer_active_is_out_with_the_next_request(officers: Officers, noun: type) -> None:
    actor = officers.of("XA")
    key = actor.user if noun is User else actor.profile
    noun.objects.using("owner").filter(pk=key).update(active=False)  # type: ignore[attr-defined]
    with pytest.raises(NotSignedIn):
        sign_in(actor.profile)


def test_an_unknown_profile_is_nobody(officers: Officers) -> None:
    with pytest.raises(NotSignedIn):
        sign_in(uuid4())


def test_who_goes_on_for_long_is_read_anew_by_what_he_signed_in_with(officers: Officers) -> None:
    """And keeps the purpose and the basis that he said for this one act."""
    actor = officers.of("XA")
    secret = officers.token(actor)
    by_token, by_session = sign_in_by_token(secret), sign_in_by_session(begin_session(secret))
    for one in (actor, by_token, by_session):
        acting = one.acting_for("quality", "court-order")
        again = sign_in_again(acting)
        assert again == acting
        assert again is not acting
        assert (again.token, again.session, again.is_local) == (one.token, one.session, one.is_local)
    revoke_tokens(actor.profile, utc_now)
    assert sign_in_again(actor) == actor
    for one, ended in ((by_token, NotSignedIn), (by_session, SessionEnded)):
        with pytest.raises(ended):
            sign_in_again(one)


def test_a_session_begins_at_the_moment_that_is_given(officers: Officers) -> None:
    at = utc_now() - timedelta(minutes=1)
    session = begin_session(officers.token(officers.of("XA")), at)
    assert Session.objects.using("owner").get(id=session).begun_at == at


def test_what_was_read_a_second_ago_is_read_anew(officers: Officers, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = replace(officers.of("XA"), read_at_seconds=100.0)
    for now, is_same in ((100.0, True), (100.9, True), (101.0, False), (107.0, False)):
        monkeypatch.setattr("concord.access.actor.time", SimpleNamespace(monotonic=lambda now=now: now))
        found = still(actor)
        assert found == actor
        assert (found is actor) is is_same


def test_a_seat_is_the_session_or_the_token_or_the_profile(officers: Officers) -> None:
    local, token, session = officers.of("XA"), uuid4(), uuid4()
    machine, browser = replace(local, token=token), replace(local, token=token, session=session)
    assert [one.seat for one in (local, machine, browser)] == [local.profile, token, session]
    assert [one.is_machine for one in (local, machine, browser, replace(local, session=session))] == [
        False, True, False, False
    ]  # fmt: skip


def test_only_who_signs_in_by_a_profile_is_on_the_machine_itself(officers: Officers) -> None:
    actor = officers.of("XA")
    secret = officers.token(actor)
    token = sign_in_by_token(secret)
    session = sign_in_by_session(begin_session(secret))
    assert [one.is_local for one in (actor, token, session)] == [True, False, False]
    assert (token.token is not None, token.session) == (True, None)
    assert (session.token, session.stepped_up_at) == (token.token, None)


def test_who_signs_in_stands_as_the_tables_say(officers: Officers) -> None:
    """What is not recorded is None, and a token without bounds is none with an empty list."""
    actor = officers.of("XA", None, None)
    assert (actor.purpose, actor.basis, actor.scopes) == (None, None, None)
    given = officers.of("XA", Purpose.QUALITY, Basis.CONSENT)
    assert (given.purpose, given.basis) == (Purpose.QUALITY, Basis.CONSENT)
    bounded = issue_token(actor.profile, "bounded", utc_now, scopes=["ASK"])
    assert sign_in_by_token(bounded).scopes == frozenset({"ASK"})
