"""One kept connection, taken up again when it breaks; what comes over it is not believed before it was looked at."""

import datetime
import gzip
import ipaddress
import json
import ssl
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from concord.pocket import line as line_module
from concord.pocket.line import BYTES, Line
from concord.pocket.refusal import LineLost, Refusal, RefusedThere, UnfitAnswer, UntrustedServer
from concord.pocket.server import server_at
from tests.pocket.answering import Answering, Reply, ok

SECRET = "secret-token"


def line_to(
    server: Answering, pauses: list[float] | None = None, attempts: int = 4, url: str = "", ca: str = ""
) -> Line:
    there = server_at(url or f"http://127.0.0.1:{server.port}", ca or None)
    headers = {"Authorization": f"Bearer {SECRET}"}
    sleep = (pauses if pauses is not None else []).append
    return Line(there, headers, random=Random(1), sleep=sleep, attempts=attempts)


def status(code: int, body: bytes, more: str = "") -> bytes:
    return f"HTTP/1.1 {code} X\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def problem(code: int, name: str = "not_allowed") -> bytes:
    return status(code, json.dumps({"error": {"code": name, "message": "It is so."}}).encode())


def test_many_requests_go_over_one_connection() -> None:
    with Answering([ok(b"1"), ok(b"2"), ok(b"3")]) as server:
        line = line_to(server)
        assert [line.ask("GET", "x") for _ in range(3)] == [1, 2, 3]
        assert server.connections == 1
        line.close()


def test_a_long_body_is_compressed_and_a_short_one_is_not() -> None:
    with Answering([ok(b"1"), ok(b"1")]) as server:
        line = line_to(server)
        line.ask("POST", "x", ["ab" * 32] * 100)
        line.ask("POST", "x", ["ab"])
        line.close()
    (_, headers, body), (_, plain, short) = server.requests
    assert headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(body)) == ["ab" * 32] * 100
    assert "content-encoding" not in plain
    assert json.loads(short) == ["ab"]


def test_bytes_that_do_not_get_smaller_are_sent_as_they_are() -> None:
    data = Random(1).randbytes(1000)
    with Answering([ok(b"1")]) as server:
        line = line_to(server)
        line.send("POST", "x", data, BYTES)
        line.close()
    assert server.requests[0][2] == data


@pytest.mark.parametrize(
    "broken",
    [
        None,
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n123",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\x1f\x8b\x08\0\0",
        b"nonsense Connection: close\r\n\r\n",
        *(status(code, b"busy", "Connection: close\r\n") for code in (502, 503, 504, 429)),
    ],
)
def test_what_broke_is_asked_again_after_a_pause(broken: Reply) -> None:
    pauses: list[float] = []
    with Answering([broken or None, ok(b'"whole"')]) as server:
        line = line_to(server, pauses)
        assert line.ask("POST", "x", "question") == "whole"
        line.close()
    assert [body for _, _, body in server.requests] == [b'"question"'] * 2
    assert len(pauses) == line.failures == 1


def test_after_so_many_attempts_it_gives_up_and_says_why() -> None:
    pauses: list[float] = []
    with Answering([]) as server, pytest.raises(LineLost, match="4 attempts"):
        line_to(server, pauses).ask("GET", "x")
    assert len(pauses) == 3


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 422, 500])
def test_a_refusal_is_told_at_once_with_the_servers_reason(code: int) -> None:
    pauses: list[float] = []
    with (
        Answering([problem(code)]) as server,
        pytest.raises(RefusedThere, match=r"It is so\. \(not_allowed\)") as caught,
    ):
        line_to(server, pauses).ask("GET", "x")
    assert (caught.value.status, caught.value.facts["status"], pauses) == (2 if code == 400 else 1, code, [])


@pytest.mark.parametrize(
    "reply",
    [
        ok(b"no JSON"),
        ok(b"[" * 100_000),
        ok(b"\xff"),
        status(403, b"{}"),
        status(403, b'{"error": {"code": 5, "message": "x"}}'),
        status(302, b"", "Location: http://elsewhere.invalid/\r\n"),
    ],
)
def test_an_answer_that_is_none_is_refused(reply: bytes) -> None:
    with Answering([reply]) as server, pytest.raises(UnfitAnswer):
        line_to(server).ask("GET", "x")
    assert len(server.requests) == 1


def test_an_answer_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "MOST_ANSWER_BYTES", 1 << 20)
    body = gzip.compress(b" " * (64 << 20))
    with (
        Answering([status(200, body, "Content-Encoding: gzip\r\n")]) as server,
        pytest.raises(UnfitAnswer, match="longer"),
    ):
        line_to(server).ask("GET", "x")


def test_what_a_server_says_orders_the_terminal_nothing() -> None:
    body = json.dumps({"error": {"code": "x", "message": "\x1b[31m\n" + "x" * 10_000}}).encode()
    with Answering([status(403, body)]) as server, pytest.raises(RefusedThere) as caught:
        line_to(server).ask("GET", "x")
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_no_complaint_repeats_the_token() -> None:
    for replies in ([], [problem(401)], [ok(b"no JSON")]):
        with Answering(replies) as server, pytest.raises(Refusal) as caught:
            line_to(server).ask("GET", "x")
        assert SECRET not in str(caught.value)
        assert SECRET not in repr(caught.value)


# ---- TLS --------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Certificate and key, signed by itself, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context, and the authority to believe."""
    chain, key = certificate(tmp_path, "server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context, chain


def test_with_its_authority_a_server_is_believed(tls: tuple[ssl.SSLContext, Path]) -> None:
    with Answering([ok(b"1")], tls[0]) as server:
        line = line_to(server, url=f"https://127.0.0.1:{server.port}", ca=str(tls[1]))
        assert line.ask("GET", "x") == 1
        line.close()


@pytest.mark.parametrize("other", [False, True])
def test_a_server_that_cannot_prove_itself_is_sent_nothing(
    tls: tuple[ssl.SSLContext, Path], tmp_path: Path, other: bool
) -> None:
    authority = str(certificate(tmp_path, "other")[0]) if other else ""
    pauses: list[float] = []
    with Answering([ok(b"1")], tls[0]) as server:
        with pytest.raises(UntrustedServer):
            line_to(server, pauses, url=f"https://127.0.0.1:{server.port}", ca=authority).ask("GET", "x")
        assert (server.requests, pauses) == ([], [])


def test_a_certificate_for_another_name_is_not_believed(tls: tuple[ssl.SSLContext, Path]) -> None:
    with Answering([ok(b"1")], tls[0]) as server:
        with pytest.raises(UntrustedServer):
            line_to(server, url=f"https://localhost:{server.port}", ca=str(tls[1])).ask("GET", "x")
        assert server.requests == []
