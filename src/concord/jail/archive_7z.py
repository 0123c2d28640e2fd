"""7z archives: members in the order of the list at their end, block by block, each unpacked once."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from io import SEEK_END, BytesIO
from typing import BinaryIO, Final, cast

from concord.config import Limits
from concord.errors import ArchiveLimit, EncryptedMember, ItemError, LeftAlone, UnreadArchive, UnreadMember
from concord.jail.archive_7z_block import COPY, refusal_of, unpacked
from concord.jail.archive_7z_cursor import Slowly
from concord.jail.archive_7z_list import (
    Block,
    Named,
    Part,
    Streams,
    named_in,
    read_listing,
    read_packed_list,
)
from concord.jail.archive_entry import (
    CHUNK_BYTES,
    Damage,
    Entries,
    Entry,
    Readable,
    Slice,
    Window,
    exactly,
    kind_of,
    refused,
)
from concord.jail.archive_unpack import Checked
from concord.jail.picture import NO_ITEM

_HEAD: Final = struct.Struct("<6s2BL2QL")  # mark, version, checksum; where the list stands, how large, its checksum
_CHECKED_AT = 12  # what the first checksum is of


def read_7z(stream: BinaryIO, limits: Limits) -> Entries:
    """Of a stream that can seek. Raises Damage, UnreadArchive, ArchiveLimit; what can be read comes before."""
    listing = yield from read_listing((yield from _list_of(stream, limits)), limits)
    contents = _contents(stream, listing.streams, limits)
    for one in named_in(listing):
        if one.has_bytes:
            content = next(contents, None)
            if content is None:
                raise Damage("its list names more members than it has bytes of")
            yield _entry(one, content)
            yield from content.skip()
        elif one.is_anti:
            yield refused(one.name, LeftAlone(item=NO_ITEM, kind="mark that a file is deleted"))
        elif one.is_file:
            yield Entry(one.name, BytesIO)
    if next(contents, None):
        raise Damage("it holds more members than its list names")


# ---- the list -----------------------------------------------------------------------------------------------------


def _list_of(stream: BinaryIO, limits: Limits) -> Slowly[bytearray]:
    """Unpacked. Raises Damage, UnreadArchive, ArchiveLimit."""
    size_bytes = stream.seek(0, SEEK_END)
    stream.seek(0)
    head = exactly(stream, _HEAD.size)
    if len(head) < _HEAD.size:
        raise Damage("it breaks off in its first header")
    _, _, _, crc, offset, list_bytes, list_crc = _HEAD.unpack(head)
    if crc != zlib.crc32(head[_CHECKED_AT:]):
        raise Damage("its first header has a wrong checksum")
    if not list_bytes:
        return bytearray((Part.LIST, Part.END))  # without members
    if offset + list_bytes > size_bytes - _HEAD.size:
        raise Damage("the list of its members is missing: it was cut off, or is one of several parts")
    window = Window(stream, _HEAD.size + offset, list_bytes)
    text = yield from _gathered(Checked(window, list_bytes, list_crc), list_bytes, limits)
    if text[0] != Part.PACKED_LIST:
        return text
    streams = yield from read_packed_list(text, limits)
    content = next(_contents(stream, streams, limits), None)
    if content is None:
        raise Damage("the list of its members is missing")
    if isinstance(content.refusal, EncryptedMember):
        raise UnreadArchive(item=NO_ITEM, what="a 7z archive whose list of names is encrypted")
    if isinstance(content.refusal, UnreadMember):
        raise UnreadArchive(
            item=NO_ITEM, what=f"a 7z archive whose list is packed in another way ({content.refusal.facts['method']})"
        )
    return (yield from _gathered(content.open(), content.size_bytes, limits))


def _gathered(stream: Readable, size_bytes: int, limits: Limits) -> Slowly[bytearray]:
    if size_bytes > limits.archive_held_bytes:
        raise ArchiveLimit(item=NO_ITEM, limit="archive_held_bytes", most=limits.archive_held_bytes)
    text = bytearray()
    while piece := stream.read(CHUNK_BYTES):
        text += piece
        yield None
    return text


# ---- members ------------------------------------------------------------------------------------------------------


def _entry(one: Named, content: "_Content") -> Entry:
    if kind := kind_of(one.mode):
        return refused(one.name, LeftAlone(item=NO_ITEM, kind=kind))
    return refused(one.name, content.refusal) if content.refusal else Entry(one.name, content.open)


class _Unpacking:
    """One block, read by its members one after the other. Damage in one is damage of all that follow in it."""

    def __init__(self, block: Block, sizes: Sequence[int], packed: Window, limits: Limits) -> None:
        self.size_bytes = sizes[block.last]
        self.refusal: ItemError | None = None
        self.stored = packed if [step.method for step in block.steps] == [COPY] else None
        self._make = partial(unpacked, block, sizes, packed, limits)
        self._stream: Readable | None = None
        self._damage = ""
        try:
            self.refusal = refusal_of(block, sizes, limits)
        except Damage as damage:
            self._damage = str(damage)

    def read(self, size: int, /) -> bytes:
        if self._damage:
            raise Damage(self._damage)
        try:
            self._stream = self._stream or self._make()
            return self._stream.read(size)
        except Damage as damage:
            self._damage = str(damage)
            raise


@dataclass(slots=True)
class _Content:
    """Of one member: a part of a block."""

    block: _Unpacking
    start_byte: int  # in the block
    size_bytes: int
    crc: int | None
    is_last: bool  # of the block: of what is behind it nothing is needed
    _slice: Slice = field(init=False)

    def __post_init__(self) -> None:
        self._slice = Slice(self.block, self.size_bytes)

    @property
    def refusal(self) -> ItemError | None:
        return self.block.refusal

    def open(self) -> Readable:
        if stored := self.block.stored:
            window = Window(cast(BinaryIO, stored), self.start_byte, self.size_bytes)
            return Checked(window, self.size_bytes, self.crc)
        return Checked(self._slice, self.size_bytes, self.crc, to_the_end=False)

    def skip(self) -> Entries:
        """What nobody has read of it. Damage is told of members."""
        if not (self.is_last or self.refusal or self.block.stored):
            with suppress(Damage):
                yield from self._slice.skip()


def _contents(stream: BinaryIO, streams: Streams, limits: Limits) -> Iterator[_Content]:
    """Of all members that have bytes, in their order. Raises Damage."""
    crcs, sizes = iter(streams.member_crcs), iter(streams.member_sizes)
    blocks = zip(_blocks(stream, streams, limits), streams.counts, streams.crcs, strict=True)
    for block, count, block_crc in blocks:
        start_byte = 0
        for left in range(count - 1, -1, -1):
            size_bytes = next(sizes, None) if left else block.size_bytes - start_byte
            if size_bytes is None or size_bytes < 0 or start_byte + size_bytes > block.size_bytes:
                raise Damage("its list has sizes that do not fit each other")
            crc = block_crc if count == 1 and block_crc is not None else next(crcs, None)
            yield _Content(block, start_byte, size_bytes, crc, not left)
            start_byte += size_bytes


def _blocks(stream: BinaryIO, streams: Streams, limits: Limits) -> Iterator[_Unpacking]:
    end_byte = stream.seek(0, SEEK_END)
    at, output, packed = _HEAD.size + streams.packed_byte, 0, 0
    for block in streams.blocks:
        if packed + block.packed_streams > len(streams.packed_sizes):
            raise Damage("its list has fewer packed parts than blocks need")
        packed_bytes = sum(streams.packed_sizes[packed : packed + block.packed_streams])
        start_byte = min(at, end_byte)
        window = Window(stream, start_byte, min(packed_bytes, end_byte - start_byte))
        yield _Unpacking(block, streams.sizes[output : output + block.outputs], window, limits)
        at, output, packed = at + packed_bytes, output + block.outputs, packed + block.packed_streams
