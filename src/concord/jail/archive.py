"""Read an archive, inside a worker: every member in one pass, those of archives in it too. No path is ever made.

Pictures are not decoded here. Their bytes go out, and come in again at a worker of their own, as any file's: so a
picture that takes a decoder down takes no archive with it, and those of one archive are decoded on all cores.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from io import SEEK_END, BytesIO
from typing import BinaryIO

from concord.config import Limits
from concord.errors import (
    ArchiveLimit,
    DamagedArchive,
    DamagedMember,
    EmptyFile,
    ItemError,
    NotAPicture,
    UndecodableItem,
    UnreadableFile,
)
from concord.fingerprints.digests import Digester
from concord.jail.archive_entry import CHUNK_BYTES, PROGRESS_BYTES, Damage, Entry, Readable, Window
from concord.jail.archive_findings import (
    EVERYTHING,
    NOTHING,
    PICTURES,
    WITHIN,
    MemberFailed,
    MemberFound,
    Message,
    Piece,
    Progress,
    most_unpacked_bytes,
)
from concord.jail.archive_format import SCATTERED, SEQUENTIAL
from concord.jail.archive_lone import Ahead
from concord.jail.archive_readers import READERS
from concord.jail.format import HEAD_BYTES, sniff_format
from concord.jail.messages import Fault
from concord.jail.openers import OPENERS
from concord.jail.picture import NO_ITEM, Content, look_at

PROGRESS_MEMBERS = 64  # that nobody wants

Messages = Iterator[Message]


def read_archive(stream: BinaryIO, limits: Limits, send: str = NOTHING, only: Sequence[str] | None = None) -> Messages:
    """`send`: whose bytes go out before what is said of them. `only`: members by name, and nothing of any other.

    An archive in an archive comes before its members where they can only be read when all of it has been (zip, 7z), and
    else behind them; without its bytes then, unless `only` names it and no member of it.
    """
    size_bytes = stream.seek(0, SEEK_END)
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    yield from _Reading(limits, size_bytes, send, only).all_of(stream, sniff_format(head) or "")


class _Beyond(Exception):
    """The whole archive is beyond a limit."""

    def __init__(self, limit: str, most: int) -> None:
        self.fault = Fault.of(ArchiveLimit(item=NO_ITEM, limit=limit, most=most))


class _Reading:
    """Of one outermost archive."""

    def __init__(self, limits: Limits, size_bytes: int, send: str, only: Sequence[str] | None) -> None:
        self._limits, self._size_bytes, self._send = limits, size_bytes, send
        self._only: set[str] | None = None if only is None else set(only)
        self._above: Container[str] = {
            name[:at] for name in only or () for at in range(1, len(name)) if name[at] == WITHIN[0]
        }
        self._times: dict[int, int] = {}  # how often a name came, by its hash
        self._members = 0
        self._unpacked_bytes = 0
        self._held_bytes = 0

    def all_of(self, stream: BinaryIO, begins_as: str) -> Messages:
        try:
            yield from self._archive(stream, begins_as, "", 1)
        except _Beyond as beyond:
            yield MemberFailed(WITHIN, beyond.fault)

    # ---- archives -------------------------------------------------------------------------------------------------

    def _archive(self, stream: Readable, begins_as: str, name: str, depth: int) -> Messages:
        """`name`: within the outermost, which itself has none."""
        try:
            if begins_as not in READERS:
                raise NotAPicture(item=NO_ITEM, cause="it is no archive that is read here")
            for entry in READERS[begins_as](stream, self._limits):
                if entry is None:
                    yield Progress()
                    continue
                yield from self._member(entry, name, depth)
                if self._only is not None and not self._only:
                    return
        except Damage as damage:
            error: ItemError = DamagedArchive(item=NO_ITEM, format=begins_as, cause=str(damage))
            yield from self._failed(name + WITHIN, error)
        except OSError as failure:
            yield from self._failed(name + WITHIN, UnreadableFile(item=NO_ITEM, cause=failure.strerror or "no answer"))
        except ItemError as refusal:
            yield from self._failed(name + WITHIN, refusal)

    def _failed(self, name: str, error: ItemError) -> Messages:
        """What keeps an archive from being read may keep what is wanted from being found."""
        if self._only is None or name in self._only or name.endswith(WITHIN):
            yield MemberFailed(name, Fault.of(error))

    # ---- members --------------------------------------------------------------------------------------------------

    def _member(self, entry: Entry, above: str, depth: int) -> Messages:
        self._members += 1
        if self._members > self._limits.archive_members:
            raise _Beyond("archive_members", self._limits.archive_members)
        name = self._named(above, entry.name)
        if self._only is not None and name not in self._only and name not in self._above:
            if self._members % PROGRESS_MEMBERS == 0:
                yield Progress()
            return
        try:
            if entry.refusal:
                raise entry.refusal
            yield from self._content(_Metered(entry.open(), self._count), name, depth)
        except Damage as damage:
            yield from self._failed(name, DamagedMember(item=NO_ITEM, cause=str(damage)))
        except ItemError as error:
            yield from self._failed(name, error)
        finally:
            if self._only is not None:
                self._only.discard(name)

    def _named(self, above: str, name: str) -> str:
        """The second of one name is called so: nobody could tell which is meant."""
        full = f"{above}{WITHIN}{name or _name_unpacked(above)}"
        times = self._times[hash(full)] = self._times.get(hash(full), 0) + 1
        return full if times == 1 else f"{above}{WITHIN[0]}{times}{full[len(above) + 1 :]}"

    def _content(self, stream: "_Metered", name: str, depth: int) -> Messages:
        head = stream.read(CHUNK_BYTES)
        while head and len(head) < HEAD_BYTES and (more := stream.read(CHUNK_BYTES)):
            head += more
        if not head:
            raise EmptyFile(item=NO_ITEM)
        begins_as = sniff_format(head[:HEAD_BYTES])
        ahead = Ahead(head, stream)
        if self._only is not None and name not in self._above:  # it is wanted, and nothing in it
            yield from self._digested(ahead, begins_as, name)
        elif begins_as in SEQUENTIAL:
            yield from self._passed_through(ahead, begins_as, name, depth)
        elif begins_as in SCATTERED:
            yield from self._held(stream, ahead, begins_as, name, depth)
        else:
            yield from self._digested(ahead, begins_as, name)

    def _digested(self, stream: Readable, begins_as: str | None, name: str, keep: "_Kept | None" = None) -> Messages:
        wanted = self._only is None or name in self._only
        sending = wanted and (self._send == EVERYTHING or (self._send == PICTURES and begins_as in OPENERS))
        digester, silent_bytes = Digester(), 0
        while piece := stream.read(CHUNK_BYTES):
            digester.update(piece)
            silent_bytes += len(piece)
            if keep:
                keep.take(piece)
            if sending and self._send == PICTURES and digester.size_bytes > self._limits.picture_bytes:
                sending = False
            if sending:
                yield Piece(piece)
            elif silent_bytes >= PROGRESS_BYTES:
                silent_bytes = 0
                yield Progress()
        if wanted:
            yield self._found(name, digester, begins_as, sending)

    def _found(self, name: str, digester: Digester, begins_as: str | None, sent: bool) -> MemberFound:
        digests, size_bytes = digester.digests(), digester.size_bytes
        fault = None
        if begins_as not in OPENERS or size_bytes > self._limits.picture_bytes:
            try:
                look_at(Content(digests, size_bytes, begins_as, None), self._limits)
            except UndecodableItem as error:
                fault = Fault.of(error)
        return MemberFound(name, digests, size_bytes, begins_as, fault, sent)

    def _count(self, member_bytes: int, more_bytes: int) -> None:
        limits = self._limits
        self._unpacked_bytes += more_bytes
        if member_bytes > limits.archive_member_bytes:
            raise _Beyond("archive_member_bytes", limits.archive_member_bytes)
        if self._unpacked_bytes > limits.archive_bytes:
            raise _Beyond("archive_bytes", limits.archive_bytes)
        if self._unpacked_bytes > most_unpacked_bytes(self._size_bytes, limits):
            raise _Beyond("archive_ratio", limits.archive_ratio)

    # ---- archives in archives -------------------------------------------------------------------------------------

    def _passed_through(self, stream: Readable, begins_as: str, name: str, depth: int) -> Messages:
        """Its members are read while it is digested."""
        digesting = _Digesting(stream)
        if self._is_deep(depth):
            yield from self._too_deep(name)
        else:
            yield from self._archive(digesting, begins_as, name, depth + 1)
        while digesting.read(CHUNK_BYTES):
            yield Progress()
        if self._only is None or name in self._only:
            yield self._found(name, digesting.digester, begins_as, False)

    def _held(self, stream: "_Metered", ahead: Readable, begins_as: str, name: str, depth: int) -> Messages:
        """It is digested first. Where it cannot be read anywhere then, as it was packed, it is held meanwhile."""
        window = stream.window
        left_bytes = self._limits.archive_held_bytes - self._held_bytes
        kept = None if window or self._is_deep(depth) else _Kept(left_bytes)
        yield from self._digested(ahead, begins_as, name, kept)
        if self._is_deep(depth):
            yield from self._too_deep(name)
        elif window:
            window.seek(0)
            yield from self._archive(window, begins_as, name, depth + 1)
        elif kept and (held := kept.held()):
            self._held_bytes += kept.size_bytes
            yield from self._archive(held, begins_as, name, depth + 1)
            self._held_bytes -= kept.size_bytes
        else:
            error = ArchiveLimit(item=NO_ITEM, limit="archive_held_bytes", most=self._limits.archive_held_bytes)
            yield from self._failed(name + WITHIN, error)

    def _is_deep(self, depth: int) -> bool:
        return depth >= self._limits.archive_depth

    def _too_deep(self, name: str) -> Messages:
        error = ArchiveLimit(item=NO_ITEM, limit="archive_depth", most=self._limits.archive_depth)
        yield from self._failed(name + WITHIN, error)


class _Metered:
    """Counts what is unpacked."""

    def __init__(self, stream: Readable, count: Callable[[int, int], None]) -> None:
        self._stream, self._count, self._member_bytes = stream, count, 0

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        self._member_bytes += len(piece)
        self._count(self._member_bytes, len(piece))
        return piece

    @property
    def window(self) -> Window | None:
        """The same bytes where they can be read anywhere, as they are not packed."""
        window = getattr(self._stream, "window", None)
        return window if isinstance(window, Window) else None


class _Digesting:
    def __init__(self, stream: Readable) -> None:
        self._stream, self.digester = stream, Digester()

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        self.digester.update(piece)
        return piece


class _Kept:
    """What passes by, up to a limit; beyond it nothing."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self.size_bytes = most_bytes, 0
        self._bytes: BytesIO | None = BytesIO()

    def take(self, piece: bytes) -> None:
        self.size_bytes += len(piece)
        if self.size_bytes > self._most_bytes:
            self._bytes = None
        elif self._bytes:
            self._bytes.write(piece)

    def held(self) -> BytesIO | None:
        return self._bytes


def _name_unpacked(above: str) -> str:
    """What a lone packed file is called where it recorded no name itself: as the archive without its ending."""
    base = above.rpartition("/")[2]
    for ending in (".gz", ".bz2", ".xz", ".7z"):
        if base.lower().endswith(ending) and len(base) > len(ending):
            return base[: -len(ending)]
    return f"{base} unpacked".strip()
