"""*Sweep*: ask about very many files, digests first. Only what no digest tells is decoded.

Files flow in their order through stages that run beside one another: a few processes digest batches; each batch is
looked up in one transaction, under the asker's rights and with one audit entry; what is still unknown is examined in the
jail, on all cores, and then asked as any file is. Every stage reads ahead by a bounded number of files only.
"""

import gc
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice, takewhile
from pathlib import Path

from concord.access.actor import Actor, still
from concord.access.audit import Verb
from concord.actions.act import demand_may
from concord.actions.ask import answer
from concord.actions.installation import Installation
from concord.actions.swept import ByDigest, Files, Found, Manner, Ordinary, Swept
from concord.actions.underway import Underway, digests_of, encoded
from concord.actions.unpack import unpack
from concord.errors import ItemError
from concord.media.digesters import Batch, Digesters
from concord.media.examine import OpenFile
from concord.media.opening import open_descriptor

__all__ = ["Manner", "Ordinary", "Swept", "parts", "sweep"]

FIRST_BATCH_ITEMS = 64  # so that the first answers come soon
BATCH_ITEMS = 1024  # of files asked at once
DIGESTED_ITEMS = 4 * BATCH_ITEMS  # of files digested or looked up at once; of names in an audit entry
ANSWER_SECONDS = 0.25  # answers that are there wait no longer for others to come with them
CHUNK_ITEMS = 16  # examined one after the other by one worker
AHEAD_ITEMS = DIGESTED_ITEMS  # looked up, and waiting to be answered
COLLECT_AFTER_OBJECTS = 50_000
TURN_SECONDS = 0.0002  # of one thread while others want to run
LOOK_SECONDS = 0.05  # while nothing can be answered, whether there are new digests to look up


def sweep(
    installation: Installation, actor: Actor, files: Files, *, thorough: bool = False, ordinary: Ordinary | None = None
) -> Iterator[Swept]:
    """`parts`, one by one; `Manner` says what the options are."""
    for part in parts(installation, actor, files, Manner(thorough, ordinary)):
        yield from part


def parts(
    installation: Installation, actor: Actor, files: Files, manner: Manner
) -> Generator[Sequence[Swept], None, None]:
    """Of what `walk` yields, in its order; as many together as came together. What fails costs only itself.

    Raises NoPurpose before the first file is opened. Whoever leaves early leaves no process behind.
    """
    demand_may(actor, Verb.ASK, installation.clock)
    workers = installation.config.workers
    with ExitStack() as stack:
        stack.enter_context(_rare_collections())
        stack.enter_context(_quick_turns())
        digesters = stack.enter_context(Digesters(workers, every_kind=manner.ordinary is not None))
        executor = ThreadPoolExecutor(workers, thread_name_prefix="sweep")
        stack.callback(executor.shutdown, cancel_futures=True)
        work = _Sweep(installation, actor, digesters, executor, manner)
        stack.callback(work.stop)
        yield from work.run(files)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Of thousands of small objects that come and go together none is garbage yet: to look for it as often as usual takes a
    third of this process's time."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], COLLECT_AFTER_OBJECTS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """While this thread makes answers, those that drive the jail wait as long as this at each call to the system, of which a
    file takes a dozen: with the usual five milliseconds their workers would have nothing to do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, TURN_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class _Sweep:
    """The stages of one sweep, all driven by one thread."""

    def __init__(
        self,
        installation: Installation,
        actor: Actor,
        digesters: Digesters,
        executor: ThreadPoolExecutor,
        manner: Manner,
    ) -> None:
        self._installation, self._actor = installation, actor
        self._digesters, self._executor = digesters, executor
        self._manner = manner
        self.stopped = False
        self._by_digest = ByDigest(installation, actor)
        self._size = FIRST_BATCH_ITEMS
        self._digesting: deque[tuple[deque[Underway], Batch]] = deque()
        self._waiting: deque[Underway] = deque()  # looked up; in order

    def run(self, files: Files) -> Iterator[Sequence[Swept]]:
        entries = iter(files)
        while True:
            self._read_ahead(entries)
            if self._can_look_up():
                self._look_up(self._digested())
            elif self._waiting:
                yield from self._answered()
            else:
                return

    def stop(self) -> None:
        """Lets go of what has not begun."""
        self.stopped = True

    # ---- digests ------------------------------------------------------------------------------------------------------

    def _read_ahead(self, entries: Iterator[tuple[str, Path | str | ItemError]]) -> None:
        """A batch for each digester, and one that waits for the first that is free."""
        while len(self._digesting) <= self._installation.config.workers:
            lines = deque(Underway.of(*entry) for entry in islice(entries, self._size))
            if not lines:
                return
            self._digesting.append((lines, self._batch(lines)))
            self._size = min(4 * self._size, DIGESTED_ITEMS)

    def _batch(self, lines: Sequence[Underway]) -> Batch:
        """Where all are examined anyhow, their digests are made then."""
        if self._manner.ordinary or not self._manner.thorough:
            return self._digesters.submit(encoded(lines))
        batch = Batch([b""] * len(lines))
        batch.give([None] * len(lines))
        return batch

    def _can_look_up(self) -> bool:
        """Never waits for digests while there is something to answer."""
        if not self._digesting or len(self._waiting) >= AHEAD_ITEMS:
            return False
        return not self._waiting or self._digesting[0][1].is_ready

    def _digested(self) -> list[Underway]:
        """The next that came together."""
        lines, batch = self._digesting[0]
        digested = batch.take()
        done = [lines.popleft() for _ in digested]
        for line, found in zip(done, digested, strict=True):
            if found:
                line.digested, line.size_bytes, line.modified_ns = found, found.size_bytes, found.modified_ns
        if not lines:
            self._digesting.popleft()
        return done

    # ---- look-up ------------------------------------------------------------------------------------------------------

    def _look_up(self, lines: Sequence[Underway]) -> None:
        if self._manner.ordinary:
            self._set_aside([line for line in lines if line.digested], self._manner.ordinary)
        if not self._manner.thorough:
            self._ask_by_digest([line for line in lines if line.digested and not line.ordinary])
        unknown = [line for line in lines if not (line.ordinary or line.answer or line.failure)]
        for start in range(0, len(unknown), CHUNK_ITEMS):
            chunk = unknown[start : start + CHUNK_ITEMS]
            awaited = self._executor.submit(self._examine, chunk)
            for place, line in enumerate(chunk):
                line.awaited, line.place = awaited, place
        self._waiting.extend(lines)

    def _set_aside(self, lines: Sequence[Underway], ordinary: Ordinary) -> None:
        names = ordinary([digests_of(line.digested) for line in lines if line.digested])
        for line, name in zip(lines, names, strict=True):
            line.ordinary = name

    def _ask_by_digest(self, lines: Sequence[Underway]) -> None:
        """What is known is answered."""
        items = [(line.item, line.digested.sha256) for line in lines if line.digested]
        for line, known in zip(lines, self._by_digest.answers(items), strict=True):
            line.answer = known

    # ---- examination and answer ---------------------------------------------------------------------------------------

    def _examine(self, lines: Sequence[Underway]) -> list[Found]:
        """None of them where nobody waits for them any more."""
        files = (self._opened(line) for line in takewhile(lambda _: not self.stopped, lines))
        return list(self._installation.examiner.examine_each(files, statements=self._manner.statements))

    def _opened(self, line: Underway) -> OpenFile | ItemError:
        """Digests are made once only, as long as it is the file that they were made of."""
        try:
            descriptor, status = open_descriptor(line.name or "", line.item)
        except ItemError as error:
            return error
        same = (line.size_bytes, line.modified_ns) == (status.st_size, status.st_mtime_ns)
        line.size_bytes, line.modified_ns = status.st_size, status.st_mtime_ns
        known = digests_of(line.digested) if line.digested and same else None
        return OpenFile(descriptor, status, line.item, known)

    def _answered(self) -> Iterator[Sequence[Swept]]:
        """The next that are ready, in order; none where the first is examined still. An archive is the last of a part,
        and its members follow."""
        ready = self._ready()
        if not ready:
            return
        unanswered = [line for line in ready if not (line.answer or line.ordinary)]
        if unanswered:
            answers = answer(self._installation, still(self._actor), [line.asked() for line in unanswered])
            for line, one in zip(unanswered, answers, strict=True):
                line.answer = one
        swept = [line.swept() for line in ready]
        yield swept
        if swept[-1].members_follow:
            yield from self._members(swept[-1])

    def _members(self, archive: Swept) -> Iterator[Sequence[Swept]]:
        assert archive.path  # noqa: S101  what was read has one
        manner = self._manner
        batches = unpack(
            self._installation,
            still(self._actor),
            archive.path,
            archive.item,
            thorough=manner.thorough,
            ordinary=manner.ordinary,
            statements=manner.statements,
        )
        for batch in batches:
            yield [Swept.of_member(one, archive) for one in batch]

    def _ready(self) -> list[Underway]:
        ready: list[Underway] = []
        due_seconds = time.monotonic() + ANSWER_SECONDS
        while self._waiting and len(ready) < BATCH_ITEMS:
            if not self._waiting[0].is_examined(due_seconds - time.monotonic() if ready else LOOK_SECONDS):
                break
            ready.append(self._waiting.popleft())
            ready[-1].members_follow = ready[-1].holds_members
            if ready[-1].members_follow:
                break
        return ready
