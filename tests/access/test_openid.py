"""What a provider says of itself is taken only at its own host; what it says of somebody, only with all that binds it."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from concord.access.openid import LEEWAY, Client, Flow, Said, authorization_address, checked, redeem
from concord.errors import ProviderRefused, ProviderUnavailable

CLIENT = Client("https://id.example", "concord", "s", "https://concord.example/back")
FLOW, KEY = Flow.new(), ECKey.generate_key("P-256", {"kid": "one"})
NOW = datetime(2031, 1, 2, tzinfo=UTC)  # fixed: tests are named after it, and all processes must find the same names
SECOND = int(NOW.timestamp())
RIGHT = {
    "iss": "https://id.example",
    "aud": "concord",
    "sub": "s-1",
    "nonce": FLOW.nonce,
    "iat": SECOND,
    "exp": SECOND + 60,
}


def said(key: Any = KEY, algorithm: str = "ES256", **claims: Any) -> Said:
    token = jwt.encode({"alg": algorithm, "kid": "one"}, RIGHT | claims, key, algorithms=[algorithm])
    return checked(CLIENT, FLOW, token, {"keys": [KEY.as_dict(private=False)]}, NOW)


def saying(metadata: dict[str, Any]) -> Any:
    def fetch(url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        assert url == "https://id.example/.well-known/openid-configuration"
        return metadata

    return fetch


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"issuer": "https://other.example", "authorization_endpoint": "https://id.example/a"},
        {"issuer": "https://id.example/", "authorization_endpoint": "https://id.example/a"},
        {"issuer": "https://id.example"},
        {"issuer": "https://id.example", "authorization_endpoint": 7},
        {"issuer": "https://id.example", "authorization_endpoint": "http://id.example/a"},
        {"issuer": "https://id.example", "authorization_endpoint": "https://internal.example/a"},
        {"issuer": "https://id.example", "authorization_endpoint": "https://id.example:444/a"},
        {"issuer": "https://id.example", "authorization_endpoint": "http://127.0.0.1/a"},
        {"issuer": "https://id.example", "authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_points_elsewhere_or_nowhere_is_not_used(metadata: dict[str, Any]) -> None:
    with pytest.raises(ProviderUnavailable):
        authorization_address(CLIENT, Flow.new(), saying(metadata), anew=False)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "s" * 255},
        {"aud": ["concord"]},
        {"aud": ["concord", "another"], "azp": "concord"},
        {"exp": SECOND - 29},
        {"iat": SECOND + 29},
    ],
)
def test_what_holds_by_a_hair_holds(claims: dict[str, Any]) -> None:
    assert said(**claims) == Said(claims.get("sub", "s-1"), None)


@pytest.mark.parametrize(
    "claims",
    [
        *({"sub": subject} for subject in ("", "s" * 256, 7, None, ["s-1"])),
        *({"aud": audience} for audience in (["concord", "another"], "another", [], None)),
        {"aud": ["concord", "another"], "azp": "another"},
        {"exp": SECOND - 31},
        {"iat": SECOND + 31},
        {"nonce": FLOW.state},
        {"iss": "https://id.example/"},
    ],
)
def test_what_does_not_hold_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(ProviderRefused):
        said(**claims)


@pytest.mark.parametrize(
    ("key", "algorithm"), [(ECKey.generate_key("P-256"), "ES256"), (OctKey.generate_key(256), "HS256")]
)
def test_another_key_signs_for_nobody(key: Any, algorithm: str) -> None:
    with pytest.raises(ProviderRefused, match="signature"):
        said(key, algorithm)


@pytest.mark.parametrize(
    ("auth_time", "seconds"),
    [
        *((SECOND - 9, -9), (SECOND, 0), (SECOND + 30, 0), (SECOND + 31, None), (1, 1 - SECOND), (0, None)),
        *((-1, None), (True, None), (str(SECOND), None), (SECOND + 0.5, None), (None, None)),
    ],
)
def test_when_it_last_saw_him_is_never_later_than_now(auth_time: object, seconds: int | None) -> None:
    assert timedelta(seconds=30) == LEEWAY
    assert said(auth_time=auth_time).verified_at == (None if seconds is None else NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("missing", RIGHT)
def test_every_claim_that_binds_is_needed(missing: str) -> None:
    token = jwt.encode({"alg": "ES256", "kid": "one"}, {name: RIGHT[name] for name in RIGHT if name != missing}, KEY)
    with pytest.raises(ProviderRefused):
        checked(CLIENT, FLOW, token, {"keys": [KEY.as_dict(private=False)]}, NOW)


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [(RSAKey, "RS256"), (RSAKey, "PS256"), (ECKey, "ES256"), (OKPKey, "EdDSA"), (RSAKey, "RS384")],
)
def test_the_algorithms_are_the_pages(kind: Any, algorithm: str) -> None:
    """docs/sign-in.md."""
    size = {RSAKey: 2048, ECKey: "P-256", OKPKey: "Ed25519"}[kind]
    key = kind.generate_key(size, {"kid": "one"})
    token = jwt.encode({"alg": algorithm, "kid": "one"}, RIGHT, key, algorithms=[algorithm])
    with pytest.raises(ProviderRefused) if algorithm == "RS384" else nullcontext():
        assert checked(CLIENT, FLOW, token, {"keys": [key.as_dict(private=False)]}, NOW).subject == "s-1"


@pytest.mark.parametrize("keys", [{}, {"keys": None}, {"keys": []}, {"keys": [7]}, {"keys": [{"kty": "EC"}]}])
def test_keys_that_are_none_sign_for_nobody(keys: dict[str, Any]) -> None:
    token = jwt.encode({"alg": "ES256", "kid": "one"}, RIGHT, KEY)
    with pytest.raises(ProviderRefused, match="signature"):
        checked(CLIENT, FLOW, token, keys, NOW)


@pytest.mark.parametrize("beside", [7, "key", OctKey.generate_key(256, {"kid": "one"}).as_dict()])
def test_what_is_no_public_key_stands_in_nobodys_way(beside: object) -> None:
    token = jwt.encode({"alg": "ES256", "kid": "one"}, RIGHT, KEY)
    assert checked(CLIENT, FLOW, token, {"keys": [beside, KEY.as_dict(private=False)]}, NOW).subject == "s-1"


def test_a_refusal_says_what_did_not_fit() -> None:
    for claims, why in (
        ({"sub": "s" * 256}, "longer than 255"),
        ({"aud": ["concord", "another"]}, "somebody else as well"),
        ({"nonce": "another"}, "does not hold"),
    ):
        with pytest.raises(ProviderRefused, match=why):
            said(**claims)


METADATA = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/a",
    "token_endpoint": "https://id.example/t",
    "jwks_uri": "https://id.example/k",
}


def test_the_browser_is_sent_with_what_binds_the_attempt_and_the_secret_stays_here() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # and its challenge: RFC 7636, appendix B
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    flow = Flow("state", "nonce", verifier)
    asked = {
        "response_type": "code", "client_id": "concord", "redirect_uri": CLIENT.return_address, "scope": "openid",
        "state": "state", "nonce": "nonce", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    for anew, more in ((False, {}), (True, {"prompt": "login", "max_age": "0"})):
        address, _, query = authorization_address(CLIENT, flow, saying(METADATA), anew=anew).partition("?")
        assert address == "https://id.example/a"
        assert dict(parse_qsl(query)) == asked | more


@pytest.mark.parametrize("answer", [{"id_token": None}, {"id_token": 7}, {}])
def test_a_code_is_exchanged_at_the_providers_own_for_a_token(answer: dict[str, Any]) -> None:
    token = jwt.encode({"alg": "ES256", "kid": "one"}, RIGHT, KEY)
    seen = dict[str, Any]()

    def fetch(url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        seen[url.removeprefix("https://id.example/")] = form
        return {
            "https://id.example/t": answer or {"id_token": token},
            "https://id.example/k": {"keys": [KEY.as_dict(private=False)]},
        }.get(url, METADATA)

    form = {
        "grant_type": "authorization_code", "code": "the code", "redirect_uri": CLIENT.return_address,
        "client_id": "concord", "client_secret": "s", "code_verifier": FLOW.verifier,
    }  # fmt: skip
    if answer:
        with pytest.raises(ProviderRefused, match="no id_token"):
            redeem(CLIENT, FLOW, "the code", fetch, NOW)
        return
    assert redeem(CLIENT, FLOW, "the code", fetch, NOW) == Said("s-1", None)
    assert seen == {".well-known/openid-configuration": None, "t": form, "k": None}


def test_an_issuer_without_encryption_leads_nobody_anywhere() -> None:
    client = replace(CLIENT, issuer="http://id.example")
    metadata = {"issuer": client.issuer, "authorization_endpoint": "http://id.example/a"}
    with pytest.raises(ProviderUnavailable, match="names no authorization_endpoint"):
        authorization_address(client, FLOW, lambda url, form=None: metadata, anew=False)


def test_an_issuer_may_end_in_a_slash() -> None:
    metadata = METADATA | {"issuer": "https://id.example/"}
    client = replace(CLIENT, issuer="https://id.example/")
    assert authorization_address(client, FLOW, saying(metadata), anew=False).startswith("https://id.example/a?")


def test_an_attempt_is_of_256_random_bits() -> None:
    flow = Flow.new()
    assert {len(word) for word in (flow.state, flow.nonce, flow.verifier)} == {43}


def test_no_two_attempts_share_anything() -> None:
    flows = [Flow.new() for _ in range(100)]
    assert len({word for flow in flows for word in (flow.state, flow.nonce, flow.verifier)}) == 300


def test_no_repr_shows_a_secret() -> None:
    assert "'s'" not in repr(CLIENT)
    flow = Flow.new()
    assert flow.verifier not in repr(flow)
