"""What is asked of a provider goes over HTTPS, is bounded, and follows nobody elsewhere."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from concord.access.fetch import MOST_BYTES, fetch_from, is_safe
from concord.errors import ProviderUnavailable


@pytest.mark.parametrize(
    "url",
    ["https://id.example", "https://id.example:8443/x", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]/"],
)
def test_https_and_this_machine_are_safe(url: str) -> None:
    assert is_safe(url) is True


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example",
        "http://127.0.0.1.evil.example",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "https://",
        "https://[",
        "x",
        "",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    assert is_safe(url) is False
    with pytest.raises(ProviderUnavailable):
        fetch_from("https://id.example", None)(url)


@contextlib.contextmanager
def saying(status: int, body: bytes, **headers: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # who asked may have read enough
                self.wfile.write(body)

        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"form": said}).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"no json"), (200, b"[]"), (200, b'"' + b"x" * MOST_BYTES + b'"'), (404, b"{}"), (500, b"{}")],
)
def test_an_answer_that_is_no_object_of_bounded_size_is_refused(status: int, body: bytes) -> None:
    with saying(status, body) as url, pytest.raises(ProviderUnavailable, match=r"id\.example"):
        fetch_from("https://id.example", None)(url)


def test_an_answer_of_the_full_size_is_read_and_a_form_is_posted() -> None:
    body = b'{"x": "' + b"x" * (MOST_BYTES - 9) + b'"}'
    assert len(body) == MOST_BYTES == 2**20
    with saying(200, body) as url:
        assert fetch_from("https://id.example", None)(url)["x"] == "x" * (MOST_BYTES - 9)
        assert fetch_from("https://id.example", None)(url, {"a": "b&c"}) == {"form": "a=b%26c"}
        assert fetch_from("https://id.example", None)(url, {}) == {"form": ""}


def test_one_byte_more_is_refused_in_words() -> None:
    with saying(200, b" " * MOST_BYTES + b"{}") as url, pytest.raises(ProviderUnavailable, match="larger than 1048576"):
        fetch_from("https://id.example", None)(url)


def test_nobody_is_waited_for_longer_than_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict[str, Any]()

    def open_never(self: object, request: object, timeout: float) -> None:
        given["timeout"] = timeout
        raise TimeoutError

    monkeypatch.setattr("urllib.request.OpenerDirector.open", open_never)
    with pytest.raises(ProviderUnavailable, match="TimeoutError"):
        fetch_from("https://id.example", None)("https://id.example")
    assert given == {"timeout": 10}


def test_nobody_is_followed_elsewhere() -> None:
    with (
        saying(200, b'{"found": 1}') as there,
        saying(302, b"", Location=there) as here,
        pytest.raises(ProviderUnavailable, match="302"),
    ):
        fetch_from("https://id.example", None)(here)


def test_nobody_listening_is_said() -> None:
    with saying(200, b"{}") as url:
        assert fetch_from("https://id.example", None)(url) == {}
    with pytest.raises(ProviderUnavailable):
        fetch_from("https://id.example", None)(url)
