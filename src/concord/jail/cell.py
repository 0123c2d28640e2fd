"""One worker process, seen from outside."""

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import IO

import msgspec

from concord.config import Limits
from concord.errors import DecodingOverran, WorkerUnavailable
from concord.jail.messages import Done, Failed, Hello, Part, Request, receive_reply, send
from concord.jail.process import Process

START_SECONDS = 60  # wall time, also within one message; importing the decoders takes a fraction of a second
LOOK_SECONDS = 0.02  # wall time; how soon a worker at the end of its processor time is looked at again
ITEMS_BETWEEN_LOOKS = 16  # at its memory
CORES = os.cpu_count() or 1
NO_PROPER_ANSWER = "its worker gave no proper answer"
PROGRAM = ("-m", "concord.jail.worker")
# One thread each: the workers themselves are the parallelism, and threads cost address space.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


class UntimelyEndError(Exception):
    """The kernel ended a worker before its item had what it may take: what was under way before had used it up."""


class Cell:
    """Works on one item at a time; others may wait behind it. Once it is lost it stays lost: take a new one."""

    def __init__(self, limits: Limits, program: tuple[str, ...] = PROGRAM) -> None:
        """Starts the process. Raises WorkerUnavailable."""
        self._limits = limits
        self._channel, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        # The kernel's own limits: Python's would cost two more calls to the system for each of ours.
        for wait in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._channel.setsockopt(socket.SOL_SOCKET, wait, struct.pack("ll", START_SECONDS, 0))
        # An unlinked file for its last words: a pipe could fill up, and once the walls stand nothing more is written.
        with inside, tempfile.TemporaryFile() as words:
            self._child = _start(inside, limits, program, words)
            inside.close()
            self._process = Process(self._child.pid)
            try:
                hello = self._greeted()
            except (OSError, EOFError, ValueError):
                self.end()
                words.seek(0)
                last = words.read().decode(errors="replace").strip().splitlines()
                raise WorkerUnavailable(cause=last[-1] if last else "it does not answer") from None
        self.lost = False
        self.walls = hello.walls
        self.missing_walls = hello.missing_walls
        self._check_walls()
        self._items = 0
        self._kernel_ends_seconds = 0.0  # of processor time; 0: not set
        self._is_timed = self._process.cpu_seconds() is not None  # from outside
        self._poll = select.poll()
        self._poll.register(self._channel, select.POLLIN)
        self._first_bytes = self._process.memory_bytes()

    @property
    def process_id(self) -> int:
        return self._child.pid

    def _greeted(self) -> Hello:
        hello = receive_reply(self._channel)
        if not isinstance(hello, Hello):
            raise ValueError(f"it greets with {type(hello).__name__}")  # noqa: TRY004
        return hello

    def _check_walls(self) -> None:
        try:
            unconfirmed = self._process.unconfirmed(self.walls)
        except OSError as error:
            self.end()
            raise WorkerUnavailable(cause=f"it cannot be looked at ({error})") from None
        if unconfirmed:
            self.end()
            raise WorkerUnavailable(cause=f"the system does not confirm its walls ({', '.join(unconfirmed)})")

    # ---- one item -------------------------------------------------------------------------------------------------

    def begin(self, request: Request, descriptor: int, deadline_seconds: float) -> "Patience":
        """Hands an item over. `deadline_seconds` is the wall time of all waiting for it.

        Raises BrokenPipeError where the worker was gone before it had the item, and WorkerUnavailable.
        """
        patience = self._patience(request.cpu_seconds, deadline_seconds)
        try:
            self._hand_over(request, descriptor)
        except ConnectionError:
            self.end()
            raise BrokenPipeError from None
        return patience

    def queue(self, request: Request, descriptor: int) -> bool:
        """Hands an item over behind the last, so that the worker need not wait for it; `turn` follows. False where the
        worker is gone: what it has answered before can still be taken. Raises WorkerUnavailable.
        """
        try:
            self._hand_over(request, descriptor)
        except ConnectionError:
            return False
        return True

    def turn(self, cpu_seconds: int, deadline_seconds: float) -> "Patience":
        """To be called once the item before is answered: the time of the one behind it begins, as does its work.

        That may have begun a little earlier, which costs it nothing: where the worker met the limit of the item before, `next`
        raises UntimelyEndError.
        """
        patience = self._patience(cpu_seconds, deadline_seconds)
        patience.was_queued = True
        return patience

    def next(self, patience: "Patience", item: str) -> Part | Done | Failed:
        """A part, or what ended the job. Raises DecodingOverran and UntimelyEndError, and the cell is lost."""
        try:
            reply = self._reply(patience, item)
        except BaseException:
            self.end()
            raise
        if isinstance(reply, Failed) and reply.leaving:
            self.end()
        return reply

    def renew(self, patience: "Patience", most_cpu_seconds: int) -> None:
        """The next part may take as much as the first, as long as all of them have not taken `most_cpu_seconds`."""
        patience.renew(self._limit(patience.cpu_seconds), most_cpu_seconds)

    def _patience(self, cpu_seconds: int, deadline_seconds: float) -> "Patience":
        return Patience(cpu_seconds, deadline_seconds, self._limit(cpu_seconds), deadline_seconds)

    def _limit(self, cpu_seconds: int) -> float | None:
        """At which processor time of the worker its item must have ended; None: the system does not tell its time."""
        used_seconds = self._process.cpu_seconds()
        if used_seconds is None:
            return None
        # The kernel counts whole seconds: many small items share a limit that is at most one second too wide.
        if not cpu_seconds <= self._kernel_ends_seconds - used_seconds <= cpu_seconds + 1:
            self._kernel_ends_seconds = self._process.allow_cpu_seconds(used_seconds, cpu_seconds)
        return used_seconds + cpu_seconds

    def _hand_over(self, request: Request, descriptor: int) -> None:
        """Raises ConnectionError where the worker is gone, and WorkerUnavailable."""
        self._items += 1
        if self._is_timed:  # else it must limit itself
            request = msgspec.structs.replace(request, cpu_seconds=0)
        try:
            send(self._channel, request, descriptor)
        except OSError as error:
            if self.lost or isinstance(error, ConnectionError):
                raise ConnectionError from None  # not the worker's end, but a limit of this process or system
            self.end()
            raise WorkerUnavailable(cause=f"the item cannot be handed over ({error})") from None

    def _reply(self, patience: "Patience", item: str) -> Part | Done | Failed:
        began_seconds = time.monotonic()
        end_seconds = began_seconds + patience.left_seconds
        try:
            self._wait(end_seconds, patience.end_cpu_seconds)
            reply = receive_reply(self._channel)
        except _CpuSpent:
            cause = patience.cpu_spent
        except (TimeoutError, BlockingIOError):
            cause = f"no answer within {patience.deadline_seconds:.0f} seconds"
        except (OSError, EOFError):
            cause = self._cause_of_death(patience)
        except (ValueError, msgspec.DecodeError):
            cause = NO_PROPER_ANSWER
        else:
            if not isinstance(reply, Hello):
                return reply
            cause = NO_PROPER_ANSWER
        finally:
            patience.left_seconds -= time.monotonic() - began_seconds
        raise DecodingOverran(item=item, cause=cause)

    def _wait(self, end_seconds: float, end_cpu_seconds: float | None) -> None:
        """Until there is something to read. Raises TimeoutError and _CpuSpent."""
        while True:
            look_seconds = wall_seconds = end_seconds - time.monotonic()
            used_seconds = None if end_cpu_seconds is None else self._process.cpu_seconds()
            if end_cpu_seconds is not None and used_seconds is not None:
                if used_seconds >= end_cpu_seconds:
                    if self._poll.poll(0):  # it ended in time, and the item behind it uses the time since
                        return
                    raise _CpuSpent
                # On all cores together it cannot be spent sooner: so long nobody needs to look.
                soonest_seconds = (end_cpu_seconds - used_seconds) / CORES
                look_seconds = min(wall_seconds, max(LOOK_SECONDS, soonest_seconds))
            if self._poll.poll(max(0.0, 1000 * look_seconds)):
                return
            if wall_seconds <= 0:
                raise TimeoutError

    def _cause_of_death(self, patience: "Patience") -> str:
        """Raises UntimelyEndError."""
        used_seconds = self._process.cpu_seconds()  # it can be asked as long as nobody has waited for it
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout=1)
        self.end()
        ending = self._child.returncode
        if ending == -signal.SIGXCPU:
            if patience.is_left_at(used_seconds):
                raise UntimelyEndError
            return patience.cpu_spent
        if ending == -signal.SIGSYS:
            return "its worker was ended by SIGSYS: it tried what no decoder does"
        if ending < 0:
            return f"its worker was ended by {signal.Signals(-ending).name}"
        return f"its worker ended with code {ending}"

    # ---- its end --------------------------------------------------------------------------------------------------

    @property
    def worn(self) -> bool:
        """Whether it has had its share of items, or holds much more memory than at first: then a new one is better."""
        if self._items >= self._limits.worker_items:
            return True
        if self._items % ITEMS_BETWEEN_LOOKS or self._first_bytes is None:
            return False
        grown_bytes = (self._process.memory_bytes() or 0) - self._first_bytes
        return grown_bytes > self._limits.worker_growth_bytes

    def end(self) -> None:
        """At once, whatever it is doing."""
        self.lost = True
        self._child.kill()
        self._child.wait()
        self._channel.close()


@dataclass(slots=True)
class Patience:
    """What one item may still take. The reader of the parts takes his own time: only waiting counts."""

    cpu_seconds: int
    deadline_seconds: float  # wall time
    end_cpu_seconds: float | None  # of the worker's clock; None: not known
    left_seconds: float  # wall time
    granted_cpu_seconds: float = 0.0  # beyond those of the first part
    waited_seconds: float = 0.0  # wall time, for the parts before this one
    was_queued: bool = False  # behind another, with whose limits its work may have begun

    def renew(self, end_cpu_seconds: float | None, most_cpu_seconds: int) -> None:
        """All parts together get `most_cpu_seconds`, and as much more wall time than one as they get processor time."""
        if end_cpu_seconds is not None and self.end_cpu_seconds is not None:
            granted_seconds = max(0.0, end_cpu_seconds - self.end_cpu_seconds)
            granted_seconds = min(granted_seconds, most_cpu_seconds - self.cpu_seconds - self.granted_cpu_seconds)
            self.granted_cpu_seconds += granted_seconds
            self.end_cpu_seconds += granted_seconds
        self.waited_seconds += self.deadline_seconds - self.left_seconds
        most_seconds = self.deadline_seconds * max(1.0, most_cpu_seconds / self.cpu_seconds)
        self.left_seconds = min(self.deadline_seconds, most_seconds - self.waited_seconds)

    def is_left_at(self, used_seconds: float | None) -> bool:
        """Whether an item that was queued had not had its processor time yet when its worker had used so much. One
        that was not has itself to blame: its limit was set before its work began."""
        if not self.was_queued or used_seconds is None or self.end_cpu_seconds is None:
            return False
        return used_seconds < self.end_cpu_seconds

    @property
    def cpu_spent(self) -> str:
        return f"it used more than {self.cpu_seconds + self.granted_cpu_seconds:.0f} seconds of processor time"


class _CpuSpent(Exception):
    """The worker's clock says so."""


def _start(
    inside: socket.socket, limits: Limits, program: tuple[str, ...], words: IO[bytes]
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-B", *program]
    command += [str(inside.fileno()), msgspec.json.encode(limits).decode()]
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=[inside.fileno()],
            start_new_session=True,  # an interrupt at the terminal is for the outside to act on
        )
    except OSError as error:
        raise WorkerUnavailable(cause=str(error)) from None
