"""Examine files: their digests always, their fingerprints where they are pictures that can be decoded."""

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from concord.errors import DecodingOverran, FileChanged, ItemError, UndecodableItem, UnreadableFile
from concord.fingerprints.digests import digest_stream
from concord.fingerprints.kind import Fingerprint
from concord.jail.descriptor import stream_of
from concord.jail.errand import Answered, Question
from concord.jail.findings import EXAMINE_PICTURE, PictureFindings, Statement
from concord.jail.format import HEAD_BYTES, sniff_format
from concord.jail.pool import Jail
from concord.jail.vocabulary import proper
from concord.media.opening import check_kind, hold, open_file
from concord.values import Digests

Outcome = tuple[str, Path | None, "Examination | ItemError"]


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out about one file."""

    digests: Digests
    size_bytes: int
    format: str | None  # as its first bytes say ("jpeg", "png", "gif" ...); None: of no picture format known by name
    width_pixels: int | None  # as shown upright; None: not decoded
    height_pixels: int | None
    fingerprints: tuple[Fingerprint, ...]  # empty where there is a fault
    fault: UndecodableItem | None  # why there are no fingerprints
    statements: tuple[Statement, ...] = ()  # of the file about itself; empty where there are none that can be read
    frames: int | None = None  # how many pictures it claims to hold, of which the first was decoded; None: not decoded
    walls: tuple[str, ...] = ()  # that stood around the worker, by name


@dataclass(frozen=True, slots=True)
class OpenFile:
    """To be examined as one of many."""

    descriptor: int  # of a regular file that is not empty
    status: os.stat_result  # when it was opened
    item: str
    digests: Digests | None = None  # of these bytes, where they are known already


class Examiner:
    """Drives a jail; safe to use from many threads."""

    def __init__(self, jail: Jail) -> None:
        self._jail = jail

    @property
    def jail(self) -> Jail:
        return self._jail

    def examine(self, path: Path, item: str) -> Examination:
        """Raises ItemError where the file cannot be read: NoSuchFile, UnreadableFile, NotAFile, EmptyFile, FileChanged.

        A file that can be read but not decoded is no error: its examination says so.
        """
        with open_file(path, item) as file:
            return self.examine_file(file, item)

    def examine_bytes(self, data: bytes, item: str) -> Examination:
        """Raises EmptyFile."""
        with hold(data) as file:
            return self.examine_file(file, item)

    def examine_file(
        self, file: BinaryIO, item: str, digests: Digests | None = None, *, statements: bool = True
    ) -> Examination:
        """Of an open file, whole and whatever its position, which stays: so the very bytes that were examined can be
        stored afterwards. What was written to it must have been flushed. `digests`: of these bytes, where they are known
        already; making them takes a good part of the time. Without `statements`, which a question does not need, there
        are none. Raises what `examine` raises."""
        descriptor = file.fileno()
        before = os.fstat(descriptor)
        check_kind(before, item)
        examination = self._examine(descriptor, item, digests, statements)
        _check_unchanged(descriptor, before, examination.size_bytes, item)
        return examination

    def _examine(self, descriptor: int, item: str, known: Digests | None, statements: bool) -> Examination:
        try:
            answered = self._jail.answer(EXAMINE_PICTURE, descriptor, item, **_wanted(known, statements))
            return _examination(answered, item, known)
        except DecodingOverran as overrun:
            return _digests_only(descriptor, item, overrun)

    def examine_each(
        self, files: Iterable[OpenFile | ItemError], *, statements: bool = True
    ) -> Generator[Examination | ItemError, None, None]:
        """Of each file, in order, what `examine_file` returns, or the ItemError that it raises. An error among the files
        keeps its place.

        All go to one worker, which is kept until the end; `files` is read one ahead. Closes every file that it took.
        """
        taken: deque[OpenFile | ItemError] = deque()

        def questions() -> Iterator[Question | ItemError]:
            for one in files:
                taken.append(one)
                if isinstance(one, OpenFile):
                    yield Question(one.descriptor, one.item, _wanted(one.digests, statements))
                else:
                    yield one

        try:
            with closing(self._jail.answer_each(EXAMINE_PICTURE, questions())) as outcomes:
                for outcome in outcomes:
                    yield _concluded(taken[0], outcome)
                    _close(taken.popleft())
        finally:
            for one in taken:
                _close(one)

    def examine_all(self, items: Iterable[tuple[str, Path | ItemError]]) -> Iterator[Outcome]:
        """In the order of `items`, which are read ahead by a bounded number; an item that fails yields its error.

        Takes what `walk` yields: an entry that could not even be listed keeps its place, and has no path.
        """
        return self._jail.map(self._outcome, items)

    def _outcome(self, entry: tuple[str, Path | ItemError]) -> Outcome:
        item, path = entry
        if isinstance(path, ItemError):
            return item, None, path
        try:
            return item, path, self.examine(path, item)
        except ItemError as error:
            return item, path, error


def _wanted(known: Digests | None, statements: bool) -> dict[str, bool]:
    """What the job is told; what is usual need not be said."""
    return ({"digested": True} if known else {}) | ({} if statements else {"statements": False})


def _examination(answered: Answered[PictureFindings], item: str, known: Digests | None) -> Examination:
    """Raises DecodingOverran where it makes no sense."""
    found = answered.result
    digests = known or found.digests
    if digests is None:
        raise _improper(item)
    fault = found.fault.revived(item) if found.fault else None
    return Examination(
        digests,
        found.size_bytes,
        found.format,
        found.width_pixels,
        found.height_pixels,
        found.fingerprints,
        fault if fault is None or isinstance(fault, UndecodableItem) else _improper(item),
        proper(found.statements),
        found.frames,
        walls=answered.walls,
    )


def _concluded(file: OpenFile | ItemError, outcome: Answered[PictureFindings] | ItemError) -> Examination | ItemError:
    if isinstance(file, ItemError):
        return file
    try:
        examination = _examination_or_digests(file, outcome)
        _check_unchanged(file.descriptor, file.status, examination.size_bytes, file.item)
    except ItemError as error:
        return error
    return examination


def _examination_or_digests(file: OpenFile, outcome: Answered[PictureFindings] | ItemError) -> Examination:
    try:
        if isinstance(outcome, ItemError):
            raise outcome
        return _examination(outcome, file.item, file.digests)
    except DecodingOverran as overrun:
        return _digests_only(file.descriptor, file.item, overrun)


def _digests_only(descriptor: int, item: str, overrun: DecodingOverran) -> Examination:
    """Reading and digesting are safe outside the jail: only decoding is not."""
    try:
        begins_as = sniff_format(os.pread(descriptor, HEAD_BYTES, 0))
        digests, size_bytes = digest_stream(stream_of(descriptor))
    except OSError as error:
        raise UnreadableFile(item=item, cause=error.strerror) from None
    return Examination(digests, size_bytes, begins_as, None, None, (), overrun)


def _check_unchanged(descriptor: int, before: os.stat_result, read_bytes: int, item: str) -> None:
    """Raises FileChanged."""
    after = os.fstat(descriptor)
    if (read_bytes, after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
        raise FileChanged(item=item)


def _close(file: OpenFile | ItemError) -> None:
    if isinstance(file, OpenFile):
        os.close(file.descriptor)


def _improper(item: str) -> DecodingOverran:
    return DecodingOverran(item=item, cause="its worker gave no proper answer")
