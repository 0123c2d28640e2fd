"""Server processes that have lost their keeper: found by what they are, never by a number in a file.

Only this module needs psutil, and the keeper loads it only after an unclean end, to stay small.
"""

import contextlib
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from concord.database import postmaster
from concord.errors import DatabaseUnavailable

_PAUSE_SECONDS = 0.02
_QUIT_SECONDS = 10.0  # from SIGQUIT to SIGKILL


@dataclass(frozen=True, slots=True)
class Adopted:
    """A running server that is not a child of this process."""

    process: psutil.Process

    def gone(self) -> bool:
        return not _alive(self.process)

    def interrupt(self, how: signal.Signals) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.send_signal(how)  # psutil compares the creation time first, should the number be reused


def running(data: Path) -> Adopted | None:
    """The live server of this data directory, ready or not."""
    claim = postmaster.read(data)
    if claim is None:
        return None
    try:
        process = psutil.Process(claim.pid)
    except psutil.NoSuchProcess:
        return None
    return Adopted(process) if _serves(process, data) else None


def clear(data: Path, deadline: float) -> None:
    """Ends what still runs on this data directory and waits until it is gone, then removes a stale pid file.

    A live server is asked to shut down cleanly; processes whose server was killed are told to quit at once, as their
    clients have lost them. Raises DatabaseUnavailable when something outlives the deadline (monotonic seconds).
    """
    server = running(data)
    if server is not None:
        server.interrupt(signal.SIGINT)
        _wait(server.gone, deadline, data)
    _quit_all(data, deadline)
    # With the directory's processes gone the file can only name a stranger, whom PostgreSQL would take for a server.
    (data / "postmaster.pid").unlink(missing_ok=True)


def _quit_all(data: Path, deadline: float) -> None:
    patience = time.monotonic() + _QUIT_SECONDS
    for process in _processes(data):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGQUIT)
    while left := _processes(data):
        if time.monotonic() > patience:
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        if time.monotonic() > deadline:
            raise _stuck(data)
        time.sleep(_PAUSE_SECONDS)


def _processes(data: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _serves(process, data)]


def _serves(process: psutil.Process, data: Path) -> bool:
    """A server and each of its processes work inside the data directory. Whoever hides that is another account's."""
    try:
        return process.name() == "postgres" and Path(process.cwd()).samefile(data) and _alive(process)
    except (psutil.Error, OSError):
        return False


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(gone: Callable[[], bool], deadline: float, data: Path) -> None:
    while not gone():
        if time.monotonic() > deadline:
            raise _stuck(data)
        time.sleep(_PAUSE_SECONDS)


def _stuck(data: Path) -> DatabaseUnavailable:
    return DatabaseUnavailable(cause=f"an earlier server at {data} does not stop; see the server.log beside it")
