"""The answers of one command: told at once, counted, and kept in a journal where that is wanted."""

import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

import msgspec
from rich.console import Console

from concord.cli.paper import WORDS, paper, print_answer, write_json
from concord.pocket.journal import Journal
from concord.records.answer import Answer

FAILED = "failed"


class Line(msgspec.Struct, frozen=True):
    """An answer, and what tells its file from a changed one; None: there is no such file, or it could not be read."""

    answer: Answer
    size_bytes: int | None = None
    modified_ns: int | None = None
    member: bool = False  # of the archive before it
    members_follow: bool = False


@dataclass(slots=True)
class Ledger:
    as_json: bool
    journal: Journal | None
    console: Console = field(default_factory=paper)
    counts: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    answered_before: int = 0
    resumed: bool = field(init=False)  # whether something may have been answered before
    _archive: Line | None = None  # told, and its members are not yet

    def __post_init__(self) -> None:
        self.resumed = self.journal is not None and len(self.journal) > 0

    def enter(self, lines: Sequence[Line]) -> None:
        """Told first and kept then: whoever is stopped between the two is told again, never left without."""
        with _uninterrupted():
            if self.as_json:
                write_json(*(line.answer for line in lines))
            else:
                for line in lines:
                    print_answer(self.console, line.answer)
            for line in lines:
                self.counts[WORDS[line.answer.answer] if line.answer.answer else FAILED] += 1
                self.failed += line.answer.error is not None
                if not line.member:
                    self.keep()
                if line.members_follow:
                    self._archive = line
                else:
                    self._keep(line)

    def keep(self) -> None:
        """An archive is kept after its members: what the journal has stands there whole, wherever a run was stopped."""
        if self._archive:
            self._keep(self._archive)
        self._archive = None

    def _keep(self, line: Line) -> None:
        if self.journal is not None:
            told = msgspec.to_builtins(line.answer)
            self.journal.write(line.answer.item, line.size_bytes, line.modified_ns, told)

    def knows(self, item: str, size_bytes: int, modified_ns: int) -> bool:
        """Whether this very file was answered before; then it is counted as such."""
        told = self.journal.known(item, size_bytes, modified_ns) if self.journal is not None else None
        if told is None:
            return False
        self.recall(told)
        return True

    def recall(self, told: dict[str, Any]) -> None:
        """Counts what the journal has: it was told before."""
        self.answered_before += 1
        self._count_told(told)

    def recount(self, kept: Iterable[dict[str, Any]]) -> None:
        """Counts all that the journal has, whichever run told it."""
        now = self.counts.total() - self.answered_before
        self.counts.clear()
        self.failed = 0
        for told in kept:
            self._count_told(told)
        self.answered_before = max(0, self.counts.total() - now)

    def _count_told(self, told: dict[str, Any]) -> None:
        state = told.get("answer")
        self.counts[next((WORDS[one] for one in WORDS if one == state), FAILED)] += 1
        self.failed += told.get("error") is not None

    def summary(self) -> str:
        total = sum(self.counts.values())
        said = ", ".join(f"{count:,} {word}" for word, count in self.counts.most_common())
        before = f" ({self.answered_before:,} of them answered before)" if self.answered_before else ""
        return f"{said}{before}" if total else "nothing to ask"


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """An interrupt from the terminal waits until the end of the block: what is told is kept as well."""
    if current_thread() is not main_thread():  # nobody interrupts it
        yield
        return
    waiting: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: waiting.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if waiting and callable(before):
            before(*waiting[0])
