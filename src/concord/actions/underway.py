"""A file on its way through a sweep: what is known of it so far."""

import os
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import msgspec

from concord.actions.ask import Asked, asked_file, failed
from concord.actions.swept import Found, Swept
from concord.errors import ItemError
from concord.jail.archive_format import ARCHIVES
from concord.jail.format import HEAD_BYTES, sniff_format
from concord.media import Examination, is_archive
from concord.media.digesters import Digested
from concord.media.opening import open_file
from concord.records.answer import Answer
from concord.values import Digests


class Underway(msgspec.Struct):
    """A file on its way."""

    item: str
    name: str | None
    failure: ItemError | None = None
    digested: Digested | None = None
    size_bytes: int | None = None  # as it was digested, or else opened
    modified_ns: int | None = None
    ordinary: str | None = None
    answer: Answer | None = None
    awaited: Future[list[Found]] | None = None  # None: nothing to be examined, or it is
    place: int = 0  # in what is awaited
    examined: Found | None = None
    members_follow: bool = False

    def is_examined(self, patience_seconds: float) -> bool:
        """Whether what is awaited, if anything is, is there; waits so long for it. Raises what the examination raised."""
        if self.awaited:
            try:
                self.awaited.exception(max(0.0, patience_seconds))
            except TimeoutError:
                return False
            self.examined, self.awaited = self.awaited.result()[self.place], None
        return True

    @property
    def found(self) -> Found | None:
        return self.failure or self.examined

    @property
    def holds_members(self) -> bool:
        """Known archives as well: it is not known by that what is in them. Ordinary ones are left alone."""
        if self.examined:
            return is_archive(self.examined)
        return bool(self.digested and self.digested.may_be_archive and not self.ordinary) and _begins_as_archive(
            self.name
        )

    def asked(self) -> Asked:
        found = self.found
        assert found  # noqa: S101  only of what is not answered yet
        if isinstance(found, ItemError):
            return failed(self.item, found)
        return asked_file(self.item, found, members_follow=True)

    def swept(self) -> Swept:
        found = examination if isinstance(examination := self.found, Examination) else None
        digests = found.digests if found else digests_of(self.digested) if self.digested else None
        return Swept(
            self.item,
            self.name,
            None,
            digests,
            self.size_bytes,
            self.modified_ns,
            found,
            self.answer,
            self.ordinary,
            self.members_follow,
        )

    @classmethod
    def of(cls, item: str, path: Path | str | ItemError) -> "Underway":
        return cls(item, None, path) if isinstance(path, ItemError) else cls(item, str(path))


def encoded(lines: Sequence[Underway]) -> list[bytes]:
    """Their paths for a digester. Empty, which no file is called, where there is none to digest."""
    names = [line.name or "" for line in lines]
    together = os.fsencode("\0".join(names)).split(b"\0")  # as encoding each takes longer than all else here
    if len(together) == len(names):
        return together
    return [b"" if "\0" in name else os.fsencode(name) for name in names]


def digests_of(digested: Digested) -> Digests:
    return Digests(digested.md5, digested.sha1, digested.sha256)


def _begins_as_archive(name: str | None) -> bool:
    try:
        with open_file(Path(name or ""), "") as file:
            return sniff_format(file.read(HEAD_BYTES)) in ARCHIVES
    except (ItemError, OSError):  # gone meanwhile
        return False
