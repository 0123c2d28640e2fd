"""Locks between the processes of one installation: flock, which the kernel releases when the holder ends in any way.

A descriptor holds its lock until it is released, or closed by all who have it. It is never inherited by another program
unless it is passed on purpose; a process forked without one has it too.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from concord.errors import DatabaseUnavailable

PAUSE_SECONDS = 0.005


def try_exclusive(path: Path) -> int | None:
    """A descriptor that holds the exclusive lock, or None while anybody else holds one."""
    return _try(path, fcntl.LOCK_EX)


def try_shared(path: Path) -> int | None:
    """A descriptor that holds a shared lock, or None while somebody holds the exclusive one."""
    return _try(path, fcntl.LOCK_SH)


@contextmanager
def exclusive(path: Path, deadline: float) -> Iterator[None]:
    """Holds the exclusive lock; waits for it until this reading of the monotonic clock. Raises DatabaseUnavailable."""
    while (descriptor := try_exclusive(path)) is None:
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(cause=f"another process has held {path} for too long: see what it is waiting for")
        time.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        release(descriptor)


def release(descriptor: int) -> None:
    """For all who have it: closing alone would leave the lock with a process that was forked meanwhile."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _try(path: Path, kind: int) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        if _names(path, descriptor):
            return descriptor
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _names(path: Path, descriptor: int) -> bool:
    """Whether the path still means this file: the lock on one that was removed meanwhile binds nobody."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
