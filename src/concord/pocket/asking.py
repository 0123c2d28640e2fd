"""A run: files become digests, digests become questions in batches, and every answer is given as soon as it comes.

The thread that runs it talks to the server; others only read and digest, a bounded number of files ahead. Answers come in
the order of the files.
"""

from __future__ import annotations

import re
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Callable, Generator, Iterable, Iterator, TypeVar  # noqa: UP035  Python 3.8

from concord.pocket.line import Line
from concord.pocket.medium import Entry, sha256_of
from concord.pocket.pace import Pace
from concord.pocket.refusal import ItemRefusal, MalformedDigest, UnfitAnswer
from concord.pocket.shape import SESSION, MisshapenError, checked, checked_answers, failed

AHEAD_PER_THREAD = 64  # files that may be digested before they are asked about
LINGER_SECONDS = 1.0  # a batch that holds something waits no longer for more
DIGEST = re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})\Z")


Given = TypeVar("Given")


@dataclass(frozen=True)
class Asked:
    """A file or a digest on its way. Of the last three one is set when it leaves."""

    entry: Entry
    digest: str | None = None  # hexadecimal digits, small
    failure: ItemRefusal | None = None
    answer: dict[str, Any] | None = None  # of an earlier run


@dataclass(frozen=True)
class Answered:
    asked: Asked
    answer: dict[str, Any]
    earlier: bool  # it stood in the journal

    @property
    def failed(self) -> bool:
        return self.answer["error"] is not None


Known = Callable[[Entry], "dict[str, Any] | None"]  # the answer of an earlier run
Closer = Callable[[Entry, str, "dict[str, Any]"], "dict[str, Any]"]


def session_of(line: Line) -> dict[str, Any]:
    """Who asks, and what this server takes. Raises what `Line.send` raises."""
    return _shaped(line, lambda: checked(line.ask("GET", "session"), SESSION))


def by_digest(line: Line, digests: list[str]) -> list[dict[str, Any]]:
    """Raises what `Line.send` raises."""
    given = line.ask("POST", "ask/batch", {"items": digests})
    return _shaped(line, lambda: checked_answers(given, digests))


def _shaped(line: Line, check: Callable[[], Given]) -> Given:
    try:
        return check()
    except MisshapenError as error:
        raise UnfitAnswer(server=line.server, cause=error) from None


def digests_given(texts: Iterable[str]) -> Iterator[Asked]:
    """Of digests that were given as such."""
    for text in texts:
        entry = Entry(text)
        if DIGEST.match(text):
            yield Asked(entry, digest=text.lower())
        else:
            yield Asked(entry, failure=MalformedDigest(item=text))


class Run:
    """One run over one line. What is `known` is neither read nor asked about; `closer` looks at a file that is new by
    digest, once more by other means."""

    def __init__(
        self,
        line: Line,
        pace: Pace,
        threads: int,
        known: Known = lambda _: None,
        closer: Closer | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line, self._pace, self._threads = line, pace, threads
        self._known, self._closer, self._monotonic = known, closer, monotonic

    def answers(self, asked: Iterable[Asked | Entry]) -> Iterator[Answered]:
        """Raises what `Line.send` raises; what was given before stands."""
        with closing(self._digested(iter(asked))) as stream:
            for batch in self._batches(stream):
                yield from self._answered(batch)

    # ---- files become digests -----------------------------------------------------------------------------------------

    def _digested(self, asked: Iterator[Asked | Entry]) -> Generator[Asked, None, None]:
        waiting: deque[Asked | Future[Asked]] = deque()
        executor = ThreadPoolExecutor(self._threads, thread_name_prefix="digest")
        try:
            for one in asked:
                waiting.append(self._begun(one, executor))
                if len(waiting) >= AHEAD_PER_THREAD * self._threads:
                    yield _done(waiting.popleft())
            while waiting:
                yield _done(waiting.popleft())
        finally:
            for rest in waiting:
                if isinstance(rest, Future):
                    rest.cancel()
            executor.shutdown()

    def _begun(self, one: Asked | Entry, executor: ThreadPoolExecutor) -> Asked | Future[Asked]:
        asked = one if isinstance(one, Asked) else Asked(one, failure=one.failure)
        if asked.failure:
            return asked
        known = self._known(asked.entry)
        if known is not None:
            return replace(asked, answer=known)
        return asked if asked.digest else executor.submit(_digest, asked)

    # ---- digests become answers -----------------------------------------------------------------------------------------

    def _batches(self, stream: Iterable[Asked]) -> Iterator[list[Asked]]:
        batch: list[Asked] = []
        questions, began = 0, self._monotonic()
        for asked in stream:
            batch.append(asked)
            questions += asked.digest is not None and asked.answer is None
            if questions >= self._pace.size or self._monotonic() - began >= LINGER_SECONDS:
                yield batch
                batch, questions, began = [], 0, self._monotonic()
        yield batch

    def _answered(self, batch: list[Asked]) -> Iterator[Answered]:
        told = self._told([one.digest for one in batch if one.digest and one.answer is None])
        for asked in batch:
            entry = asked.entry
            if asked.answer is not None:
                yield Answered(asked, asked.answer, earlier=True)
            elif asked.failure:
                yield Answered(asked, failed(entry.item, asked.failure.code, str(asked.failure)), earlier=False)
            else:
                digest = asked.digest or ""
                answer = {**told[digest], "item": entry.item}
                if self._closer and entry.path and answer["answer"] == "NEW":
                    answer = self._closer(entry, digest, answer)
                yield Answered(asked, answer, earlier=False)

    def _told(self, digests: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Each is asked about once, in as many requests as the line's pace wants."""
        questions = list(dict.fromkeys(digests))
        told: dict[str, dict[str, Any]] = {}
        while questions:
            part, questions = questions[: self._pace.size], questions[self._pace.size :]
            failures, began = self._line.failures, self._monotonic()
            answers = by_digest(self._line, part)
            if self._line.failures > failures:
                self._pace.failed()
            else:
                self._pace.went(len(part), self._monotonic() - began)
            told.update(zip(part, answers))  # noqa: B905  Python 3.8; their number was checked
        return told


def _digest(asked: Asked) -> Asked:
    try:
        return replace(asked, digest=sha256_of(asked.entry))
    except ItemRefusal as error:
        return replace(asked, failure=error)


def _done(waiting: Asked | Future[Asked]) -> Asked:
    return waiting.result() if isinstance(waiting, Future) else waiting


def all_asked(entries: Iterable[Entry], texts: Iterable[str]) -> Iterator[Asked | Entry]:
    return chain(digests_given(texts), entries)
