"""What a file says of itself: never a fact. Anybody can write anything into it, and programs copy it from file to file.

What is broken in it is passed over: it is no reason to refuse the picture, and what can be read is taken.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import starmap
from types import MappingProxyType

from concord.jail.exif import read_exif
from concord.jail.findings import Statement
from concord.jail.iptc import read_iptc
from concord.jail.notes import notes_in
from concord.jail.quantisation import read_quantisation
from concord.jail.vocabulary import KINDS, MOST_STATEMENTS
from concord.jail.xmp import read_xmp

Said = tuple[str, str, str]  # kind, text as it stands, source

READERS: Mapping[str, Callable[[bytes], Iterator[Said]]] = MappingProxyType(
    {"exif": read_exif, "iptc": read_iptc, "xmp": read_xmp}
)
_BROKEN = (struct.error, zlib.error, LookupError, ValueError)  # it leads past the end, or is not what it claims to be


def statements_of(begins_as: str | None, data: bytes) -> tuple[Statement, ...]:
    """Each once, in the order of the file. None where the format carries no notes, or none that are read here."""
    found: dict[Said, None] = {}
    for kind, text, source in _said_in(begins_as, data):
        if value := KINDS[kind].written(text):
            found[kind, value, source] = None
            if len(found) == MOST_STATEMENTS:
                break
    return tuple(starmap(Statement, found))


def _said_in(begins_as: str | None, data: bytes) -> Iterator[Said]:
    tables = []
    with suppress(*_BROKEN):
        for kind, content in notes_in(begins_as, data):
            if kind == "tables":
                tables.append(content)
                continue
            with suppress(*_BROKEN):
                yield from READERS[kind](content)
    yield from read_quantisation(tables)
