"""A load of HTTP requests from one process: kept connections, one request under way on each, nothing parsed that need not be.

It runs beside the server it measures, so it must cost little: requests are made before, and one thread serves all.
"""

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

HEAD_END = b"\r\n\r\n"
RECEIVED_BYTES = 1 << 20
LEAST_REQUESTS = 10  # also of a short load on a machine so busy that the time is over after the first


@dataclass(frozen=True)
class Load:
    """What came of it. Times in seconds."""

    responses: int
    wall: float
    latencies: list[float]
    last: bytes  # a response, whole


@dataclass
class _Line:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def request(method: str, address: str, token: str, body: bytes = b"") -> bytes:
    lines = [
        f"{method} {address} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + HEAD_END + body


def run(port: int, connections: int, requests: Sequence[bytes], seconds: float, at_most: int) -> Load:
    """Sends the requests in turn until the time is over, and LEAST_REQUESTS of them, or `at_most` are sent.

    Raises where one is not answered by 200.
    """
    numbers = count()
    latencies: list[float] = []
    last = b""
    with selectors.DefaultSelector() as ready:
        began = time.perf_counter()
        for _ in range(connections):
            line = _Line(socket.create_connection(("127.0.0.1", port)))
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.register(line.socket, selectors.EVENT_READ, line)
            _send(line, requests[next(numbers) % len(requests)])
        while ready.get_map():
            for key, _ in ready.select():
                line = key.data
                line.received += line.socket.recv(RECEIVED_BYTES)
                if not _is_whole(line.received):
                    continue
                now = time.perf_counter()
                latencies.append(now - line.sent_at)
                last = bytes(line.received)
                assert last.startswith(b"HTTP/1.1 200"), last[:1000]
                number = next(numbers)
                if (now - began < seconds or number < LEAST_REQUESTS) and number < at_most:
                    _send(line, requests[number % len(requests)])
                else:
                    ready.unregister(line.socket)
                    line.socket.close()
    return Load(len(latencies), time.perf_counter() - began, latencies, last)


def _send(line: _Line, data: bytes) -> None:
    line.received.clear()
    line.sent_at = time.perf_counter()
    line.socket.sendall(data)


def _is_whole(received: bytearray) -> bool:
    end = received.find(HEAD_END)
    if end < 0:
        assert received, "the server closed the connection"
        return False
    head = received[:end].lower()
    start = head.index(b"content-length:") + 15
    length = int(head[start:].split(b"\r\n", 1)[0])
    return len(received) >= end + len(HEAD_END) + length
