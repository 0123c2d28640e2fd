"""How answers look in a terminal: a line an item, state by sign, word and colour; a progress bar where somebody watches."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from concord.errors import printable
from concord.media import walk
from concord.records.answer import Answer, Contact, State

Item = TypeVar("Item")

SIGNS = {
    State.NEW: ("+", "cyan"),
    State.KNOWN: ("=", "yellow"),
    State.PARTLY_IDENTIFIED: ("~", "magenta"),
    State.IDENTIFIED: ("*", "green"),
    State.NOT_RELEVANT: ("-", "dim"),
}
APPEARS_AFTER_SECONDS = 1.0  # a bar for less is only a flash

WORDS = {state: state.replace("_", " ").lower() for state in State}


def paper() -> Console:
    """What is written on: as wide as the terminal, or wide enough for a table where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=100)


def write_json(*values: Any) -> None:
    """One object a line, at once: somebody may be reading along."""
    sys.stdout.write(_LINES.encode_lines(values).decode())
    sys.stdout.flush()


_LINES = msgspec.json.Encoder()


def print_answer(console: Console, answer: Answer) -> None:
    """State, item, then the reasons and whom to call, indented."""
    head = state_text(answer)
    head.append(f"  {printable(answer.item)}", style="default")
    console.print(head, soft_wrap=True)
    lines = [answer.error.message] if answer.error else []
    lines += answer.reasons
    contacts = [answer.contact] if isinstance(answer.contact, Contact) else []
    for contact in dict.fromkeys([*contacts, *answer.restricted]):
        lines.append(
            f"Contact: {contact.unit} ({contact.country}), {contact.channel}, {contact.hours} {contact.time_zone}"
        )
    for line in lines:
        console.print(f"    {printable(line)}", style="dim", highlight=False, markup=False, soft_wrap=True)


def state_text(answer: Answer) -> Text:
    """Never a plain NEW where something was not compared."""
    if answer.answer is None:
        return Text("! failed", style="red")
    sign, style = SIGNS[answer.answer]
    words = [WORDS[answer.answer], *(qualifier.lower().replace("_", " ") for qualifier in answer.qualifiers)]
    if answer.answer is State.NEW and answer.not_compared:
        words.append("by " + " and ".join(answer.compared) + " only")
    return Text(f"{sign} {', '.join(words)}", style=style)


class Rate(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.1f}/s" if task.speed else "", style="dim")


@contextmanager
def progress(what: str, items: Iterable[Path | str]) -> Iterator[Any]:
    """Yields a function that passes a stream through and counts it. Quiet unless stderr is a terminal.

    What is written meanwhile goes where it always goes: above the bar only where stdout is that terminal as well.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stream: stream
        return
    total = sum(1 for item in items for _ in (walk([item]) if isinstance(item, Path) else [item]))
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty())
    task = bar.add_task(what, total=total)

    def counted(stream: Iterable[Item]) -> Iterator[Item]:
        for item in stream:
            yield item
            bar.advance(task)

    with started_later(bar):
        yield counted


@contextmanager
def started_later(bar: Progress) -> Iterator[None]:
    """A bar that is shown only if what it stands for takes a while."""
    timer = Timer(APPEARS_AFTER_SECONDS, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if bar.live.is_started:
            bar.stop()
