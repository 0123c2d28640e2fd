"""What a provider says of itself is taken only at its own host; what it says of somebody, only with all that binds it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from concord.access.openid import LEEWAY, Client, Flow, Said, authorization_address, checked
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


def test_no_two_attempts_share_anything() -> None:
    flows = [Flow.new() for _ in range(100)]
    assert len({word for flow in flows for word in (flow.state, flow.nonce, flow.verifier)}) == 300


def test_no_repr_shows_a_secret() -> None:
    assert "'s'" not in repr(CLIENT)
    flow = Flow.new()
    assert flow.verifier not in repr(flow)
