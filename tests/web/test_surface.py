"""What a stranger can reach: forged headers, forged forms, guesses, and what the server's log tells."""

import http.client
import json
import re
import secrets
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.urls import URLPattern

from concord.access.actor import begin_session
from concord.access.audit import AuditEntry
from concord.access.tries import MOST_SHOWN, MOST_TYPED
from concord.actions.enrol import issue_token
from concord.actions.installation import Installation
from concord.actions.register import invite_locally
from concord.records.user import Token
from concord.values import utc_now
from concord.web import routes
from concord.web.session import COOKIE, Session
from tests.api.conftest import ProgramOf, program_of  # noqa: F401  a fixture
from tests.officers import Officers
from tests.serving import serving
from tests.web.visitor import Visitor, Watch, text_of

ADDRESSES = ("127.0.0.1", "::1", "10.0.0.1", "localhost")
FORGED = [
    *((name, value) for name in ("X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP")
      for value in ADDRESSES),
    *((name, value) for name in ("Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Auth-Request-User", "REMOTE_USER",
                                 "X-User", "X-Authenticated-User", "X-WEBAUTH-USER", "X-Concord-User", "Concord-User")
      for value in ("{user}", "{name}")),
    ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Port", "443"),
    ("X-Forwarded-Prefix", "/api"), ("Forwarded", "for=127.0.0.1;proto=https;host=localhost"), ("X-Original-URL", "/"),
    ("X-Rewrite-URL", "/"), ("X-HTTP-Method-Override", "GET"), ("X-SSL-Client-S-DN", "CN={name}"),
    ("X-Client-Cert", "CN={name}"), ("Via", "1.1 localhost"), ("Concord-Country", "XB"), ("Concord-Unit", "{unit}"),
    ("Authorization", "Basic e25hbWV9Og=="),
]  # fmt: skip


@pytest.fixture
def line(live_server_url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(live_server_url).netloc, timeout=180)


def test_no_header_makes_somebody_else_of_anybody(line: http.client.HTTPConnection, officers: Officers) -> None:
    """Against the real server: who is signed in stays who he is, who is not stays nobody."""
    actor, other = officers.of("XA"), officers.of("XB")
    token = officers.token(actor)
    cookie = Session.begin(begin_session(officers.token(actor)), utc_now()).sealed()
    facts = {"user": str(other.user), "name": other.user_name, "unit": str(other.unit)}
    assert len(FORGED) >= 50

    def page(headers: dict[str, str]) -> tuple[int, str]:
        line.request("GET", "/account", headers=headers)
        response = line.getresponse()
        return response.status, response.read().decode()

    for name, value in FORGED:
        forged = {name: value.format(**facts)}
        status, shown = page({**forged, "Cookie": f"{COOKIE}={cookie}"})
        assert status == 200, name
        assert actor.user_name in shown, name
        assert other.user_name not in shown, name
        assert page(forged)[0] == 302, name
        line.request("GET", "/api/v1/session", headers={**forged, "Authorization": f"Bearer {token}"})
        said = json.loads(line.getresponse().read())
        assert (said["user"], said["unit"], said["country"]) == (actor.user_name, actor.unit_name, "XA"), name


def _patterns(installation: Installation) -> list[str]:
    made: list[URLPattern] = routes(installation)
    return [re.sub(r"<str:\w+>", "XA", str(one.pattern)) for one in made]


def test_no_page_takes_a_form_without_its_secret(installation: Installation, officers: Officers) -> None:
    """Every address of the door, read from its own table."""
    visitor = Visitor(installation, enforce_csrf_checks=True).signed_in(officers.of("XA"))
    addresses = _patterns(installation)
    assert len(addresses) >= 20
    for address in addresses:
        response = visitor.post(f"/{address}", answer="{}", id="x", texts="x", token="x", code="x")
        assert response.status_code == 403, address
        assert "no longer valid" in text_of(response), address


def test_what_is_sent_to_sign_in_is_bounded_before_it_is_read(visitor: Visitor) -> None:
    assert visitor.post("/sign-in", token="x" * 300_000).status_code == 413
    assert visitor.post("/sign-in/passkey", answer="x" * 300_000).status_code == 413


def test_guesses_are_bounded_by_address_and_right_ones_wait_as_well(
    installation: Installation, officers: Officers
) -> None:
    actor, watch = officers.of("XA"), Watch()
    from dataclasses import replace

    visitor = Visitor(replace(installation, clock=watch))
    for number in range(MOST_TYPED):
        address, field = (("/sign-in", "token"), ("/sign-in/recovery", "code"))[number % 2]
        assert visitor.post(address, **{field: secrets.token_hex(16)}).status_code == 401
    response = visitor.post("/sign-in", token=officers.token(actor))
    assert (response.status_code, response["Retry-After"]) == (429, "300")
    assert "Too many wrong tries" in text_of(response)
    assert visitor.post("/sign-in/passkey/begin").status_code == 200  # which nobody can guess
    assert Visitor(installation).post("/sign-in", token=officers.token(actor)).status_code == 302  # from elsewhere
    watch.goes_on(300)
    assert visitor.post("/sign-in", token=officers.token(actor)).status_code == 302


def test_wrong_tokens_of_programs_are_entered_until_there_are_too_many(
    installation: Installation,
    officers: Officers,
    program_of: ProgramOf,  # noqa: F811
) -> None:
    program = program_of(officers.of("XA"))
    program.client.defaults["REMOTE_ADDR"] = f"10.99.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    wrong = {"Authorization": "Bearer wrong"}
    before = AuditEntry.objects.using("owner").filter(owner_country="ZZ").count()
    statuses = [program.get("session", **wrong).status_code for _ in range(MOST_SHOWN + 2)]
    assert statuses == [401] * MOST_SHOWN + [429, 429]
    assert program.get("session", **wrong)["Retry-After"]
    assert program.get("session").status_code == 200  # the right one still goes through
    assert AuditEntry.objects.using("owner").filter(owner_country="ZZ").count() == before + MOST_SHOWN


def test_a_known_and_an_unknown_secret_are_refused_alike(installation: Installation, officers: Officers) -> None:
    """In the same words; only the audit of the country whose key it was knows more."""
    actor = officers.of("XA")
    token = officers.token(actor)
    Token.objects.using("owner").filter(profile_id=actor.profile).update(revoked_at=utc_now())
    known, unknown = (Visitor(installation).post("/sign-in", token=one) for one in (token, "x"))
    assert (known.status_code, text_of(known)) == (unknown.status_code, text_of(unknown))
    entry = AuditEntry.objects.using("owner").filter(user=actor.user, verb="BEGIN-SESSION", outcome="REFUSED").get()
    assert (entry.reason, entry.items, entry.owner_country) == ("not_signed_in", ["TOKEN"], "XA")


def test_no_secret_stands_in_the_servers_log(
    installation: Installation, officers: Officers, capfd: pytest.CaptureFixture[str]
) -> None:
    """A whole story on a server of its own: tokens right and wrong, an invitation, a cookie; then its lines are read."""
    actor = officers.of("XA")
    token = issue_token(actor.profile, "log", utc_now)
    invitation = invite_locally(actor.profile, utc_now)
    wrong = secrets.token_urlsafe(32)
    with serving(installation.config.home) as port:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
        for secret in (token, wrong):
            line.request("GET", "/api/v1/session", headers={"Authorization": f"Bearer {secret}"})
            line.getresponse().read()
        line.request("GET", "/sign-in")
        page = line.getresponse()
        cookie, form = page.headers["Set-Cookie"].split(";")[0], page.read().decode()
        field = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[0]
        for address, name, value in (
            ("/sign-in", "token", token), ("/sign-in", "token", wrong), ("/join/begin", "secret", invitation)
        ):  # fmt: skip
            body = urlencode({name: value, "csrfmiddlewaretoken": field})
            head = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            line.request("POST", address, body, head)
            line.getresponse().read()
        line.close()
    captured = capfd.readouterr()
    said = captured.out + captured.err
    assert said  # the server did speak
    for secret in (token, wrong, invitation, field):
        assert secret not in said
    database_log = Path(installation.config.home) / "database" / "server.log"
    if database_log.exists():
        text = database_log.read_text(errors="replace")
        assert not any(secret in text for secret in (token, wrong, invitation))
