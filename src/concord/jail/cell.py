"""One worker process, seen from outside."""

import contextlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import IO

import msgspec

from concord.config import Limits
from concord.errors import DecodingOverran, WorkerUnavailable
from concord.jail.messages import Done, Failed, Hello, Reply, Request, receive_reply, send

START_SECONDS = 60  # wall time; importing the decoders takes a fraction of a second
# One thread each: the workers themselves are the parallelism, and threads cost address space.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Cell:
    """Answers one question at a time. Once it is lost it stays lost: take a new one."""

    def __init__(self, limits: Limits) -> None:
        """Starts the process. Raises WorkerUnavailable."""
        self._channel, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        # An unlinked file for its last words: a pipe could fill up, and once the walls stand nothing more is written.
        with inside, tempfile.TemporaryFile() as words:
            self._process = _start(inside, limits, words)
            inside.close()
            try:
                self.missing_walls = self._greeted().missing_walls
            except (OSError, EOFError, ValueError):
                self.end()
                words.seek(0)
                last = words.read().decode(errors="replace").strip().splitlines()
                raise WorkerUnavailable(cause=last[-1] if last else "it does not answer") from None
        self.lost = False

    @property
    def process_id(self) -> int:
        return self._process.pid

    def _greeted(self) -> Hello:
        self._channel.settimeout(START_SECONDS)
        hello = receive_reply(self._channel)
        if not isinstance(hello, Hello):
            raise ValueError(f"it greets with {type(hello).__name__}")  # noqa: TRY004
        return hello

    def ask(self, request: Request, descriptor: int, item: str, deadline_seconds: float) -> Done | Failed:
        """Raises DecodingOverran, and BrokenPipeError where the worker was gone before it had the item."""
        self._channel.settimeout(deadline_seconds)
        end_seconds = time.monotonic() + deadline_seconds
        try:
            send(self._channel, request, descriptor)
        except ConnectionError:
            self.end()
            raise BrokenPipeError from None
        except OSError as error:  # not the worker's end, but a limit of this process or system
            self.end()
            raise WorkerUnavailable(cause=f"the item cannot be handed over ({error})") from None
        try:
            reply = self._reply(end_seconds)
        except TimeoutError:
            self.end()
            raise DecodingOverran(item=item, cause=f"no answer within {deadline_seconds:.0f} seconds") from None
        except (OSError, EOFError):
            raise DecodingOverran(item=item, cause=self._cause_of_death(request)) from None
        except (ValueError, msgspec.DecodeError):
            reply = None
        if not isinstance(reply, Done | Failed):
            self.end()
            raise DecodingOverran(item=item, cause="its worker gave no proper answer")
        if isinstance(reply, Failed) and reply.leaving:
            self.end()
        return reply

    def _reply(self, end_seconds: float) -> Reply:
        self._channel.settimeout(max(0.001, end_seconds - time.monotonic()))
        return receive_reply(self._channel)

    def _cause_of_death(self, request: Request) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        self.end()
        ending = self._process.returncode
        if ending == -signal.SIGXCPU:
            return f"it used more than {request.cpu_seconds} seconds of processor time"
        if ending < 0:
            return f"its worker was ended by {signal.Signals(-ending).name}"
        return f"its worker ended with code {ending}"

    def end(self) -> None:
        """At once, whatever it is doing."""
        self.lost = True
        self._process.kill()
        self._process.wait()
        self._channel.close()


def _start(inside: socket.socket, limits: Limits, words: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-B", "-m", "concord.jail.worker"]
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
