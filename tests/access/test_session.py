"""Sessions as the database holds them, whatever was checked before it is asked."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections

from concord.access.actor import Actor, begin_session, sign_in_by_session
from concord.access.passkey import NewPasskey, Passkey, begin_invited
from concord.access.session import (
    Session,
    begin_with_passkey,
    end_own,
    own_sessions,
    step_up_with_passkey,
)
from concord.actions.register import invite_locally
from concord.errors import InvitationSpent, NotSignedIn, SessionEnded
from concord.records.user import Profile
from concord.values import utc_now
from tests.officers import Officers


@pytest.fixture
def actor(officers: Officers) -> Actor:
    return officers.of("XA")


def passkey_of(actor: Actor, count: int = 5) -> UUID:
    made = NewPasskey(secrets.token_bytes(16), b"key", count, "a key")
    begin_invited(invite_locally(actor.profile, utc_now), made, utc_now())
    return Passkey.objects.using("owner").get(credential=made.credential).id


def begun(passkey: UUID, count: int) -> bool:
    try:
        begin_with_passkey(passkey, count, utc_now())
    except NotSignedIn:
        return False
    finally:
        connections.close_all()
    return True


def test_the_counter_goes_on_or_nothing_begins(actor: Actor) -> None:
    passkey = passkey_of(actor)
    assert [begun(passkey, count) for count in (5, 4, 0, 6, 6, 7)] == [False, False, False, True, False, True]


def test_a_device_without_a_counter_says_nothing_for_ever(actor: Actor) -> None:
    passkey = passkey_of(actor, count=0)
    assert [begun(passkey, count) for count in (0, 0, 1, 0)] == [True, True, True, False]


def test_of_copies_that_come_at_once_one_begins(actor: Actor) -> None:
    passkey = passkey_of(actor)
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: begun(passkey, 6), range(16))) == 1


def test_of_those_who_use_an_invitation_at_once_one_makes_a_passkey(actor: Actor) -> None:
    secret = invite_locally(actor.profile, utc_now)

    def made(_: int) -> bool:
        try:
            begin_invited(secret, NewPasskey(secrets.token_bytes(16), b"key", 0, "a key"), utc_now())
        except InvitationSpent:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(made, range(16))) == 1


def test_nothing_begins_for_whoever_is_out(actor: Actor) -> None:
    passkey = passkey_of(actor)
    Profile.objects.using("owner").filter(id=actor.profile).update(active=False)
    assert not begun(passkey, 6)


def test_a_session_is_over_after_twelve_hours_whatever_its_cookie_says(actor: Actor, officers: Officers) -> None:
    session = begin_session(officers.token(actor))
    Session.objects.using("owner").filter(id=session).update(begun_at=utc_now() - timedelta(hours=12))
    with pytest.raises(SessionEnded):
        sign_in_by_session(session)


def test_one_lists_and_ends_ones_own_sessions_only(actor: Actor, officers: Officers) -> None:
    other = officers.of("XA")
    mine, theirs = begin_session(officers.token(actor)), begin_session(officers.token(other))
    with actor.acting(utc_now()):
        assert [one.id for one in own_sessions(utc_now())] == [mine]
        assert end_own(utc_now(), theirs) == []
        assert end_own(utc_now()) == [mine]
    assert sign_in_by_session(theirs) == other


def test_sessions_end_in_the_order_in_which_they_were_begun(actor: Actor, officers: Officers) -> None:
    """Not in that of the table, which tells what others did in it. Here it is the other way round."""
    now = utc_now()
    begun = [begin_session(officers.token(actor), now - timedelta(minutes=minutes)) for minutes in range(4)]
    with actor.acting(now):
        assert end_own(now) == begun[::-1]


def test_nobody_steps_up_anothers_session_or_with_anothers_passkey(actor: Actor, officers: Officers) -> None:
    other = officers.of("XA")
    mine, theirs = begin_session(officers.token(actor)), begin_session(officers.token(other))
    own, foreign = passkey_of(actor), passkey_of(other)
    with actor.acting(utc_now()):
        for session, passkey in ((mine, foreign), (theirs, own), (uuid4(), own), (mine, uuid4())):
            assert not step_up_with_passkey(session, passkey, 6, utc_now())
        assert step_up_with_passkey(mine, own, 6, utc_now())
        assert not step_up_with_passkey(mine, own, 6, utc_now())  # seen before
    assert sign_in_by_session(mine).stepped_up_at is not None
    assert sign_in_by_session(theirs).stepped_up_at is None
