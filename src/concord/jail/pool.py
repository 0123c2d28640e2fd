"""The jail as the rest of the program sees it: a few workers, each item to a free one."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import TracebackType
from typing import Any, Self, TypeVar

from concord.config import Limits
from concord.errors import DecodingOverran, ItemError, WorkerUnavailable
from concord.jail.broker import Source
from concord.jail.cell import PROGRAM, Cell, Patience
from concord.jail.errand import Answered, Errand, Question
from concord.jail.input import opened
from concord.jail.messages import Done, Failed, Job, Part, Request
from concord.jail.relay import Relay

WALL_FACTOR = 8  # wall time against processor time: the machine has other work, the medium is slow
DIGESTED_BYTES_PER_SECOND = 50 << 20  # of processor time; the slowest seen machine does several times as much
READ_BYTES_PER_SECOND = 1 << 20  # of wall time; a damaged disk or a thin line
WINDOW_PER_WORKER = 32  # results that may wait for a slow one before them

DEFAULT_LIMITS = Limits()

Given = TypeVar("Given")
Made = TypeVar("Made")
Result = TypeVar("Result")


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
        errand = self._errand(job, Question(source, item, arguments))
        try:
            with self._places:
                cell, patience = self._begin(errand)
                try:
                    reply = cell.next(patience, item)
                    if isinstance(reply, Part):  # it has more to say than was asked for
                        cell.end()
                finally:
                    self._give_back(cell)
            return Answered(errand.result(reply, Done), cell.walls)
        except DecodingOverran as overrun:
            raise errand.cause_of(overrun) from None
        finally:
            errand.given.close()

    def answer_each(
        self, job: Job[Result], questions: Iterable[Question | ItemError]
    ) -> Generator[Answered[Result] | ItemError, None, None]:
        """Of each question, in order, what `answer` returns, or the ItemError that it raises. An error among the questions
        keeps its place.

        All go to one worker, which is kept until the end and always has the next at hand: `questions` is read one ahead.
        Raises what else `answer` raises, which ends it.
        """
        errands = (one if isinstance(one, ItemError) else self._errand_or_error(job, one) for one in questions)
        with self._places, closing(Relay(errands, self._begin, self._give_back)) as relay:
            yield from relay.outcomes()

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
        errand = self._errand(job, Question(source, item, arguments))
        reply: Part | Done | Failed | None = None
        most_cpu_seconds = job.most_cpu_seconds and job.most_cpu_seconds(errand.given.size_bytes, self.limits)
        try:
            cell, patience = self._begin(errand)
            try:
                while not isinstance(reply := cell.next(patience, item), Done):
                    yield Answered(errand.result(reply, Part), cell.walls)
                    if most_cpu_seconds is not None:
                        cell.renew(patience, most_cpu_seconds)
                errand.given.check()
            finally:
                if isinstance(reply, Part) and not cell.lost:  # left before its end
                    cell.end()
                self._give_back(cell)
        except DecodingOverran as overrun:
            raise errand.cause_of(overrun) from None
        finally:
            errand.given.close()

    def _errand(self, job: Job[Result], question: Question) -> Errand[Result]:
        """Raises NotAFile, UnreadableFile."""
        given = opened(question.source, question.item)
        cpu_seconds = self.limits.decode_seconds + given.size_bytes // DIGESTED_BYTES_PER_SECOND
        deadline_seconds = WALL_FACTOR * self.limits.decode_seconds + given.size_bytes / READ_BYTES_PER_SECOND
        request = Request(job.name, cpu_seconds, dict(question.arguments), given.size_bytes, given.ranged)
        return Errand(job, question.item, given, request, deadline_seconds)

    def _errand_or_error(self, job: Job[Result], question: Question) -> Errand[Result] | ItemError:
        try:
            return self._errand(job, question)
        except ItemError as error:
            return error

    def _begin(self, errand: Errand[Any]) -> tuple[Cell, Patience]:
        for _ in range(self.workers + 1):  # all that were idle may be dead, which is not this item's fault
            cell = self._take()
            try:
                return cell, cell.begin(errand.request, errand.given.descriptor, errand.deadline_seconds)
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
