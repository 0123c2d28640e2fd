"""What somebody who watches a long question sees: how far it is, how fast, what has been found, how long it will take."""

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from concord.cli.paper import Rate, started_later
from concord.media import walk_names

COUNTED_AT_ONCE = 1000


class Gauge(Protocol):
    """Told of what was done."""

    def advance(self, files: int, size_bytes: int, counts: Counter[str]) -> None:
        """So many more of what was to be done; the counts are those so far."""


class _Nobody:
    """Watches."""

    def advance(self, files: int, size_bytes: int, counts: Counter[str]) -> None:
        """Shows nothing."""


class _Bar:
    def __init__(self, bar: Progress, what: str) -> None:
        self._bar = bar
        self._task = bar.add_task(what, total=None, found="", size_bytes=0)
        self._size_bytes = 0

    def advance(self, files: int, size_bytes: int, counts: Counter[str]) -> None:
        self._size_bytes += size_bytes
        found = ", ".join(f"{count:,} {word}" for word, count in counts.most_common())
        self._bar.update(self._task, advance=files, found=found, size_bytes=self._size_bytes)

    def expect(self, total: int) -> None:
        self._bar.update(self._task, total=total)


class Throughput(ProgressColumn):
    """Megabytes a second, since the beginning."""

    def render(self, task: Task) -> Text:
        seconds = task.elapsed or 0.0
        return Text(f"{task.fields['size_bytes'] / seconds / 1e6:,.1f} MB/s" if seconds else "", style="dim")


@contextmanager
def gauge(what: str, items: Iterable[Path | str]) -> Iterator[Gauge]:
    """Quiet unless stderr is a terminal. How much there is, is counted beside the work.

    What is written meanwhile goes where it always goes: above the bar only where stdout is that terminal as well.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Nobody()
        return
    columns = (
        *(TextColumn(what), BarColumn(bar_width=20), MofNCompleteColumn(), Rate(), Throughput(), TimeRemainingColumn()),
        TextColumn("{task.fields[found]}", style="dim"),
    )
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty())
    shown, ended = _Bar(bar, what), threading.Event()
    counter = threading.Thread(target=_count, args=(list(items), shown, ended), name="count", daemon=True)
    counter.start()
    try:
        with started_later(bar):
            yield shown
    finally:
        ended.set()
        counter.join()


def _count(items: list[Path | str], bar: _Bar, ended: threading.Event) -> None:
    total = 0
    for item in items:
        for _ in walk_names([item]) if isinstance(item, os.PathLike) else [item]:
            total += 1
            if total % COUNTED_AT_ONCE == 0 and ended.is_set():
                return
    bar.expect(total)
