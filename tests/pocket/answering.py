"""A server made of a list: what it answers to one request after another."""

import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from email.parser import Parser
from typing import Self

Reply = bytes | None  # None: it hangs up instead

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


def ok(body: bytes) -> bytes:
    return OK % (len(body), body)


class Answering:
    """Listens while it is open; remembers what it was sent."""

    def __init__(self, replies: Sequence[Reply], context: ssl.SSLContext | None = None) -> None:
        self._replies, self._context = list(replies), context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                with suppress(OSError, ValueError), client:
                    self._serve(self._context.wrap_socket(client, server_side=True) if self._context else client)

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as stream:
            while line := stream.readline():
                head = b"".join(iter(stream.readline, b"\r\n")).decode("latin-1")
                headers = {name.lower(): value for name, value in Parser().parsestr(head).items()}
                self.requests.append(
                    (line.decode().strip(), headers, stream.read(int(headers.get("content-length", 0))))
                )
                reply = self._replies.pop(0) if self._replies else None
                if reply is None:
                    return
                client.sendall(reply)
                if b"Connection: close" in reply:
                    return
