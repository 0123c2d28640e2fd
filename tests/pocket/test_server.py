"""Which addresses are taken, and whether the way there may be trusted."""

import ssl
from pathlib import Path

import pytest

from concord.pocket.refusal import PlainLine, UnfitAuthority, UnfitServer
from concord.pocket.server import server_at


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hub.invalid", "https://hub.invalid"),
        ("https://hub.invalid:8443/concord/", "https://hub.invalid:8443/concord"),
        ("HTTPS://hub.invalid:443", "https://hub.invalid"),
        ("http://localhost:8008", "http://localhost:8008"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:8008", "http://[::1]:8008"),
    ],
)
def test_an_address_is_taken_in_one_spelling(url: str, shown: str) -> None:
    assert str(server_at(url)) == shown


@pytest.mark.parametrize(
    "url",
    ["", "hub.invalid", "ftp://hub.invalid", "https://", "https://a b", "https://h:99999", "https://h:x", "https://h?x",
     "https://h#x", "https://h\r\nX: y", "https://hüb.invalid", "https://[::1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UnfitServer):
        server_at(url)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UnfitServer) as caught:
        server_at("https://ada:secret@hub.invalid")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["hub.invalid", "127.0.0.2", "localhost.hub.invalid", "10.0.0.1"])
def test_plain_http_to_another_machine_needs_the_loud_word(host: str) -> None:
    with pytest.raises(PlainLine):
        server_at(f"http://{host}")
    assert str(server_at(f"http://{host}", insecure=True)) == f"http://{host}"


def test_certificates_and_names_are_verified_from_tls_1_2_on() -> None:
    context = server_at("https://hub.invalid").context
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_the_loud_word_does_not_weaken_https() -> None:
    context = server_at("https://hub.invalid", insecure=True).context
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_an_authority_that_is_none_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnfitAuthority, match=r"ca\.pem"):
        server_at("https://hub.invalid", str(path))
