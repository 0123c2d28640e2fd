"""The keeper: a small process of its own that starts the embedded server, watches it, and stops it when nobody uses it.

It is started by the first user (`concord.database.embedded`) and belongs to none of them. Its rules:

* It holds `keeper.lock` for life; the lock is taken by whoever starts it and comes as an inherited descriptor.
* Everyone who uses the server holds `users.lock` shared. The keeper may take that lock alone only when nobody does.
* Both a start and the decision to stop happen under `start.lock`, held until the server is ready or gone. So a newcomer
  either comes before the decision, and the keeper sees a user, or after the end, and starts anew.
* The kernel tells the server to shut down when the keeper dies (Linux); elsewhere the next keeper adopts the server.
* When the server ends by itself, so does the keeper: the next user starts both.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from concord.database import binaries, cluster, lock, postmaster, word
from concord.database.account import MINIMAL_ENVIRONMENT, Account
from concord.database.binaries import Programs
from concord.database.place import Place, settle
from concord.database.terms import Terms
from concord.errors import ConcordError, DatabaseUnavailable

_READY_PAUSE_SECONDS = 0.005
_WATCH_PAUSE_SECONDS = (0.05, 1.0)  # at least, at most
_CLEAN_STOP_SECONDS = 60.0  # after which the server is told to quit at once; it then recovers at its next start
_LOG_BYTES = 8 << 20  # of each of two files
_PR_SET_PDEATHSIG = 1  # prctl(2)


class Server(Protocol):
    """A running server, child of this process or not."""

    def gone(self) -> bool: ...

    def interrupt(self, how: signal.Signals) -> None: ...


@dataclass(frozen=True, slots=True)
class Child:
    process: subprocess.Popen[bytes]

    def gone(self) -> bool:
        return self.process.poll() is not None

    def interrupt(self, how: signal.Signals) -> None:
        self.process.send_signal(how)


# ---- deciding -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Idleness:
    """Since when nobody has used the server, by what is seen at each look. Times are monotonic seconds."""

    linger_seconds: float
    since: float
    last_mark: int = 0  # changes whenever a user arrives, so that one who came and went between two looks is noticed

    def over(self, now: float, *, used: bool, mark: int) -> bool:
        """Whether the server has been unused for long enough."""
        if used or mark != self.last_mark:
            self.since, self.last_mark = now, mark
            return False
        return now - self.since >= self.linger_seconds


def watch_pause(linger_seconds: float) -> float:
    shortest, longest = _WATCH_PAUSE_SECONDS
    return min(longest, max(shortest, linger_seconds / 4))


# ---- keeping ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Keeper:
    place: Place
    terms: Terms
    descriptor: int  # of keeper.lock
    wakened: int  # readable when a signal has come
    asked_to_stop: bool = field(default=False)

    def keep(self) -> None:
        """From nothing to a server that has come and gone. Raises DatabaseUnavailable when none can be started."""
        self._say(None)
        server, directory = self._obtain()
        if not self._await_ready(server, directory):
            return
        self._say(directory)
        self._watch(server)
        if directory.parent != self.place.base:
            shutil.rmtree(directory, ignore_errors=True)

    def _obtain(self) -> tuple[Server, Path]:
        found = self._adoptable()
        if found is not None:
            return found
        programs = binaries.find()
        if self.place.account.foreign:
            programs = binaries.within_reach(programs, self.terms.state)
        bind = bound_to(os.getpid(), signal.SIGKILL) if self.terms.dies_with_keeper else _unbound
        cluster.ensure(self.place, programs, bind, durable=self.terms.durable)
        directory = cluster.configure(self.place, Account.mine(), durable=self.terms.durable)
        return self._launch(programs), directory

    def _adoptable(self) -> tuple[Server, Path] | None:
        """The server that an earlier keeper left running, if servers here outlive their keepers. Others are ended."""
        claim = postmaster.read(self.place.data)
        if claim is None and not (self.place.data / "postmaster.pid").exists():
            return None
        from concord.database import orphans  # only here: psutil would double the keeper's memory for good

        server = orphans.running(self.place.data)
        if server and claim and claim.ready and claim.socket_directory and not self.terms.dies_with_keeper:
            return server, claim.socket_directory
        orphans.clear(self.place.data, time.monotonic() + self.terms.patience_seconds)
        return None

    def _launch(self, programs: Programs) -> Child:
        command = [str(programs.path("postgres")), "-D", str(self.place.data)]
        # SIGINT is the server's fast shutdown: it rolls back what is open, writes its checkpoint and goes.
        bind = bound_to(os.getpid(), signal.SIGINT) if self.terms.dies_with_keeper else _unbound
        process = subprocess.Popen(  # noqa: S603 the wheel's own program with our own arguments
            [*command, f"--config-file={self.place.configuration}"],
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=MINIMAL_ENVIRONMENT,
            umask=0o077,
            preexec_fn=bind,
            **self.place.account.as_child(),
        )
        return Child(process)

    def _await_ready(self, server: Server, directory: Path) -> bool:
        """Waits as long as the server lives: a recovery takes what it takes. If it ends, its own words say why."""
        while not server.gone():
            claim = postmaster.read(self.place.data)
            if claim is not None and claim.ready and word.answers(directory):
                return True
            if self.asked_to_stop:
                self._stop(server)
                return False
            self._pause(_READY_PAUSE_SECONDS)
        return False

    def _watch(self, server: Server) -> None:
        idleness = Idleness(self.terms.linger_seconds, time.monotonic())
        while not server.gone():
            if self.asked_to_stop:
                self._stop(server)
            elif not self._stop_if_unused(server, idleness):
                bound_log(self.place.log, _LOG_BYTES)
                self._pause(watch_pause(self.terms.linger_seconds))

    def _stop_if_unused(self, server: Server, idleness: Idleness) -> bool:
        """Decides and stops under both locks: nobody can arrive in between."""
        start = lock.try_exclusive(self.place.start_lock)
        users = None if start is None else lock.try_exclusive(self.place.users_lock)
        try:
            mark = self.place.users_lock.stat().st_mtime_ns
            over = idleness.over(time.monotonic(), used=users is None, mark=mark)
            if over:
                self._stop(server)
            return over
        finally:
            for descriptor in (users, start):
                if descriptor is not None:
                    os.close(descriptor)

    def _stop(self, server: Server) -> None:
        self._say(None)
        server.interrupt(signal.SIGINT)
        patience = time.monotonic() + _CLEAN_STOP_SECONDS
        while not server.gone():
            if time.monotonic() > patience:
                server.interrupt(signal.SIGQUIT)
                patience += _CLEAN_STOP_SECONDS
            self._pause(_READY_PAUSE_SECONDS)

    def _say(self, socket_directory: Path | None) -> None:
        word.say(self.descriptor, word.Word(os.getpid(), socket_directory))

    def _pause(self, seconds: float) -> None:
        """A sleep that ends with any signal, the end of the server (SIGCHLD) among them."""
        if select.select([self.wakened], [], [], seconds)[0]:
            os.read(self.wakened, 512)

    def stop_when_told(self, *_: object) -> None:
        self.asked_to_stop = True


def bound_to(parent: int, how: signal.Signals) -> Callable[[], None]:
    """What a child does before its program starts: it asks the kernel for this signal when its parent dies (Linux)."""
    kernel = ctypes.CDLL(None)

    def bind() -> None:
        kernel.prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return bind


def _unbound() -> None:
    """Where no such signal exists."""


def bound_log(path: Path, limit_bytes: int) -> None:
    """Keeps the log and one predecessor. Its writers append, so after the cut they go on at the new end."""
    if path.stat().st_size > limit_bytes:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        os.truncate(path, 0)


# ---- the process --------------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Arguments: home, terms as JSON, number of the descriptor that holds keeper.lock."""
    home, terms, descriptor = Path(arguments[0]), Terms.from_json(arguments[1]), int(arguments[2])
    if os.fork():
        os._exit(0)  # whoever started the keeper waits for this process only, and never has a child to care for
    os.umask(0o077)
    keeper = Keeper(settle(home, terms), terms, descriptor, _wakening())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, keeper.stop_when_told)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        keeper.keep()
    except DatabaseUnavailable as error:
        print("keeper:", error.facts["cause"], file=sys.stderr)
        return 1
    except (ConcordError, OSError) as error:
        print("keeper:", error, file=sys.stderr)
        return 1
    return 0


def _wakening() -> int:
    """The reading end of a pipe into which the interpreter writes whenever a signal comes."""
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # ignored by default, and then it would wake nobody
    return reading


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
