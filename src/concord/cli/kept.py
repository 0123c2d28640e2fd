"""The answers that a journal holds: of each item the last, in the order in which they were given."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

LEAST_LINE_BYTES = 20  # of a line that holds anything


class _Line(msgspec.Struct):
    item: str
    answer: dict[str, Any]


class _Item(msgspec.Struct):
    item: str


_LINE = msgspec.json.Decoder(_Line)
_ITEM = msgspec.json.Decoder(_Item)


def last_answers(journal: Path) -> Iterator[dict[str, Any]]:
    """As the published answer is shaped. Reads twice, and holds 8 bytes a line and nothing else."""
    superseded = _superseded(journal)
    for number, line in enumerate(_lines(journal)):
        if not superseded[number]:
            yield _LINE.decode(line).answer


def _superseded(journal: Path) -> bytearray:
    """Of each line, whether a later one is about the same item: it was looked at again, as it had changed or failed."""
    keys = array("q", (hash(_ITEM.decode(line).item) for line in _lines(journal)))
    flags, seen = bytearray(len(keys)), set[int]()
    if len(set(keys)) == len(keys):
        return flags
    for place in range(len(keys) - 1, -1, -1):
        flags[place] = keys[place] in seen
        seen.add(keys[place])
    return flags


def _lines(journal: Path) -> Iterator[bytes]:
    """Without the heading."""
    with journal.open("rb") as file:
        next(file, None)
        yield from file
