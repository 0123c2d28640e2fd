"""Through a country's own provider, a stand-in that signs with a real key; every lie of it is refused."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from concord.access.actor import Actor, sign_in_by_session
from concord.access.audit import AuditEntry
from concord.access.provider import Link
from concord.access.provider import Provider as ProviderRow
from concord.access.step_up import demand_stepped_up
from concord.actions.installation import Installation
from concord.actions.providers import link, remove_provider, set_provider, unlink
from concord.errors import BadSetting, NeedsStepUp, OtherCountrysProvider, SubjectTaken
from concord.values import CountryCode, utc_now
from concord.web.session import COOKIE, Session
from concord.web.ticket import Kind
from tests.officers import Officers
from tests.provider import Claims, Provider
from tests.web.visitor import Visitor, Watch, text_of

XA, XB = CountryCode("XA"), CountryCode("XB")


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with Provider().running() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, installation: Installation, officers: Officers) -> Provider:
    """Of XA, honest."""
    officers.of("XA"), officers.of("XB")  # so that the countries are there
    running.subject, running.lie, running.sign = "subject-1", lambda claims: claims, running.signed
    set_provider(installation, XA, running.issuer, running.client_id, running.secret)
    return running


@pytest.fixture
def actor(installation: Installation, officers: Officers, provider: Provider) -> Actor:
    """Linked."""
    one = officers.of("XA")
    link(installation, XA, one.profile, "subject-1")
    return one


def sent(visitor: Visitor, address: str = "/sign-in/provider/XA") -> str:
    response = visitor.get(address)
    assert response.status_code == 302, response.content
    return str(response["Location"])


def come_back(visitor: Visitor, there: str, code: str, country: str = "XA", **more: str) -> Any:
    state = parse_qs(urlsplit(there).query)["state"][0]
    return visitor.get(f"/sign-in/provider/{country}/return", data={"code": code, "state": state, **more})


def through(visitor: Visitor, provider: Provider) -> Any:
    there = sent(visitor)
    return come_back(visitor, there, provider.approve(there))


def test_whom_the_provider_names_is_signed_in_by_a_page_that_goes_on(
    visitor: Visitor, provider: Provider, actor: Actor
) -> None:
    response = through(visitor, provider)
    assert response.status_code == 200
    assert 'content="0;url=/"' in response.content.decode()  # no redirect: the Strict cookie would stay behind
    assert actor.user_name in text_of(visitor.get("/"))
    assert "by provider" in text_of(visitor.get("/account"))


def test_what_is_asked_of_the_provider_holds_what_binds_it(visitor: Visitor, provider: Provider) -> None:
    asked = parse_qs(urlsplit(sent(visitor)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://localhost/sign-in/provider/XA/return"]
    assert len(asked["state"][0]) == len(asked["nonce"][0]) == 43
    assert "client_secret" not in asked


def _no(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


LIES: dict[str, Callable[[Claims], Claims]] = {
    "wrong nonce": lambda claims: {**claims, "nonce": "another"},
    "no nonce": _no("nonce"),
    "wrong audience": lambda claims: {**claims, "aud": "somebody else"},
    "two audiences": lambda claims: {**claims, "aud": ["concord", "somebody else"]},
    "expired": lambda claims: {**claims, "exp": claims["iat"] - 120},
    "never expires": _no("exp"),
    "from the future": lambda claims: {**claims, "iat": claims["iat"] + 3600},
    "another issuer": lambda claims: {**claims, "iss": "https://other.example"},
    "no issuer": _no("iss"),
    "nobody": _no("sub"),
    "another subject": lambda claims: {**claims, "sub": "subject-2"},
    "a subject that is no text": lambda claims: {**claims, "sub": 7},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_of_the_provider_is_refused(visitor: Visitor, provider: Provider, actor: Actor, lie: str) -> None:
    provider.lie = LIES[lie]
    response = through(visitor, provider)
    assert response.status_code == 401
    assert COOKIE not in response.cookies
    assert AuditEntry.objects.using("owner").filter(outcome="REFUSED", reason="provider_refused").exists()


@pytest.mark.parametrize("how", ["unsigned", "signed_by_public_key_as_secret", "signed_by_somebody"])
def test_a_signature_that_is_none_is_refused(visitor: Visitor, provider: Provider, actor: Actor, how: str) -> None:
    provider.sign = getattr(provider, how)
    assert through(visitor, provider).status_code == 401


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    installation: Installation, provider: Provider, actor: Actor
) -> None:
    visitor, other = Visitor(installation), Visitor(installation)
    there = sent(visitor)
    ticket = visitor.client.cookies[Kind.PROVIDER].value
    code = provider.approve(there)
    assert come_back(other, there, code).status_code == 401  # a forged sign-in of somebody else's browser
    assert come_back(visitor, there, code, iss="https://other.example").status_code == 401
    visitor.client.cookies[Kind.PROVIDER] = ticket
    assert come_back(visitor, there, code).status_code == 401  # the state is spent
    there = sent(visitor)
    assert come_back(visitor, there, code).status_code in (401, 503)  # a code that was never given for this attempt


def test_a_code_is_taken_once(visitor: Visitor, provider: Provider, actor: Actor) -> None:
    there = sent(visitor)
    code = provider.approve(there)
    assert come_back(visitor, there, code).status_code == 200
    again = sent(visitor)
    assert come_back(visitor, again, code).status_code == 503  # the provider itself says no


def test_an_attempt_is_good_for_five_minutes(installation: Installation, provider: Provider, actor: Actor) -> None:
    watch = Watch()
    visitor = Visitor(replace(installation, clock=watch))
    there = sent(visitor)
    watch.goes_on(5 * 60)
    assert come_back(visitor, there, provider.approve(there)).status_code == 401


def test_a_provider_signs_in_its_own_countrys_users_only(
    installation: Installation, officers: Officers, provider: Provider
) -> None:
    foreign = officers.of("XB")
    with pytest.raises(OtherCountrysProvider):
        link(installation, XA, foreign.profile, "subject-3")
    set_provider(installation, XB, provider.issuer, provider.client_id, provider.secret)
    link(installation, XB, foreign.profile, "subject-3")
    provider.subject = "subject-3"
    visitor = Visitor(installation)
    assert through(visitor, provider).status_code == 401  # at XA's, where this subject is nobody
    there = sent(visitor)
    crossed = come_back(visitor, there, provider.approve(there), country="XB")  # begun with XA's
    assert crossed.status_code == 401
    remove_provider(installation, XB)


def test_the_database_itself_counts_no_link_to_another_countrys_user(
    visitor: Visitor, officers: Officers, provider: Provider
) -> None:
    """Had somebody written such a row past the rule."""
    held = ProviderRow.objects.using("owner").get(country_id="XA", removed_at=None)
    foreign = officers.of("XB")
    Link.objects.using("owner").create(
        provider=held, profile_id=foreign.profile, subject="subject-4", linked_at=utc_now()
    )
    provider.subject = "subject-4"
    assert through(visitor, provider).status_code == 401


def test_nobody_is_enrolled_by_signing_in(visitor: Visitor, provider: Provider) -> None:
    provider.subject = "a stranger"
    response = through(visitor, provider)
    assert response.status_code == 401
    assert "nobody is enrolled here" in text_of(response)


def test_an_unlinked_user_is_out_with_the_next_request(
    installation: Installation, visitor: Visitor, provider: Provider, actor: Actor
) -> None:
    through(visitor, provider)
    assert visitor.get("/").status_code == 200
    with pytest.raises(SubjectTaken):
        link(installation, XA, actor.profile, "subject-1")
    unlink(installation, XA, "subject-1")
    assert visitor.get("/")["Location"] == "/sign-in?ended"


def _actor_of(visitor: Visitor) -> Actor:
    return sign_in_by_session(Session.unseal(visitor.client.cookies[COOKIE].value).id)


def test_stepping_up_there_needs_the_provider_to_look_anew(
    installation: Installation, visitor: Visitor, provider: Provider, actor: Actor
) -> None:
    through(visitor, provider)
    with pytest.raises(NeedsStepUp):
        demand_stepped_up(_actor_of(visitor), installation.clock())
    there = sent(visitor, "/step-up/provider?back=/account")
    assert parse_qs(urlsplit(there).query)["prompt"] == ["login"]
    provider.lie = _no("auth_time")
    assert come_back(visitor, there, provider.approve(there)).status_code == 401
    provider.lie = lambda claims: {**claims, "auth_time": claims["iat"] - 600}
    there = sent(visitor, "/step-up/provider?back=/account")
    assert come_back(visitor, there, provider.approve(there)).status_code == 401
    provider.lie, provider.subject = lambda claims: claims, "somebody else"
    there = sent(visitor, "/step-up/provider?back=/account")
    assert come_back(visitor, there, provider.approve(there)).status_code == 401
    provider.subject = "subject-1"
    there = sent(visitor, "/step-up/provider?back=/account")
    response = come_back(visitor, there, provider.approve(there))
    assert 'content="0;url=/account"' in response.content.decode()
    demand_stepped_up(_actor_of(visitor), installation.clock())


@pytest.mark.parametrize("issuer", ["http://id.example", "ftp://id.example", "https://", "https://id.example?x", "x"])
def test_a_provider_without_tls_is_none(installation: Installation, issuer: str) -> None:
    with pytest.raises(BadSetting):
        set_provider(installation, XA, issuer, "c", "s")
