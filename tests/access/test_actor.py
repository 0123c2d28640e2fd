"""Signing in: by profile or token, read anew each time; a single-use token opens once, whoever is faster."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections

from concord.access.actor import begin_session, sign_in, sign_in_by_session, sign_in_by_token
from concord.actions.enrol import issue_token, revoke_tokens, set_active
from concord.errors import NotSignedIn, ProfileOut, SessionEnded, UnknownRecord
from concord.records.user import Profile, Token, User
from concord.values import utc_now
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
