"""What a browser's script sends of a passkey is read, or refused in the same words."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException

from concord.access.ceremony import (
    Site,
    answered,
    credential_of,
    new_challenge,
    parsed,
    registered,
    registration_options,
    sign_in_options,
)
from concord.access.passkey import Known, NewPasskey, Owner
from concord.errors import PasskeyRefused
from tests.web.device import Device


def test_an_answer_is_an_object_with_a_response() -> None:
    assert parsed('{"rawId": "AAEC", "response": {}}') == {"rawId": "AAEC", "response": {}}
    assert credential_of({"rawId": "AAEC"}) == b"\x00\x01\x02"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "null", "{}", '{"response": 7}', '{"response": null}', "[" * 100_000, "\ud800", "\0"]
)
def test_what_is_none_is_refused_as_a_wrong_one_is(text: str) -> None:
    answer = parsed(text)
    assert answer == {}
    site, challenge = Site("http://localhost", "localhost"), new_challenge()
    for refuse in (
        lambda: credential_of(answer),
        lambda: answered(site, challenge, answer, None),
        lambda: registered(site, challenge, answer, "a label"),
    ):
        with pytest.raises(PasskeyRefused):
            refuse()


@pytest.mark.parametrize("answer", [{}, {"rawId": None}, {"rawId": 7}, {"rawId": "A"}, {"rawId": ["AAEC"]}])
def test_a_passkey_without_a_name_is_refused(answer: object) -> None:
    with pytest.raises(PasskeyRefused):
        credential_of(answer)


SITE = Site("http://localhost", "localhost")
OWNER = Owner(uuid4(), "Ada", "Unit", "XA", [b"one", b"two"])
FAULTS = (
    {"origin": "http://localhost.evil.example"},
    {"verified": False},  # nobody showed finger, face or PIN
)


def registration(device: Device, challenge: str, owner: Owner = OWNER, label: str = "key") -> NewPasskey:
    return registered(SITE, challenge, device.make(json.loads(registration_options(SITE, challenge, owner))), label)


def known(device: Device, count: int = 0) -> Known:
    made = registration(device, new_challenge())
    return Known(uuid4(), OWNER.user, made.public_key, count)


def signed_in(device: Device, by: Known | None, challenge: str, asked: str | None = None) -> int:
    return answered(SITE, challenge, device.answer(json.loads(sign_in_options(SITE, asked or challenge))), by)


def test_a_browser_is_asked_for_a_verified_user_and_a_key_that_is_found_without_a_name() -> None:
    challenge = new_challenge()
    assert len(base64url_to_bytes(challenge)) == 32
    assert new_challenge() != challenge
    made = json.loads(registration_options(SITE, challenge, OWNER))
    assert made["rp"] == {"id": "localhost", "name": "Concord"}
    assert made["user"] == {"id": bytes_to_base64url(OWNER.user.bytes), "name": "Ada, Unit (XA)", "displayName": "Ada"}
    assert (made["challenge"], made["timeout"]) == (challenge, 300_000)
    selection = made["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert [base64url_to_bytes(one["id"]) for one in made["excludeCredentials"]] == [b"one", b"two"]
    asked = json.loads(sign_in_options(SITE, challenge, [b"one"]))
    assert (asked["rpId"], asked["challenge"], asked["timeout"]) == ("localhost", challenge, 300_000)
    assert asked["userVerification"] == "required"
    assert [base64url_to_bytes(one["id"]) for one in asked["allowCredentials"]] == [b"one"]


def test_a_device_registers_and_signs_in_and_its_count_goes_on() -> None:
    device, challenge = Device(), new_challenge()
    made = registration(device, challenge)
    assert (made.credential, made.sign_count, made.label) == (device.credential, 0, "key")
    by, challenge = Known(uuid4(), OWNER.user, made.public_key, 0), new_challenge()
    assert signed_in(device, by, challenge) == 1
    device.handle = b""  # one that keeps no handle is its owner's all the same
    assert signed_in(device, by, challenge) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_answer_is_refused_at_both(fault: dict[str, Any]) -> None:
    with pytest.raises(PasskeyRefused):
        registration(Device(**fault), new_challenge())
    device = Device()
    by = known(device)
    for name, value in fault.items():
        setattr(device, name, value)
    with pytest.raises(PasskeyRefused):
        signed_in(device, by, new_challenge())


def test_an_answer_is_to_its_challenge_by_its_device_with_its_count_and_its_owners_handle() -> None:
    device, challenge, other = Device(), new_challenge(), new_challenge()
    by = known(device)
    options = json.loads(registration_options(SITE, other, OWNER))
    with pytest.raises(PasskeyRefused):
        registered(SITE, challenge, device.make(options), "key")
    wrongs: list[Callable[[], int]] = [
        lambda: signed_in(device, by, challenge, other),
        lambda: signed_in(device, replace(by, sign_count=99), challenge),
        lambda: signed_in(device, replace(by, user=uuid4()), challenge),
        lambda: signed_in(device, known(Device()), challenge),
        lambda: signed_in(device, None, challenge),
    ]
    for wrong in wrongs:
        with pytest.raises(PasskeyRefused):
            wrong()


def test_an_unknown_passkey_costs_the_same_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its origin, challenge, user and signature, held against a key that nobody has."""
    checks = list[dict[str, Any]]()
    check = webauthn.verify_authentication_response

    def noting(**said: Any) -> object:
        checks.append(said)
        return check(**said)

    monkeypatch.setattr(webauthn, "verify_authentication_response", noting)
    device = Device()
    for by in (known(device), None):
        with contextlib.suppress(PasskeyRefused):
            signed_in(device, by, "AAAA")
    one, decoy = checks
    assert one.keys() == decoy.keys()
    assert len(decoy["credential_public_key"]) == len(one["credential_public_key"])
    assert decoy["credential_current_sign_count"] == 0


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("  my\tkey \n ", "my key"),
        ("", "a passkey"),
        (" \u202e\x00 ", "a passkey"),
        ("x" * 61, "x" * 60),
        ("a\u202eb", "ab"),
    ],
)
def test_a_label_is_one_line_that_can_be_read(label: str, kept: str) -> None:
    assert registration(Device(), new_challenge(), label=label).label == kept


@pytest.mark.parametrize(
    "fault", [WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError]
)
def test_whatever_the_library_finds_in_a_made_up_answer_is_a_refusal(
    fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It parses what anybody may have sent, and not all that it raises is its own."""

    def broken(**_: object) -> None:
        raise fault("made up")

    for name in ("verify_registration_response", "verify_authentication_response"):
        monkeypatch.setattr(webauthn, name, broken)
    for what in (lambda: registration(Device(), "AAAA"), lambda: answered(SITE, "AAAA", {}, None)):
        with pytest.raises(PasskeyRefused):
            what()


def test_nobody_signs_in_with_an_unknown_passkey_whatever_its_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    held = SimpleNamespace(new_sign_count=1)
    monkeypatch.setattr(webauthn, "verify_authentication_response", lambda **_: held)
    with pytest.raises(PasskeyRefused):
        answered(SITE, "AAAA", {"response": {}}, None)
    assert answered(SITE, "AAAA", {"response": {}}, Known(uuid4(), uuid4(), b"", 0)) == 1
