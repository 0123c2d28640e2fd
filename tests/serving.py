"""A real server on an installation's home, in a process of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path

STARTING_SECONDS = 60


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
        with contextlib.suppress(ConnectionError):
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
