"""WebAuthn: what a browser is asked for, and whether its answer holds. Pure, but for the random challenge.

The device must verify its user (finger, face or PIN) and keep the key findable, so that nobody types a name. Attestation is
not asked for: which maker's device it is opens nothing here.
"""

import secrets
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from concord.access.passkey import Known, NewPasskey, Owner
from concord.errors import PasskeyRefused

CHALLENGE_BYTES = 32
TIMEOUT_MILLISECONDS = 5 * 60 * 1000
LABEL_CHARACTERS = 60
DEVICE = "a passkey"  # where no label is given

# An unknown passkey costs the same work as a wrong answer of a known one. Nobody has the private half of this key: it was
# thrown away when the point was made.
_DECOY = Known(
    passkey=uuid.uuid4(),
    user=uuid.uuid4(),
    public_key=bytes.fromhex(
        "a5010203262001215820e4c66394f8a9c0007e4a080556fed66e4c4de2c8faff9dfeb20b20019c211d9d"
        "225820db806f4c67dc6bea7f7987d8d28e8ddaf6f995bcc68a5d1219998fe022cf53a9"
    ),
    sign_count=0,
)


@dataclass(frozen=True, slots=True)
class Site:
    """The name that passkeys are bound to, and the one address from which they may be used."""

    origin: str
    name: str  # WebAuthn's rp id: the host alone


def new_challenge() -> str:
    return bytes_to_base64url(secrets.token_bytes(CHALLENGE_BYTES))


def sign_in_options(site: Site, challenge: str, own: Sequence[bytes] = ()) -> bytes:
    """As JSON. Without `own` the device offers what it has for this site; a step-up names those of who is signed in."""
    options = webauthn.generate_authentication_options(
        rp_id=site.name,
        challenge=base64url_to_bytes(challenge),
        timeout=TIMEOUT_MILLISECONDS,
        allow_credentials=_descriptors(own),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options).encode()


def registration_options(site: Site, challenge: str, owner: Owner) -> bytes:
    """As JSON."""
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name="Concord",
        user_id=owner.user.bytes,
        user_name=f"{owner.user_name}, {owner.unit_name} ({owner.country})",
        user_display_name=owner.user_name,
        challenge=base64url_to_bytes(challenge),
        timeout=TIMEOUT_MILLISECONDS,
        exclude_credentials=_descriptors(owner.credentials),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json(options).encode()


def registered(site: Site, challenge: str, answer: Any, label: str) -> NewPasskey:
    """The passkey that a device made. Raises PasskeyRefused."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _FAULTS:
        raise PasskeyRefused from None
    name = " ".join(label.split())[:LABEL_CHARACTERS]
    printable = "".join(sign for sign in name if sign.isprintable())
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count, printable or DEVICE)


def credential_of(answer: Any) -> bytes:
    """How the device calls the passkey that it answers with. Raises PasskeyRefused."""
    with suppress(*_FAULTS):
        name = answer["rawId"]
        if isinstance(name, str):  # the library takes anything for its text
            return base64url_to_bytes(name)
    raise PasskeyRefused


def answered(site: Site, challenge: str, answer: Any, known: Known | None) -> int:
    """The device's new count, if its answer holds. Raises PasskeyRefused, after the same work for an unknown passkey.

    The count goes on, unless it is 0 for ever; what follows holds it again where two come at once.
    """
    asked = known or _DECOY
    try:
        checked = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=asked.public_key,
            credential_current_sign_count=asked.sign_count,
            require_user_verification=True,
        )
        handle = answer["response"].get("userHandle")
        owner = base64url_to_bytes(handle) if handle else asked.user.bytes
    except _FAULTS:
        raise PasskeyRefused from None
    if known is None or owner != known.user.bytes:
        raise PasskeyRefused
    return checked.new_sign_count


def parsed(text: str) -> Any:
    """What a script sent as JSON. What is no answer at all becomes an empty one: it is refused where a wrong one is, with its
    audit entry."""
    try:
        answer = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return {}
    return answer if isinstance(answer, dict) and isinstance(answer.get("response"), dict) else {}


# What the library raises on an answer that somebody made up: it parses CBOR and keys of unknown origin.
_FAULTS = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


def _descriptors(credentials: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in credentials]
