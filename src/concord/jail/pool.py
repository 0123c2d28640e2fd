"""The jail as the rest of the program sees it: a few workers, each item to a free one."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

import msgspec

from concord.config import Limits
from concord.errors import DecodingOverran, WorkerUnavailable
from concord.jail.broker import Source
from concord.jail.cell import NO_PROPER_ANSWER, PROGRAM, Cell, Patience
from concord.jail.input import Input, opened
from concord.jail.messages import Done, Failed, Job, Part, Request

WALL_FACTOR = 8  # wall time against processor time: the machine has other work, the medium is slow
DIGESTED_BYTES_PER_SECOND = 50 << 20  # of processor time; the slowest seen machine does several times as much
READ_BYTES_PER_SECOND = 1 << 20  # of wall time; a damaged disk or a thin line
WINDOW_PER_WORKER = 32  # results that may wait for a slow one before them

DEFAULT_LIMITS = Limits()

Given = TypeVar("Given")
Made = TypeVar("Made")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Answered(Generic[Result]):
    """A result, and the names of the walls that stood around the worker it came from."""

    result: Result
    walls: tuple[str, ...]


class Jail:
    """Up to `workers` processes, started when first needed and kept. Safe to use from many threads."""

    def __init__(self, workers: int, limits: Limits = DEFAULT_LIMITS, *, program: tuple[str, ...] = PROGRAM) -> None:
        """`program`: what Python is given to run as a worker. Only tests of the walls have another one."""
        self.workers = workers
        self.limits = limits
        self._program = program
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

    def walls(self) -> tuple[str, ...]:
        """The names of those in force; starts a worker to find out. Raises WorkerUnavailable."""
        return self._look().walls

    def missing_walls(self) -> tuple[str, ...]:
        """What this system refused, each with its reason; starts a worker to find out. Raises WorkerUnavailable."""
        return self._look().missing_walls

    def _look(self) -> Cell:
        with self._places:
            cell = self._take()
            self._give_back(cell)
            return cell

    # ---- items ----------------------------------------------------------------------------------------------------

    def run(self, job: Job[Result], source: int | Source, item: str, **arguments: Any) -> Result:
        """Runs one job on an open regular file, whose position stays as it is, or on a source of ranges.

        Waits for a free worker. Raises DecodingOverran where the worker died or was stopped, the ItemError that the job
        raised, what the source raised, and WorkerUnavailable.
        """
        return self.answer(job, source, item, **arguments).result

    def answer(self, job: Job[Result], source: int | Source, item: str, **arguments: Any) -> Answered[Result]:
        """`run`, with the walls that stood."""
        given = opened(source, item)
        try:
            with self._places:
                cell, patience = self._begin(job.name, given, arguments)
                try:
                    reply = cell.next(patience, item)
                    if isinstance(reply, Part):  # it has more to say than was asked for
                        cell.end()
                finally:
                    self._give_back(cell)
            return Answered(_result(reply, Done, job, given, item), cell.walls)
        except DecodingOverran:
            given.check()
            raise
        finally:
            given.close()

    def stream(self, job: Job[Result], source: int | Source, item: str, **arguments: Any) -> Iterator[Result]:
        """The values of a job that yields many, each as soon as it is there; `job.result` is the type of one.

        A stream has a worker of its own beside the others, so that items can be run while it is read. Whoever leaves it
        before its end ends that worker. Raises what `run` raises, on the way too.
        """
        with closing(self.answers(job, source, item, **arguments)) as answers:
            for answered in answers:
                yield answered.result

    def answers(
        self, job: Job[Result], source: int | Source, item: str, **arguments: Any
    ) -> Generator[Answered[Result], None, None]:
        """`stream`, with the walls that stood."""
        given = opened(source, item)
        reply: Part | Done | Failed | None = None
        most_cpu_seconds = job.most_cpu_seconds and job.most_cpu_seconds(given.size_bytes, self.limits)
        try:
            cell, patience = self._begin(job.name, given, arguments)
            try:
                while not isinstance(reply := cell.next(patience, item), Done):
                    yield Answered(_result(reply, Part, job, given, item), cell.walls)
                    if most_cpu_seconds is not None:
                        cell.renew(patience, most_cpu_seconds)
                given.check()
            finally:
                if isinstance(reply, Part) and not cell.lost:  # left before its end
                    cell.end()
                self._give_back(cell)
        except DecodingOverran:
            given.check()
            raise
        finally:
            given.close()

    def _begin(self, job: str, given: Input, arguments: dict[str, Any]) -> tuple[Cell, Patience]:
        cpu_seconds = self.limits.decode_seconds + given.size_bytes // DIGESTED_BYTES_PER_SECOND
        deadline_seconds = WALL_FACTOR * self.limits.decode_seconds + given.size_bytes / READ_BYTES_PER_SECOND
        request = Request(job, cpu_seconds, arguments, given.size_bytes, given.ranged)
        for _ in range(self.workers + 1):  # all that were idle may be dead, which is not this item's fault
            cell = self._take()
            try:
                return cell, cell.begin(request, given.descriptor, deadline_seconds)
            except BrokenPipeError:
                self._give_back(cell)
            except BaseException:
                self._give_back(cell)
                raise
        raise WorkerUnavailable(cause="they end as soon as they are started")

    def _take(self) -> Cell:
        with self._lock:
            if self._closed:
                raise WorkerUnavailable(cause="the jail is closed")
            if self._idle:
                return self._idle.pop()
        cell = Cell(self.limits, self._program)
        with self._lock:
            self._cells.add(cell)
        return cell

    def _give_back(self, cell: Cell) -> None:
        with self._lock:
            if self._closed or cell.lost or cell.worn or len(self._idle) >= self.workers:
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


def _result(reply: Part | Done | Failed, kind: type[Part | Done], job: Job[Result], given: Input, item: str) -> Result:
    """Raises what the source or the job raised, and DecodingOverran for what is not of this kind or type."""
    given.check()
    if isinstance(reply, Failed):
        raise reply.fault.revived(item)
    try:
        if isinstance(reply, kind):
            result: Result = _decoder(cast(Hashable, job.result)).decode(reply.result)
            return result
    except msgspec.DecodeError:
        pass
    raise DecodingOverran(item=item, cause=NO_PROPER_ANSWER)


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    """Kept: to look a type over takes longer than to decode a small answer."""
    return msgspec.msgpack.Decoder(kind)
