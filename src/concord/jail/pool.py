"""The jail as the rest of the program sees it: a few workers, each item to a free one."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from concord.config import Limits
from concord.errors import DecodingOverran, WorkerUnavailable
from concord.jail.cell import Cell
from concord.jail.messages import Done, Failed, Job, Request

WALL_FACTOR = 4  # wall time against processor time: the machine has other work, the medium is slow
DIGESTED_BYTES_PER_SECOND = 50 << 20  # of processor time; the slowest seen machine does several times as much
READ_BYTES_PER_SECOND = 1 << 20  # of wall time; a damaged disk or a thin line
WINDOW_PER_WORKER = 32  # results that may wait for a slow one before them

DEFAULT_LIMITS = Limits()

Given = TypeVar("Given")
Made = TypeVar("Made")
Result = TypeVar("Result")


class Jail:
    """Up to `workers` processes, started when first needed and kept. Safe to use from many threads."""

    def __init__(self, workers: int, limits: Limits = DEFAULT_LIMITS) -> None:
        self.workers = workers
        self.limits = limits
        self._places = threading.Semaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[Cell] = []
        self._cells: set[Cell] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends every worker at once; an item under way fails as overrun."""
        with self._lock:
            self._closed = True
            cells, self._cells, self._idle = self._cells, set(), []
        for cell in cells:
            cell.end()

    @property
    def process_ids(self) -> tuple[int, ...]:
        with self._lock:
            return tuple(cell.process_id for cell in self._cells)

    def missing_walls(self) -> tuple[str, ...]:
        """Walls that this system has not; starts a worker to find out. Raises WorkerUnavailable."""
        with self._places:
            cell = self._take()
            self._give_back(cell)
            return cell.missing_walls

    def run(self, job: Job[Result], descriptor: int, item: str, **arguments: Any) -> Result:
        """Runs one job on an open regular file, whose position stays as it is. Waits for a free worker.

        Raises DecodingOverran where the worker died or was stopped, the ItemError that the job raised, and
        WorkerUnavailable.
        """
        size_bytes = os.fstat(descriptor).st_size
        cpu_seconds = self.limits.decode_seconds + size_bytes // DIGESTED_BYTES_PER_SECOND
        deadline_seconds = WALL_FACTOR * self.limits.decode_seconds + size_bytes / READ_BYTES_PER_SECOND
        request = Request(job.name, cpu_seconds, arguments)
        with self._places:
            reply = self._ask(request, descriptor, item, deadline_seconds)
        if isinstance(reply, Failed):
            raise reply.fault.revived(item)
        try:
            return msgspec.msgpack.decode(reply.result, type=job.result)
        except msgspec.DecodeError:
            raise DecodingOverran(item=item, cause="its worker gave no proper answer") from None

    def _ask(self, request: Request, descriptor: int, item: str, deadline_seconds: float) -> Done | Failed:
        for _ in range(self.workers + 1):  # all that were idle may be dead, which is not this item's fault
            cell = self._take()
            try:
                return cell.ask(request, descriptor, item, deadline_seconds)
            except BrokenPipeError:
                continue
            finally:
                self._give_back(cell)
        raise WorkerUnavailable(cause="they end as soon as they are started")

    def _take(self) -> Cell:
        with self._lock:
            if self._closed:
                raise WorkerUnavailable(cause="the jail is closed")
            if self._idle:
                return self._idle.pop()
        cell = Cell(self.limits)
        with self._lock:
            self._cells.add(cell)
        return cell

    def _give_back(self, cell: Cell) -> None:
        with self._lock:
            if self._closed or cell.lost:
                self._cells.discard(cell)
            else:
                self._idle.append(cell)
                return
        cell.end()

    def map(self, task: Callable[[Given], Made], inputs: Iterable[Given]) -> Iterator[Made]:
        """`task` of each input, in the order of the inputs, on one thread for each worker; `task` uses `run`.

        Reads ahead by a bounded number of inputs and holds as many results. What `task` raises ends the iteration.
        """
        window = WINDOW_PER_WORKER * self.workers
        pending: deque[Future[Made]] = deque()
        executor = ThreadPoolExecutor(self.workers, thread_name_prefix="jail")
        try:
            for given in inputs:
                pending.append(executor.submit(task, given))
                if len(pending) >= window:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            executor.shutdown(cancel_futures=True)
