"""A real server on an installation's home, in a process of its own."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

STARTING_SECONDS = 180  # a bound against hanging; it goes on as soon as the server is ready, or has ended
PORTS = range(15_000, 30_000)  # below those that systems give out by themselves


@contextlib.contextmanager
def serving(home: Path, environment: Mapping[str, str] = {}) -> Iterator[int]:
    """`concord serve`; gives its port on 127.0.0.1 once it is ready, and ends it."""
    port = free_port()
    command = [sys.executable, "-m", "concord", "serve", "--port", str(port)]
    variables = {**os.environ, "CONCORD_HOME": str(home), "CONCORD_WORKERS": "2", **environment}
    server = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_until_ready(port, server)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=STARTING_SECONDS)


def wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, HTTPException):
            if status(port, "/readyz") == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not become ready; its own lines are above")


def status(port: int, address: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=STARTING_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", address)
        return connection.getresponse().status


def free_port() -> int:
    """One that nobody else comes by before it is used: no outgoing connection, and no other test process."""
    while True:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        with contextlib.suppress(OSError), socket.socket() as server:
            server.bind(("127.0.0.1", port))
            _claims.append(_claim(port))
            return port


def _claim(port: int) -> socket.socket:
    """A name that one process can have (where there are such names, on Linux), kept until this process ends."""
    with contextlib.ExitStack() as undone:
        claim = undone.enter_context(socket.socket(socket.AF_UNIX))
        if sys.platform == "linux":
            claim.bind(f"\0concord-test-port-{port}")
        undone.pop_all()
        return claim


_claims: list[socket.socket] = []
