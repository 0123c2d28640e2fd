"""What files can say of themselves: the fixed vocabulary of statements, how each is written, and how it is read out.

Names of people (owner, artist, by-line, copyright) are not taken up: they are personal data that anybody can write, and
whoever holds the file can read them there.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from concord.jail.findings import Statement
from concord.jail.identifier import MOST_CHARACTERS, document, maker, name, plain, serial, software

UNCHECKED = "nobody has checked"
MOST_STATEMENTS = 100  # of one file; the richest real ones make some thirty
SOURCES = ("exif", "xmp", "iptc", "makernote", "jpeg")


@dataclass(frozen=True, slots=True)
class Kind:
    """`written` gives a value its one form, or None where it says nothing."""

    words: str  # what the file says, with the value's place in it
    written: Callable[[str], str | None]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "camera.make": Kind("its camera was made by {}", maker),
        "camera.model": Kind("its camera is the model {}", name),
        "camera.serial": Kind("its camera has the serial number {}", serial),
        "camera.internal_serial": Kind("its camera has the number {} inside", serial),
        "lens.make": Kind("its lens was made by {}", maker),
        "lens.model": Kind("its lens is the model {}", name),
        "lens.serial": Kind("its lens has the serial number {}", serial),
        "time.taken": Kind("it was taken on {}", plain),
        "time.digitised": Kind("it was digitised on {}", plain),
        "time.changed": Kind("it was changed last on {}", plain),
        "gps.position": Kind("it was taken at {}", plain),
        "gps.altitude": Kind("it was taken {} metres above the sea", plain),
        "gps.time": Kind("its place was measured on {}", plain),
        "software": Kind("it was written by {}", software),
        "picture.id": Kind("its picture has the id {}", document),
        "document.id": Kind("it is the document {}", document),
        "document.instance": Kind("it is the version {} of a document", document),
        "document.original": Kind("it comes from the document {}", document),
        "quantisation.tables": Kind("it was packed with the quantisation tables {}", plain),
        "quantisation.quality": Kind("it was packed with quality {} of 100", plain),
    }
)


def proper(said: Iterable[Statement]) -> tuple[Statement, ...]:
    """Those that a worker can have made: what it says is not trusted, and these words go into the database."""
    return tuple(one for one in islice(said, MOST_STATEMENTS) if _is_proper(one))


def _is_proper(one: Statement) -> bool:
    written = 0 < len(one.value) <= MOST_CHARACTERS and plain(one.value) == one.value
    return written and one.kind in KINDS and one.source in SOURCES


def read_out(kind: str, value: str) -> str:
    """A sentence for people. Whoever reads it must not take it for a fact."""
    return f"the file says {KINDS[kind].words.format(value)}; {UNCHECKED}"
