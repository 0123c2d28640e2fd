"""A program that talks to the interface with an officer's token."""

from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import HttpResponse
from django.test import Client

JSON = "application/json"
BYTES = "application/octet-stream"

# What no error may tell: where the program lies, how it asks, how it fell.
SECRETS = (
    "Traceback",
    'File "',
    "site-packages",
    "/tmp/",
    "/home/",
    "/root/",
    "/var/",
    "/usr/",
    "select ",
    "insert into",
)


@dataclass(frozen=True)
class Program:
    """`token` None: it gives none."""

    token: str | None
    client: Client

    def post(self, address: str, body: Any, content_type: str = JSON, **headers: str) -> HttpResponse:
        """`body` as it is when it is bytes, else as JSON."""
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        headers = {**self._headers, "Content-Type": content_type, **headers}  # said also where there is no body
        return self.client.post(f"/api/v1/{address}", data, content_type, headers=headers)  # type: ignore[return-value]

    def send(self, method: str, address: str, body: Any = None) -> HttpResponse:
        """`body` as JSON; None: there is none."""
        data = b"" if body is None else msgspec.json.encode(body)
        headers = self._headers | ({} if body is None else {"Content-Type": JSON})
        return self.client.generic(method, f"/api/v1/{address}", data, JSON, headers=headers)  # type: ignore[return-value]

    def get(self, address: str, **headers: str) -> HttpResponse:
        return self.client.get(f"/api/v1/{address}", headers=self._headers | headers)  # type: ignore[return-value]

    def request(self, method: str, address: str) -> HttpResponse:
        return self.client.generic(method, f"/api/v1/{address}", headers=self._headers)  # type: ignore[return-value]

    @property
    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


def given(response: HttpResponse) -> Any:
    """What a request that succeeded gave."""
    assert response.status_code == 200, response.content[:500]
    assert response["Content-Type"] == JSON
    return msgspec.json.decode(response.content)


def refusal(response: HttpResponse) -> tuple[int, str]:
    """Status and code of a refused request, whose body is the published one and tells nothing else."""
    assert response["Content-Type"] == JSON, response.content[:500]
    body = msgspec.json.decode(response.content)
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message"}
    assert body["error"]["message"]
    told = [secret for secret in SECRETS if secret in response.content.decode()]
    assert told == []
    return response.status_code, body["error"]["code"]
