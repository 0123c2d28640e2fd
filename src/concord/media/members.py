"""Look into archives: the members of one, each examined as a file is, and named `outer.zip!/inner/name.jpg`.

A worker of its own unpacks and digests them, and the pictures go on to the other workers. So one pass over the archive
does, whatever is known of its members: of what is known the bytes are dropped, and nothing is decoded.
"""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from concord.errors import DecodingOverran, FileChanged, ItemError, NoSuchFile, UndecodableItem
from concord.jail.archive_findings import (
    EVERYTHING,
    PICTURES,
    READ_ARCHIVE,
    WITHIN,
    MemberFailed,
    MemberFound,
    Piece,
)
from concord.jail.archive_format import ARCHIVES
from concord.media.examine import Examination, Examiner
from concord.media.held import Held
from concord.media.opening import open_file
from concord.values import Digests

BATCH_MEMBERS = 256  # looked up at once
BATCH_BYTES = 64 << 20  # held meanwhile, and one member beyond

Known = Callable[[Sequence[Digests]], Sequence[bool]]
Found = Examination | ItemError


def is_archive(found: Found) -> bool:
    """Whether a file has members to be examined."""
    return isinstance(found, Examination) and found.format in ARCHIVES


def members(
    examiner: Examiner, path: Path, item: str, *, known: Known | None = None, statements: bool = True
) -> Iterator[tuple[str, Found]]:
    """Of an archive, and of those in it, in the archive's order. Memory is bounded, however large it is.

    `known` is asked for batches of digests; what it knows is not decoded: its examination has digests, size and format.
    A name that ends with `!/` is no member but what is left of that archive: its error says why it was read no
    further. Raises what `open_file` raises.
    """
    with open_file(path, item) as file, closing(_batches(_unpacked(examiner, file, item, PICTURES))) as batches:
        for batch in batches:
            yield from _examined(examiner, batch, known, statements)


@dataclass(frozen=True, slots=True)
class Member:
    """One member with its bytes."""

    item: str
    found: Found
    file: BinaryIO | None  # until the next one is asked for. None: failed, or an archive that is read as it comes by


def open_members(examiner: Examiner, path: Path, item: str, only: Iterable[str] | None = None) -> Iterator[Member]:
    """`members`, with their bytes; `only` those of these names, in the archive's order and not in theirs.

    One that is not found is not mentioned. Raises what `open_file` raises.
    """
    with open_file(path, item) as file, closing(_unpacked(examiner, file, item, EVERYTHING, only)) as unpacked:
        for one in unpacked:
            with one:
                yield Member(one.item, _examine(examiner, one), one.file)


def open_member(examiner: Examiner, path: Path, item: str, member: str) -> BinaryIO:
    """The bytes of one member, named as `members` does, in a file without a name that is the caller's to close.

    Raises NoSuchFile where there is none, the error of a member that cannot be unpacked, and what `open_file` raises.
    """
    with open_file(path, item) as file, closing(_unpacked(examiner, file, item, EVERYTHING, [member])) as unpacked:
        error: ItemError = NoSuchFile(item=member)
        for one in unpacked:
            if one.item == member and one.file:
                return one.file
            if isinstance(one.said, ItemError):
                error = one.said
        raise error


# ---- what comes out of the worker ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Unpacked:
    """A member, not examined yet."""

    item: str
    said: MemberFound | ItemError
    file: BinaryIO | None
    walls: tuple[str, ...]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self.file:
            self.file.close()

    @property
    def size_bytes(self) -> int:
        return self.said.size_bytes if self.file and isinstance(self.said, MemberFound) else 0


def _unpacked(
    examiner: Examiner, file: BinaryIO, item: str, send: str, only: Iterable[str] | None = None
) -> Generator[_Unpacked, None, None]:
    names = None if only is None else [name.removeprefix(item) for name in only]
    limits = examiner.jail.limits
    most_bytes = limits.archive_member_bytes if send == EVERYTHING else limits.picture_bytes
    before = os.fstat(file.fileno())
    held: Held | None = None
    try:
        with closing(examiner.jail.answers(READ_ARCHIVE, file.fileno(), item, send=send, only=names)) as answers:
            for answered in answers:
                said = answered.result
                if isinstance(said, Piece):
                    held = held or Held()
                    held.write(said.data)
                    if held.size_bytes > most_bytes + len(said.data):
                        raise _improper(item)
                elif isinstance(said, MemberFound | MemberFailed):
                    sent, held = held, None
                    yield _received(item, said, sent, answered.walls)
    except ItemError as error:
        yield _Unpacked(item + WITHIN, _of(error, item + WITHIN), None, ())
    finally:
        if held:
            held.drop()
    after = os.fstat(file.fileno())
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        yield _Unpacked(item + WITHIN, FileChanged(item=item + WITHIN), None, ())


def _received(item: str, said: MemberFound | MemberFailed, held: Held | None, walls: tuple[str, ...]) -> _Unpacked:
    """A worker's word is not taken for what can be counted."""
    name = item + said.name
    if isinstance(said, MemberFailed) or (held.size_bytes if held else 0) != (said.size_bytes if said.sent else 0):
        if held:
            held.drop()
        error = said.fault.revived(name) if isinstance(said, MemberFailed) else _improper(name)
        return _Unpacked(name, error, None, walls)
    return _Unpacked(name, said, held.file() if held else None, walls)


def _improper(item: str) -> DecodingOverran:
    return DecodingOverran(item=item, cause="its worker gave no proper answer")


def _of(error: ItemError, item: str) -> ItemError:
    return type(error)(**{**error.facts, "item": item})


# ---- examination --------------------------------------------------------------------------------------------------


def _batches(unpacked: Generator[_Unpacked, None, None]) -> Generator[list[_Unpacked], None, None]:
    batch: list[_Unpacked] = []
    held_bytes = 0
    try:
        for one in unpacked:
            batch.append(one)
            held_bytes += one.size_bytes
            if len(batch) >= BATCH_MEMBERS or held_bytes >= BATCH_BYTES:
                yield batch
                batch, held_bytes = [], 0
        if batch:
            yield batch
    finally:
        unpacked.close()
        for one in batch:
            one.close()


def _examined(
    examiner: Examiner, batch: Sequence[_Unpacked], known: Known | None, statements: bool
) -> Iterator[tuple[str, Found]]:
    """On all cores, in order."""
    digests = [one.said.digests for one in batch if isinstance(one.said, MemberFound)]
    answers = iter(known(digests)) if known and digests else None
    told = [isinstance(one.said, MemberFound) and answers is not None and next(answers) for one in batch]

    def examined(one: _Unpacked) -> Found:
        with one:
            return _examine(examiner, one, statements)

    # What needs no decoding needs no thread either.
    decoded = examiner.jail.map(
        examined, [one for one, is_known in zip(batch, told, strict=True) if one.file and not is_known]
    )
    for one, is_known in zip(batch, told, strict=True):
        if one.file and not is_known:
            yield one.item, next(decoded)
            continue
        with one:
            if is_known and isinstance(one.said, MemberFound):
                yield one.item, _without_picture(one.said, None, one.walls)
            else:
                yield one.item, _examine(examiner, one, statements)


def _examine(examiner: Examiner, one: _Unpacked, statements: bool = True) -> Found:
    said = one.said
    if isinstance(said, ItemError):
        return said
    if said.fault or one.file is None:
        fault = said.fault.revived(one.item) if said.fault else None
        if not isinstance(fault, UndecodableItem):
            fault = _improper(one.item)
        return _without_picture(said, fault, one.walls)
    try:
        return examiner.examine_file(one.file, one.item, said.digests, statements=statements)
    except ItemError as error:
        return error


def _without_picture(said: MemberFound, fault: UndecodableItem | None, walls: tuple[str, ...]) -> Examination:
    return Examination(said.digests, said.size_bytes, said.format, None, None, (), fault, walls=walls)
