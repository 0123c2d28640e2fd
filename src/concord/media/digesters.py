"""Digests of very many files, made by a few processes: the Python of one process would be slower than its disk.

Batches of paths go out, digests come back in parts, each batch in its order. What a digester leaves (it could not be
read, or changed meanwhile) comes back as None: whoever asked examines it with care and gets the reason.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from concord.errors import WorkerUnavailable
from concord.media import digester
from concord.media.digester import COUNT, READ_ARCHIVE, RECORD

PROGRAM = Path(digester.__file__)


class Digested(msgspec.Struct, frozen=True, gc=False):
    """One file as it was read. SHA-1 and MD5 are None where only the SHA-256 was wanted."""

    size_bytes: int
    modified_ns: int
    sha256: bytes
    sha1: bytes | None = None
    md5: bytes | None = None
    may_be_archive: bool = False  # a closer look will tell


Part = Sequence[Digested | None]  # of consecutive files; None: left


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that were handed over, and what has come of them so far. Used by one thread."""

    paths: Sequence[bytes]
    _parts: "queue.SimpleQueue[Part | WorkerUnavailable]" = field(default_factory=queue.SimpleQueue)

    @property
    def is_ready(self) -> bool:
        """Whether `take` gives something at once."""
        return not self._parts.empty()

    def take(self) -> Part:
        """The next part; waits for it. The parts of a batch together are as long as the batch. Raises WorkerUnavailable."""
        part = self._parts.get()
        if isinstance(part, WorkerUnavailable):
            raise part
        return part

    def give(self, part: "Part | WorkerUnavailable") -> None:
        self._parts.put(part)


class Digesters:
    """`workers` processes, started with the first batch; each takes the next batch as soon as it is free."""

    def __init__(self, workers: int, *, every_kind: bool = False) -> None:
        self._workers = workers
        self._every_kind = every_kind
        self._batches: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, paths: Sequence[bytes]) -> Batch:
        """At least one path, none with a zero byte in it."""
        while len(self._threads) < self._workers:
            self._threads.append(threading.Thread(target=self._work, name="digester", daemon=True))
            self._threads[-1].start()
        batch = Batch(paths)
        self._batches.put(batch)
        return batch

    def close(self) -> None:
        """At once, whatever is being read."""
        with self._lock:
            self._closed = True
            processes = set(self._processes)
        for process in processes:
            process.kill()
        for _ in self._threads:
            self._batches.put(None)
        for thread in self._threads:
            thread.join()

    @property
    def process_ids(self) -> tuple[int, ...]:
        with self._lock:
            return tuple(process.pid for process in self._processes)

    # ---- one thread a process -------------------------------------------------------------------------------------

    def _work(self) -> None:
        process: subprocess.Popen[bytes] | None = None
        while not self._closed and (batch := self._batches.get()):
            process = self._digest(batch, process)
        if process:
            self._end(process)

    def _digest(self, batch: Batch, process: subprocess.Popen[bytes] | None) -> subprocess.Popen[bytes] | None:
        """With this process; with a new one where it is lost, once without having got anywhere."""
        rest, lost = batch.paths, 0
        while rest and not self._closed:
            try:
                process = process or self._start()
                rest = self._ask(process, batch, rest)
                lost = 0
            except (OSError, EOFError) as error:
                lost += 1
                if process:
                    self._end(process)
                process = None
                if lost > 1:
                    batch.give(WorkerUnavailable(cause=f"what makes digests ended ({error or 'no answer'})"))
                    break
        return process

    def _ask(self, process: subprocess.Popen[bytes], batch: Batch, paths: Sequence[bytes]) -> Sequence[bytes]:
        """Hands on the parts that come; what is left over when the process is lost on the way, else nothing.

        Raises OSError or EOFError where nothing came at all.
        """
        assert process.stdin  # noqa: S101  a pipe
        joined = b"\0".join(paths)
        process.stdin.write(COUNT.pack(len(joined)) + joined)
        process.stdin.flush()
        done = 0
        while done < len(paths):
            try:
                part = self._part(process)
            except (OSError, EOFError):
                if not done:
                    raise
                return paths[done:]
            batch.give(part)
            done += len(part)
        return ()

    def _part(self, process: subprocess.Popen[bytes]) -> Part:
        assert process.stdout  # noqa: S101  a pipe
        (count,) = COUNT.unpack(_exactly(process, COUNT.size))
        records = RECORD.iter_unpack(_exactly(process, count * RECORD.size))
        if self._every_kind:
            return [
                Digested(size, modified, sha256, sha1, md5, form == READ_ARCHIVE) if form else None
                for form, size, modified, sha256, sha1, md5 in records
            ]
        return [
            Digested(size, modified, sha256, None, None, form == READ_ARCHIVE) if form else None
            for form, size, modified, sha256, _, _ in records
        ]

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-S", "-B", str(PROGRAM), *([digester.ALL] if self._every_kind else [])]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=os.getcwd(),  # noqa: PTH109  paths may be relative to it
            env={"LC_ALL": "C.UTF-8"},
            start_new_session=True,  # an interrupt at the terminal is for the outside to act on
        )
        with self._lock:
            self._processes.add(process)
            if self._closed:
                process.kill()
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._processes.discard(process)
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # what it still held goes nowhere
                if pipe:
                    pipe.close()


def _exactly(process: subprocess.Popen[bytes], count: int) -> bytes:
    assert process.stdout  # noqa: S101  a pipe
    piece = process.stdout.read(count)
    if len(piece) < count:
        raise EOFError
    return piece
