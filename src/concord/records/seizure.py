"""The pure rules of an intake: how long it lasts, what has been seen already, what is kept of what was seen."""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from concord.errors import NoSuchFile, TooManyDays
from concord.records.answer import State
from concord.values import Coded

SKIPPED = frozenset({"digest_known", "digest_was_known"})  # a file was not decoded as its digest told enough


class ItemState(Coded):
    """What is known of a file: the answer as it was found then, or why there is none."""

    NEW = "NEW"
    KNOWN = "KNOWN"
    PARTLY_IDENTIFIED = "PARTLY_IDENTIFIED"
    IDENTIFIED = "IDENTIFIED"
    NOT_RELEVANT = "NOT_RELEVANT"
    ORDINARY = "ORDINARY"  # on a list of ordinary files; nothing was asked
    FAILED = "FAILED"  # nothing could be compared

    @classmethod
    def of(cls, answer: State | None) -> "ItemState":
        return cls.FAILED if answer is None else cls(answer)


class Seen(msgspec.Struct, frozen=True):
    """A file as it was seen. The fields are those of `IntakeItem`."""

    path: str
    location: bytes | None
    parent: str | None
    sha256: bytes | None
    sha1: bytes | None
    md5: bytes | None
    size_bytes: int | None
    modified_ns: int | None
    format: str | None
    state: ItemState
    match: str | None
    qualifiers: str | None
    not_compared: str | None
    ordinary: str | None
    error_code: str | None
    error_message: str | None
    pdq: bytes | None

    @property
    def audited_as(self) -> str:
        return self.sha256.hex() if self.sha256 else f"{self.path[:200]!r}"

    @property
    def place(self) -> Path:
        """The file, or the archive that a member lies in."""
        return Path(os.fsdecode(self.location or self.path.encode()))

    @property
    def digests(self) -> list[bytes]:
        """The strongest first."""
        return [digest for digest in (self.sha256, self.sha1, self.md5) if digest]

    @property
    def is_missing(self) -> bool:
        return self.error_code == NoSuchFile.code

    def missing(self) -> "Seen":
        """It is there no more. What was found then stays."""
        gone = NoSuchFile(item=self.path)
        return msgspec.structs.replace(self, error_code=gone.code, error_message=gone.message)

    def set_aside(self, ordinary: str) -> "Seen":
        """As it would have been seen had that list been there."""
        return msgspec.structs.replace(
            self,
            state=ItemState.ORDINARY,
            ordinary=ordinary,
            format=None,
            match=None,
            qualifiers=None,
            not_compared=None,
            error_code=None,
            error_message=None,
            pdq=None,
        )


def needs_look(before: Seen | None, size_bytes: int, modified_ns: int) -> bool:
    """Whether a file as it is now must be looked at: it is new, changed, could not be read, was away, or was not decoded
    for a digest that is known no longer."""
    if before is None or before.sha256 is None or before.is_missing:
        return True
    if (before.size_bytes, before.modified_ns) != (size_bytes, modified_ns):
        return True
    return before.state == ItemState.NEW and before.not_compared in SKIPPED


def expiry(opened_at: datetime, now: datetime, days: int, most_days: int) -> datetime:
    """When an intake ends that shall last `days` from now. Raises TooManyDays beyond `most_days` from its opening."""
    # First by their number: of far too many days no time can be made.
    if days > most_days or now + timedelta(days=days) > opened_at + timedelta(days=most_days):
        raise TooManyDays(days=days, limit=most_days)
    return now + timedelta(days=days)


def pack(values: Iterable[tuple[str, bytes]]) -> bytes | None:
    """Fingerprints by transform, for a column. None: there are none."""
    held = dict(values)
    return msgspec.msgpack.encode(held) if held else None


def unpack(packed: bytes | None) -> dict[str, bytes]:
    return msgspec.msgpack.decode(packed, type=dict[str, bytes]) if packed else {}
