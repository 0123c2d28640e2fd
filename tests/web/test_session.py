import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.signing import Signer
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import NotSignedIn, SessionEnded
from concord.web.session import (
    ABSOLUTE_SECONDS,
    COOKIE,
    IDLE_SECONDS,
    SALT,
    Session,
    end_session,
    keep_session,
    session_of,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True, scope="module")
def secret(installation: object) -> Iterator[None]:
    with override_settings(SECRET_KEY="a secret of these tests"):
        yield


def begun() -> Session:
    return Session.begin(uuid.uuid4(), NOON)


def test_a_session_ends_after_fifteen_minutes_without_use() -> None:
    assert not begun().is_over(NOON + 15 * MINUTE - timedelta(microseconds=1))
    assert begun().is_over(NOON + 15 * MINUTE)


def test_use_keeps_a_session_but_not_beyond_twelve_hours() -> None:
    session = begun()
    for minute in range(10, 12 * 60, 10):
        session = session.seen(NOON + minute * MINUTE)
        assert not session.is_over(NOON + minute * MINUTE)
    assert session.is_over(NOON + 12 * 60 * MINUTE)


def test_the_limits_are_what_the_rules_ask() -> None:
    assert (IDLE_SECONDS, ABSOLUTE_SECONDS) == (900, 43_200)


@given(st.uuids(), st.integers(0, 100 * 365 * 24 * 3600).map(lambda seconds: NOON + timedelta(seconds=seconds)))
def test_what_is_sealed_is_unsealed(one: uuid.UUID, when: datetime) -> None:
    session = Session.begin(one, when)
    assert abs(Session.unseal(session.sealed()).signed_in_at - when) < timedelta(milliseconds=1)
    assert Session.unseal(session.sealed()).id == one


@given(st.data())
def test_a_changed_cookie_is_nobody(data: st.DataObject) -> None:
    sealed = begun().sealed()
    at = data.draw(st.integers(0, len(sealed) - 1))
    sign = data.draw(st.characters(codec="utf-8").filter(lambda sign: sign != sealed[at]))
    with pytest.raises(NotSignedIn):
        Session.unseal(sealed[:at] + sign + sealed[at + 1 :])


@pytest.mark.parametrize("content", [[], {}, "x", [1, 2.0, 3.0], ["not an id", 1.0, 2.0], [str(uuid.uuid4()), 1.0]])
def test_a_signed_cookie_of_another_shape_is_nobody(content: object) -> None:
    with pytest.raises(NotSignedIn):
        Session.unseal(Signer(salt=SALT).sign_object(content))


def test_what_was_signed_for_another_use_is_nobody() -> None:
    elsewhere = Signer(salt="something else").sign_object([str(uuid.uuid4()), NOON.timestamp(), NOON.timestamp()])
    with pytest.raises(NotSignedIn):
        Session.unseal(elsewhere)


def test_an_ended_session_is_told_from_none() -> None:
    request = RequestFactory().get("/")
    with pytest.raises(NotSignedIn) as none:
        session_of(request, NOON)
    assert not isinstance(none.value, SessionEnded)
    request.COOKIES[COOKIE] = begun().sealed()
    assert session_of(request, NOON + MINUTE).signed_in_at == NOON
    with pytest.raises(SessionEnded):
        session_of(request, NOON + 16 * MINUTE)


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_kept_from_scripts_and_other_sites(secure: bool) -> None:
    response = HttpResponse()
    keep_session(RequestFactory().get("/", secure=secure), response, begun())
    cookie = response.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Strict", secure)
    assert not cookie["max-age"]
    assert not cookie["expires"]


def test_ending_takes_the_cookie_back() -> None:
    response = HttpResponse()
    end_session(response)
    assert response.cookies[COOKIE].value == ""
    assert response.cookies[COOKIE]["max-age"] == 0
