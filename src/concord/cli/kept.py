"""The answers that a journal holds: of each item the last, in the order in which they were given."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from concord.records.answer import Answer


class _Line(msgspec.Struct):
    item: str
    answer: Answer


class _Told(msgspec.Struct):
    answer: dict[str, Any]


_LINE = msgspec.json.Decoder(_Line)
_TOLD = msgspec.json.Decoder(_Told)
UNREADABLE = -1  # which is no hash


def last_answers(journal: Path) -> Iterator[dict[str, Any]]:
    """As the published answer is shaped. Reads twice, and holds 8 bytes a line and nothing else."""
    superseded = _superseded(journal)
    for number, line in enumerate(_lines(journal)):
        if not superseded[number]:
            yield _TOLD.decode(line).answer


def is_answer(told: dict[str, Any]) -> bool:
    """Whether it has the published shape: what has not is left aside here, and so must be asked about again."""
    try:
        msgspec.convert(told, Answer)
    except msgspec.ValidationError:
        return False
    return True


def _superseded(journal: Path) -> bytearray:
    """Of each line, whether a later one is about the same item: it was looked at again, as it had changed or failed.
    Likewise what a power cut left unreadable, and what is no answer, of which the journal knows nothing either."""
    keys = array("q", (_key_of(line) for line in _lines(journal)))
    flags, seen = bytearray(len(keys)), {UNREADABLE}
    if len(set(keys)) == len(keys) and UNREADABLE not in keys:
        return flags
    for place in range(len(keys) - 1, -1, -1):
        flags[place] = keys[place] in seen
        seen.add(keys[place])
    return flags


def _key_of(line: bytes) -> int:
    try:
        return hash(_LINE.decode(line).item)
    except (msgspec.DecodeError, RecursionError):
        return UNREADABLE


def _lines(journal: Path) -> Iterator[bytes]:
    """Without the heading."""
    with journal.open("rb") as file:
        next(file, None)
        yield from file
