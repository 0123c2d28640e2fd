"""A stand-in for a country's identity provider: a small OpenID Connect server of our own that signs with a real key.

It can be told to lie, once a test, in each way that a real one must never get away with.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = dict[str, Any]


class Provider:
    """`subject` is who stands before it; `lie` changes what it signs, `sign` how."""

    client_id, secret = "concord", "a secret between the two"

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.subject = "subject-1"
        self.lie: Callable[[Claims], Claims] = lambda claims: claims
        self.sign: Callable[[Claims], str] = self.signed
        self.seen: list[str] = []  # what it was asked for
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    @contextlib.contextmanager
    def running(self) -> Iterator["Provider"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def signed(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def unsigned(self, claims: Claims) -> str:
        return _text({"alg": "none"}) + "." + _text(claims) + "."

    def signed_by_public_key_as_secret(self, claims: Claims) -> str:
        """By hand: the library refuses to."""
        head = _text({"alg": "HS256", "kid": "one"}) + "." + _text(claims)
        return head + "." + _coded(hmac.digest(self.key.as_pem(private=False), head.encode(), "sha256"))

    def signed_by_somebody(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))

    def approve(self, address: str) -> str:
        """The user says yes there: the code that the browser is sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return code

    def _token(self, form: dict[str, str]) -> tuple[int, Claims]:
        asked = self._codes.pop(form.get("code", ""), None)  # once
        challenge = _coded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or (form["client_id"], form["client_secret"]) != (self.client_id, self.secret)
            or form["redirect_uri"] != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.client_id,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 60,
        }
        if asked.get("max_age") == "0":
            claims["auth_time"] = now
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(self.lie(claims))}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.seen.append(self.path)
                known = {
                    "/.well-known/openid-configuration": {
                        "issuer": provider.issuer,
                        "authorization_endpoint": f"{provider.issuer}/authorize",
                        "token_endpoint": f"{provider.issuer}/token",
                        "jwks_uri": f"{provider.issuer}/keys",
                    },
                    "/keys": {"keys": [provider.key.as_dict(private=False)]},
                }
                self._say(200 if self.path in known else 404, known.get(self.path, {}))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._say(*provider._token({name: values[0] for name, values in parse_qs(body).items()}))

            def _say(self, status: int, content: Claims) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler


def _text(value: Claims) -> str:
    return _coded(json.dumps(value).encode())


def _coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
