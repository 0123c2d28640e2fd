"""What is printed: JSON lines, CSV, or lines to read; progress and the summary go to where errors go."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from typing import Any, Callable, TextIO  # noqa: UP035  Python 3.8

from concord.pocket.asking import Answered
from concord.pocket.refusal import one_line

SIGNS = {"NEW": "+", "KNOWN": "=", "PARTLY_IDENTIFIED": "~", "IDENTIFIED": "*", "NOT_RELEVANT": "-", None: "!"}
COLUMNS = (
    "item",
    "sha256",
    "answer",
    "match",
    "qualifiers",
    "victims_recorded",
    "victims_identified",
    "contact_country",
    "contact_unit",
    "contact_channel",
    "error",
)
PROGRESS_SECONDS = 1.0


class Paper:
    """Writes each answer as it comes. `form`: json, csv or lines."""

    def __init__(self, form: str, out: TextIO) -> None:
        self._form, self._out = form, out
        self.counts: Counter[str] = Counter()
        self.failed = 0
        self._rows = csv.writer(out, lineterminator="\n")
        if form == "csv":
            self._rows.writerow(COLUMNS)

    def write(self, answered: Answered) -> None:
        answer = answered.answer
        self.counts[words_of(answer)] += 1
        self.failed += answered.failed
        if self._form == "json":
            self._out.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n")
        elif self._form == "csv":
            self._rows.writerow([_cell(value) for value in _row(answer)])
        else:
            self._out.write(_lines(answer))
        self._out.flush()

    def summary(self) -> str:
        return ", ".join(f"{count:,} {word}" for word, count in self.counts.most_common()) or "nothing to ask about"


def words_of(answer: dict[str, Any]) -> str:
    """Never a plain new where something was not compared."""
    state = answer["answer"]
    if state is None:
        return "failed"
    words = state.replace("_", " ").lower()
    if state == "NEW" and answer["not_compared"]:
        words += " by " + " and ".join(answer["compared"]) + " only"
    return str(words)


def _lines(answer: dict[str, Any]) -> str:
    head = [words_of(answer), *(one.lower() for one in answer["qualifiers"])]
    lines = [f"{SIGNS[answer['answer']]} {', '.join(head)}  {_whole(answer['item'])}"]
    told = [answer["error"]["message"]] if answer["error"] else []
    if answer["answer"] not in (None, "NEW"):
        told += answer["reasons"]
    contact = answer["contact"]
    if contact:
        told.append("Contact: " + ", ".join(contact.get(name, "") for name in ("unit", "country", "channel", "hours")))
    return "".join(f"{line}\n" for line in [*lines, *("    " + one_line(one) for one in told)])


def _whole(item: str) -> str:
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in item)


def _row(answer: dict[str, Any]) -> list[Any]:
    victims, contact = answer["victims"], answer["contact"]
    return [
        answer["item"],
        answer["sha256"],
        answer["answer"],
        answer["match"],
        " ".join(answer["qualifiers"]),
        victims["recorded"],
        victims["identified"],
        contact.get("country"),
        contact.get("unit"),
        contact.get("channel"),
        answer["error"] and answer["error"]["code"],
    ]


def _cell(value: Any) -> Any:
    """A spreadsheet takes what begins so for a formula, and runs it: names on a seized disk may be anything."""
    return "'" + value if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


class Progress:
    """A line that tells how far it is, where somebody watches; once a second."""

    def __init__(self, err: TextIO, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._err, self._monotonic = err, monotonic
        self._watched = err.isatty()
        self._began = self._last = monotonic()
        self._count = self._bytes = self._found = 0

    def went(self, answered: Answered) -> None:
        self._count += 1
        self._bytes += answered.asked.entry.size or 0
        self._found += answered.answer["answer"] not in (None, "NEW")
        now = self._monotonic()
        if self._watched and now - self._last >= PROGRESS_SECONDS:
            self._last, seconds = now, now - self._began
            rate = f"{self._count / seconds:,.0f} files/s, {self._bytes / seconds / 1e6:,.1f} MB/s"
            self._err.write(f"\r{self._count:,} files, {rate}, {self._found:,} found \x1b[K")
            self._err.flush()

    def done(self) -> None:
        if self._watched:
            self._err.write("\r\x1b[K")
