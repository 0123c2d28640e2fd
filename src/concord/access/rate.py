"""How many requests one token, session or address may make over HTTP: one file in shared memory for all processes of a server.

A token bucket as one number, the time at which it will be full again (the generic cell rate algorithm of ATM Forum TM 4.0). The
number's place in the file is a keyed hash of the source, so that nobody can aim for another's; two that meet there by chance,
one pair in 65,536, share a bucket. Nothing in the file says who it was.
"""

import fcntl
import hashlib
import ipaddress
import mmap
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from concord.errors import TooManyRequests

SLOTS = 1 << 16
SLOT_BYTES = 8
BURST_SECONDS = 10  # so many seconds' worth may come at once
ADDRESS_FACTOR = 10  # of the rate of one token: many users may come from one address
NANOSECONDS = 1_000_000_000
Ticks = Callable[[], int]  # nanoseconds of a clock that only goes forward, the same in all processes


def after(full_at: int, now: int, per_second: int) -> int:
    """When the bucket is full again with one request more, in nanoseconds. Raises TooManyRequests. Pure.

    What lies further ahead than a bucket can be is of an earlier start of the machine, and counts for nothing.
    """
    step, burst = NANOSECONDS // per_second, BURST_SECONDS * NANOSECONDS
    since = full_at if now < full_at <= now + burst else now
    if (wait := since + step - now - burst) > 0:
        raise TooManyRequests(seconds=-(-wait // NANOSECONDS))
    return since + step


class Rates:
    """`per_second`: requests of one token or session. Safe to share between threads and processes."""

    def __init__(self, path: Path, key: bytes, per_second: int, ticks: Ticks = time.monotonic_ns) -> None:
        self._key, self._per_second, self._ticks = hashlib.sha256(b"rates" + key).digest(), per_second, ticks
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.posix_fallocate(self._file, 0, SLOTS * SLOT_BYTES)
        self._slots = mmap.mmap(self._file, SLOTS * SLOT_BYTES)
        self._lock = threading.Lock()  # that of the file is between processes only

    def demand_of_token(self, secret: str) -> None:
        """Raises TooManyRequests."""
        self._demand(f"token {secret}", self._per_second)

    def demand_of_session(self, session: object) -> None:
        """Raises TooManyRequests."""
        self._demand(f"session {session}", self._per_second)

    def demand_of_address(self, address: str) -> None:
        """`address` is that of the connection. One of this machine is a proxy's, for everybody. Raises TooManyRequests."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return
        if parsed.is_loopback:
            return
        household = ipaddress.ip_network((parsed, 64), strict=False) if parsed.version == 6 else parsed
        self._demand(f"address {household}", self._per_second * ADDRESS_FACTOR)

    def close(self) -> None:
        self._slots.close()
        os.close(self._file)

    def _demand(self, source: str, per_second: int) -> None:
        place = hashlib.blake2b(source.encode("utf-8", "replace"), key=self._key, digest_size=8).digest()
        start = int.from_bytes(place, "big") % SLOTS * SLOT_BYTES
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, SLOT_BYTES, start)
            try:
                held = self._slots[start : start + SLOT_BYTES]
                full_at = after(int.from_bytes(held, "big"), self._ticks(), per_second)
                self._slots[start : start + SLOT_BYTES] = full_at.to_bytes(SLOT_BYTES, "big")
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, SLOT_BYTES, start)
