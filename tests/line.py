"""A thin and bad line between a client and a server: so many bits a second, stalls, and connections that break.

TCP hides lost packets: what a program sees of 10 % loss is bytes that come late, while they are sent again, and now and
then a connection that is given up. So a part of the blocks is delayed, and every connection is cut after a number of bytes
of its own, wherever that is in a request or an answer. The same seed gives the same line.
"""

import contextlib
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Self

BLOCK_BYTES = 1024
DELAY_SECONDS = 0.2  # of a block that is sent again: the least retransmission time of common systems


@dataclass(frozen=True)
class Weather:
    bits_per_second: int | None = 64_000  # in each direction; None: as fast as it goes
    late: float = 0.1  # of the blocks
    life_bytes: range | None = range(1_000, 30_000)  # of a connection, both ways together; None: it never breaks
    seed: int = 1


class Line:
    """Listens at `port` on this machine while it is open, and counts what passes."""

    def __init__(self, to_port: int, weather: Weather) -> None:
        self._to_port, self._weather = to_port, weather
        self._random = random.Random(weather.seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.up_bytes = self.down_bytes = self.connections = self.cut = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                life = self._weather.life_bytes
                left_bytes = None if life is None else self._random.choice(life)
                server = socket.create_connection(("127.0.0.1", self._to_port))
                _Connection(self, client, server, left_bytes, self._random.random()).start()

    def passed(self, up: bool, count: int) -> None:
        with self._lock:
            if up:
                self.up_bytes += count
            else:
                self.down_bytes += count

    def seconds(self, count: int, chance: float) -> float:
        """How long these bytes take."""
        rate = self._weather.bits_per_second
        late = DELAY_SECONDS if rate and chance < self._weather.late else 0.0
        return (8 * count / rate if rate else 0.0) + late


class _Connection:
    def __init__(
        self, line: Line, client: socket.socket, server: socket.socket, left_bytes: int | None, seed: float
    ) -> None:
        self._line, self._client, self._server, self._left_bytes = line, client, server, left_bytes
        self._random = random.Random(seed)

    def start(self) -> None:
        for up in (True, False):
            threading.Thread(target=self._carry, args=(up,), daemon=True).start()

    def _carry(self, up: bool) -> None:
        source, target = (self._client, self._server) if up else (self._server, self._client)
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                time.sleep(self._line.seconds(len(block), self._random.random()))
                if self._left_bytes is not None:
                    self._left_bytes -= len(block)
                    if self._left_bytes < 0:
                        self._reset()
                        return
                target.sendall(block)
                self._line.passed(up, len(block))
            target.shutdown(socket.SHUT_WR)

    def _reset(self) -> None:
        """As a line that is gone does it: without a goodbye."""
        self._line.cut += 1
        for end in (self._client, self._server):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
