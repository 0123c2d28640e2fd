"""Passkeys at the page, with a stand-in for the device; Chromium's own is in test_passkeys_in_a_browser.py."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from concord.access.actor import Actor
from concord.access.audit import AuditEntry
from concord.access.passkey import Passkey
from concord.actions.installation import Installation
from concord.actions.register import invite_locally, revoke_passkeys
from concord.values import utc_now
from concord.web.session import COOKIE
from concord.web.ticket import Kind
from tests.officers import Officers
from tests.web.device import Device
from tests.web.visitor import Visitor, Watch, text_of


def asked(visitor: Visitor, address: str, **fields: str) -> dict[str, Any]:
    response = visitor.post(address, **fields)
    assert response.status_code == 200, response.content
    return dict(json.loads(response.content))


def join(visitor: Visitor, actor: Actor, device: Device) -> Any:
    secret = invite_locally(actor.profile, utc_now)
    options = asked(visitor, "/join/begin", secret=secret)
    return visitor.post("/join/passkey", answer=json.dumps(device.make(options)), label="Key on my ring")


def sign_in(visitor: Visitor, device: Device, spoil: Any = lambda answer: answer) -> Any:
    options = asked(visitor, "/sign-in/passkey/begin")
    return visitor.post("/sign-in/passkey", answer=json.dumps(spoil(device.answer(options))))


@pytest.fixture
def actor(officers: Officers) -> Actor:
    return officers.of("XA")


@pytest.fixture
def device(installation: Installation, actor: Actor) -> Device:
    """One that has a passkey of the actor."""
    made = Device()
    assert join(Visitor(installation), actor, made).status_code == 200
    return made


def test_an_invitation_makes_a_passkey_and_signs_in(visitor: Visitor, actor: Actor) -> None:
    response = join(visitor, actor, Device())
    assert (response.status_code, json.loads(response.content)) == (200, {"next": "/account"})
    shown = text_of(visitor.get("/account"))
    assert actor.user_name in shown
    assert "Key on my ring" in shown
    assert "This browser" in shown
    assert "You have no recovery codes." in shown


def test_a_passkey_signs_in_without_a_name(visitor: Visitor, device: Device, actor: Actor) -> None:
    assert json.loads(sign_in(visitor, device).content) == {"next": "/"}
    assert actor.user_name in text_of(visitor.get("/"))
    entry = AuditEntry.objects.using("owner").filter(user=actor.user, verb="BEGIN-SESSION").latest("at")
    assert (entry.outcome, entry.items) == ("DONE", ["PASSKEY"])


def _other_origin(answer: dict[str, Any]) -> dict[str, Any]:
    device = Device(origin="https://evil.example")
    answer["response"]["clientDataJSON"] = device._answer("webauthn.get", {"challenge": ""})["response"][
        "clientDataJSON"
    ]
    return answer


def _other_handle(answer: dict[str, Any]) -> dict[str, Any]:
    answer["response"]["userHandle"] = "AAAA"
    return answer


def _unknown(answer: dict[str, Any]) -> dict[str, Any]:
    answer["id"] = answer["rawId"] = "AAAA"
    return answer


def _signed_otherwise(answer: dict[str, Any]) -> dict[str, Any]:
    answer["response"]["signature"] = "MEUCIQ"
    return answer


SPOILS = [
    _other_origin, _other_handle, _unknown, _signed_otherwise,
    lambda answer: {}, lambda answer: [], lambda answer: {"response": {}}, lambda answer: {"rawId": 1, "response": {"x": 1}},
]  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILS)
def test_what_does_not_fit_is_refused_in_the_same_words(visitor: Visitor, device: Device, spoil: Any) -> None:
    response = sign_in(visitor, device, spoil)
    assert response.status_code == 401
    assert response.content.startswith(b"This passkey opens nothing here")
    assert COOKIE not in response.cookies


@pytest.mark.parametrize(
    "lie", [{"origin": "https://evil.example"}, {"origin": "http://localhost:1"}, {"verified": False}]
)
def test_an_answer_from_elsewhere_or_of_an_unverified_user_is_refused(
    visitor: Visitor, device: Device, lie: dict[str, Any]
) -> None:
    lying = Device(**{"origin": device.origin, "verified": True, **lie}, key=device.key, credential=device.credential)
    lying.handle, lying.count = device.handle, 7
    assert sign_in(visitor, lying).status_code == 401


def test_a_device_that_does_not_verify_its_user_makes_no_passkey(visitor: Visitor, actor: Actor) -> None:
    assert join(visitor, actor, Device(verified=False)).status_code == 401
    assert not Passkey.objects.using("owner").filter(profile_id=actor.profile).exists()


def test_a_counter_that_does_not_go_on_is_refused(installation: Installation, device: Device) -> None:
    copied = copy.copy(device)
    assert sign_in(Visitor(installation), device).status_code == 200
    assert sign_in(Visitor(installation), copied).status_code == 401
    assert sign_in(Visitor(installation), device).status_code == 200


def test_a_challenge_is_answered_once(installation: Installation, device: Device) -> None:
    visitor = Visitor(installation)
    options = asked(visitor, "/sign-in/passkey/begin")
    ticket = visitor.client.cookies[Kind.SIGN_IN].value
    assert visitor.post("/sign-in/passkey", answer=json.dumps(device.answer(options))).status_code == 200
    visitor.client.cookies[Kind.SIGN_IN] = ticket
    assert visitor.post("/sign-in/passkey", answer=json.dumps(device.answer(options))).status_code == 401


def test_a_challenge_is_for_the_browser_that_asked_and_for_five_minutes(
    installation: Installation, device: Device
) -> None:
    watch = Watch()
    one, other = (Visitor(replace(installation, clock=watch)) for _ in range(2))
    options = asked(one, "/sign-in/passkey/begin")
    assert other.post("/sign-in/passkey", answer=json.dumps(device.answer(options))).status_code == 401
    watch.goes_on(5 * 60)
    assert one.post("/sign-in/passkey", answer=json.dumps(device.answer(options))).status_code == 401


def test_a_ticket_of_one_kind_is_none_of_another(visitor: Visitor, device: Device, actor: Actor) -> None:
    secret = invite_locally(actor.profile, utc_now)
    options = asked(visitor, "/join/begin", secret=secret)
    visitor.client.cookies[Kind.SIGN_IN] = visitor.client.cookies[Kind.REGISTER].value
    answer = device.answer({"rpId": "localhost", "challenge": options["challenge"]})
    assert visitor.post("/sign-in/passkey", answer=json.dumps(answer)).status_code == 401


def test_a_revoked_passkey_opens_nothing_and_ends_its_sessions(
    installation: Installation, device: Device, actor: Actor
) -> None:
    visitor = Visitor(installation)
    sign_in(visitor, device)
    assert visitor.get("/").status_code == 200
    assert revoke_passkeys(actor.profile, utc_now) == 1
    assert visitor.get("/")["Location"] == "/sign-in?ended"
    assert sign_in(Visitor(installation), device).status_code == 401


def test_an_invitation_opens_once_and_for_a_day(installation: Installation, actor: Actor) -> None:
    secret = invite_locally(actor.profile, utc_now)
    visitor = Visitor(installation)
    options = asked(visitor, "/join/begin", secret=secret)
    assert visitor.post("/join/passkey", answer=json.dumps(Device().make(options))).status_code == 200
    refused = Visitor(installation).post("/join/begin", secret=secret)
    assert (refused.status_code, b"used, expired or none" in refused.content) == (401, True)
    watch = Watch()
    late = invite_locally(actor.profile, utc_now)
    watch.goes_on(24 * 3600 + 1)
    assert Visitor(replace(installation, clock=watch)).post("/join/begin", secret=late).status_code == 401


def test_a_recovery_code_opens_the_making_of_a_passkey_once_and_nothing_else(
    installation: Installation, device: Device, actor: Actor
) -> None:
    owner = Visitor(installation)
    sign_in(owner, device)
    shown = owner.post("/account/codes").content.decode()
    codes = [part.split("</code>")[0] for part in shown.split("<code>")[1:]]
    assert len(set(codes)) == 10
    finder = Visitor(installation)
    response = finder.post("/sign-in/recovery", code=codes[3].upper().replace("-", " "))
    assert (response.status_code, response["Location"]) == (302, "/join")
    assert finder.get("/").status_code == 302  # not signed in
    assert finder.get("/account").status_code == 302
    options = asked(finder, "/join/begin")
    assert finder.post("/join/passkey", answer=json.dumps(Device().make(options))).status_code == 200
    assert actor.user_name in text_of(finder.get("/"))
    assert "9 of ten are left" in text_of(finder.get("/account"))
    assert Visitor(installation).post("/sign-in/recovery", code=codes[3]).status_code == 401
    owner.post("/account/codes")  # new ones
    assert Visitor(installation).post("/sign-in/recovery", code=codes[4]).status_code == 401


def test_passkeys_belong_to_a_name(installation: Installation) -> None:
    visitor = Visitor(installation)
    response = visitor.client_at("127.0.0.1").post("/sign-in/passkey/begin")
    assert (response.status_code, b"Open http://localhost" in response.content) == (400, True)


def test_with_an_origin_only_that_one_counts(installation: Installation, actor: Actor) -> None:
    config = replace(installation.config, origin="https://concord.example")
    visitor = Visitor(replace(installation, config=config))
    assert join(visitor, actor, Device()).status_code == 401  # at http://localhost
    assert join(visitor, actor, Device(origin="https://concord.example")).status_code == 200
