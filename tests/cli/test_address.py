"""One server a port, and a host that there is; found before a server starts."""

import socket
from collections.abc import Iterator

import pytest

from concord.cli.address import free_address, page_address
from concord.errors import AddressTaken, UnfitAddress
from tests.cli.terminal import Terminal, run_process
from tests.serving import free_port, serving


@pytest.fixture
def sharing() -> Iterator[socket.socket]:
    """A server that would share its port, as ours do."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", free_port()))
        server.listen()
        yield server


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_port_that_another_server_would_share_is_taken(sharing: socket.socket, host: str) -> None:
    port = sharing.getsockname()[1]
    with pytest.raises(AddressTaken, match=f"{host}, port {port} .*--port"):
        free_address(host, port)


def test_what_remains_of_an_ended_server_is_no_obstacle(sharing: socket.socket) -> None:
    """Its side closes first, so that its half of the connection lingers in TIME_WAIT."""
    port = sharing.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as client:
        accepted, _ = sharing.accept()
        accepted.close()
        assert client.recv(1) == b""
    sharing.close()
    assert free_address("127.0.0.1", port) == "127.0.0.1"


def test_a_free_port_stays_free() -> None:
    port = free_port()
    assert free_address("127.0.0.1", port) == free_address("127.0.0.1", port) == "127.0.0.1"


@pytest.mark.parametrize("host", ["", "not.a.host.invalid", "192.0.2.1", "a" * 300, "a..b", "\0"])
def test_a_host_that_is_none_here_is_refused(host: str) -> None:
    with pytest.raises(UnfitAddress, match="--host"):
        free_address(host, 8008)


def test_a_name_becomes_its_number() -> None:
    assert free_address("localhost", free_port()) in ("127.0.0.1", "::1")


def test_a_page_of_an_ipv6_number_has_brackets() -> None:
    assert page_address("fd00::1", 8008) == "http://[fd00::1]:8008/"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0", "::", "localhost"])
def test_this_machine_is_called_by_the_name_that_passkeys_belong_to(host: str) -> None:
    assert page_address(host, 8008) == "http://localhost:8008/"
    assert page_address("192.0.2.1", 8008) == "http://192.0.2.1:8008/"
    assert page_address(host, 8008, "https://concord.example") == "https://concord.example/"


def test_a_second_server_on_the_same_port_ends_and_says_why(terminal: Terminal) -> None:
    home = terminal.config.home
    with serving(home) as port:
        for words in (("serve",), ("demo",)):
            said = run_process(home, *words, "--port", str(port))
            assert said.status == 1
            assert f"127.0.0.1, port {port}" in said.complaint
            assert "--port" in said.complaint


def test_a_host_that_is_none_is_refused_by_the_server(terminal: Terminal) -> None:
    said = terminal.run("serve", "--host", "not.a.host.invalid")
    assert said.status == 1
    assert "not.a.host.invalid" in said.complaint
