"""OpenID Connect, the authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636), as far as signing in needs it.

What a provider says is believed only when its signature, issuer, audience, time and nonce all fit. Signatures are of public
keys alone: with `none` or a shared secret among the algorithms, a public key could be passed off as that secret.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from concord.access.fetch import Fetch, is_safe
from concord.errors import ProviderRefused, ProviderUnavailable

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY = timedelta(seconds=30)  # between two clocks
RANDOM_BYTES = 32
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Flow:
    """What one attempt is bound to. It stays in the browser that began it."""

    state: str
    nonce: str
    verifier: str = field(repr=False)  # of PKCE

    @classmethod
    def new(cls) -> "Flow":
        return cls(*(secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Client:
    """Whom the provider knows us as."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    return_address: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the provider says of whoever stands before it."""

    subject: str
    verified_at: datetime | None  # when it last saw him itself; None: it does not say


def authorization_address(client: Client, flow: Flow, fetch: Fetch, *, anew: bool) -> str:
    """Where the browser is sent. `anew`: the provider must see the user now, whatever session it has with him.

    Raises ProviderUnavailable.
    """
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.return_address,
        "scope": "openid",
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": _challenge(flow.verifier),
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if anew else {}),
    }
    return f"{_said_by(_metadata(client, fetch), client, 'authorization_endpoint')}?{urlencode(asked)}"


def redeem(client: Client, flow: Flow, code: str, fetch: Fetch, now: datetime) -> Said:
    """Exchanges the code and checks what comes. Raises ProviderUnavailable, ProviderRefused."""
    metadata = _metadata(client, fetch)
    answer = fetch(
        _said_by(metadata, client, "token_endpoint"),
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.return_address,
            "client_id": client.client_id,
            "client_secret": client.secret,
            "code_verifier": flow.verifier,
        },
    )
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise ProviderRefused(cause="it sent no id_token")
    return checked(client, flow, token, fetch(_said_by(metadata, client, "jwks_uri")), now)


def checked(client: Client, flow: Flow, token: str, keys: Mapping[str, Any], now: datetime) -> Said:
    """What a signed id_token says. Raises ProviderRefused, naming what did not fit."""
    claims = _claims(token, keys)
    expected = _registry(client, flow, now)
    try:
        expected.validate(claims)
    except JoseError as error:
        raise ProviderRefused(cause=f"what it said does not hold: {error.error}") from None
    subject, audience = claims["sub"], claims["aud"]
    if len(subject) > 255:
        raise ProviderRefused(cause="its name for you is longer than 255 characters")
    if audience not in (client.client_id, [client.client_id]) and claims.get("azp") != client.client_id:
        raise ProviderRefused(cause="it spoke to somebody else as well")
    return Said(subject, _verified_at(claims, now))


def _claims(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    try:
        public = [key for key in keys["keys"] if isinstance(key, dict) and key.get("kty") != "oct"]
        return jwt.decode(token, KeySet.import_key_set({"keys": public}), algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise ProviderRefused(cause="its signature does not hold") from None


def _registry(client: Client, flow: Flow, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True, "value": client.issuer},
        aud={"essential": True, "value": client.client_id},
        nonce={"essential": True, "value": flow.nonce},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )


def _verified_at(claims: Mapping[str, Any], now: datetime) -> datetime | None:
    """Never later than now, so that no provider's clock keeps a step-up fresh."""
    seconds = claims.get("auth_time")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds <= (now + LEEWAY).timestamp():
        return None
    return min(datetime.fromtimestamp(seconds, UTC), now)


def _metadata(client: Client, fetch: Fetch) -> dict[str, Any]:
    metadata = fetch(client.issuer.rstrip("/") + DISCOVERY)
    if metadata.get("issuer") != client.issuer:
        raise ProviderUnavailable(issuer=client.issuer, cause="it calls itself something else")
    return metadata


def _said_by(metadata: Mapping[str, Any], client: Client, name: str) -> str:
    """An address of the provider, at the issuer's own host: else it could send us, and the secret, to any machine we reach."""
    address = metadata.get(name)
    if not isinstance(address, str) or not is_safe(address):
        raise ProviderUnavailable(issuer=client.issuer, cause=f"it names no {name}")
    if urlsplit(address)[:2] != urlsplit(client.issuer)[:2]:
        raise ProviderUnavailable(issuer=client.issuer, cause=f"its {name} lies at another host")
    return address


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
