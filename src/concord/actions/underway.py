"""A file on its way through a sweep: what is known of it so far."""

import os
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
    awaited: Future[list[Found]] | None = None  # None: nothing to be examined
    place: int = 0  # in what is awaited
    members_follow: bool = False

    @property
    def found(self) -> Found | None:
        return self.failure or (self.awaited.result()[self.place] if self.awaited else None)

    @property
    def holds_members(self) -> bool:
        """Known archives as well: it is not known by that what is in them. Ordinary ones are left alone."""
        if self.awaited:
            return is_archive(self.awaited.result()[self.place])
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

    @property
    def encoded(self) -> bytes:
        """Its path for a digester. Empty, which no file is called, where there is none to digest."""
        name = os.fsencode(self.name) if self.name else b""
        return b"" if b"\0" in name else name


def digests_of(digested: Digested) -> Digests:
    return Digests(digested.md5, digested.sha1, digested.sha256)


def _begins_as_archive(name: str | None) -> bool:
    try:
        with open_file(Path(name or ""), "") as file:
            return sniff_format(file.read(HEAD_BYTES)) in ARCHIVES
    except (ItemError, OSError):  # gone meanwhile
        return False
