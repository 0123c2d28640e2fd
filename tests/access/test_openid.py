"""What a provider says of itself is taken only at its own host; what it says of somebody, only with all that binds it."""

from collections.abc import Mapping
from typing import Any

import pytest

from concord.access.openid import Client, Flow, authorization_address
from concord.errors import ProviderUnavailable

CLIENT = Client("https://id.example", "concord", "s", "https://concord.example/back")


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


def test_no_two_attempts_share_anything() -> None:
    flows = [Flow.new() for _ in range(100)]
    assert len({word for flow in flows for word in (flow.state, flow.nonce, flow.verifier)}) == 300


def test_no_repr_shows_a_secret() -> None:
    assert "'s'" not in repr(CLIENT)
    flow = Flow.new()
    assert flow.verifier not in repr(flow)
