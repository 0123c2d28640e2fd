"""What a 7z archive says of itself: its members, and the blocks that they are packed in.

Source: 7zFormat.txt of the LZMA SDK. There a block is called a folder, and a step of its packing a coder.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from concord.config import Limits
from concord.jail.archive_7z_cursor import PROGRESS, Cursor, Slowly, bit, unknown
from concord.jail.archive_entry import Damage, name_of

_MOST_STEPS, _MOST_STREAMS = 32, 64  # of one block
_MOST_KINDS = 8  # of blocks that are remembered
_UNIX, _UNIX_MODE_BITS = 0x8000, 16  # of the attributes: whether they hold a mode of Unix, and where


class Part(IntEnum):
    END = 0x00
    LIST = 0x01
    PROPERTIES = 0x02
    OTHER_STREAMS = 0x03
    STREAMS = 0x04
    FILES = 0x05
    PACKED = 0x06
    BLOCKS = 0x07
    MEMBERS = 0x08
    SIZES = 0x09
    CRCS = 0x0A
    BLOCK = 0x0B
    UNPACKED_SIZES = 0x0C
    COUNTS = 0x0D
    WITHOUT_BYTES = 0x0E
    EMPTY_FILES = 0x0F
    ANTI = 0x10
    NAMES = 0x11
    ATTRIBUTES = 0x15
    PACKED_LIST = 0x17


@dataclass(frozen=True, slots=True)
class Step:
    method: bytes
    properties: bytes
    inputs: int
    outputs: int


@dataclass(frozen=True, slots=True)
class Block:
    """How some of the packed bytes are unpacked."""

    steps: tuple[Step, ...]
    order: tuple[int, ...]  # of the steps, from the packed bytes on; none where they are no chain
    last: int  # which of all outputs is the block's
    outputs: int
    packed_streams: int


@dataclass(slots=True)
class Streams:
    """Of all blocks: of their packed bytes, of what they unpack to, and of the members in that."""

    packed_byte: int = 0  # where they begin, behind the head of the archive
    packed_sizes: "array[int]" = field(default_factory=lambda: array("Q"))
    blocks: list[Block] = field(default_factory=list)
    sizes: "array[int]" = field(default_factory=lambda: array("Q"))  # of every output of every block
    crcs: list[int | None] = field(default_factory=list)  # of each block; None: not recorded
    counts: "array[int]" = field(default_factory=lambda: array("Q"))  # of members in each block
    member_sizes: "array[int]" = field(default_factory=lambda: array("Q"))  # but those of the last in each block
    member_crcs: list[int | None] = field(default_factory=list)  # but of those that are a whole block with its own


@dataclass(frozen=True, slots=True)
class Named:
    """A member or a folder."""

    name: str
    has_bytes: bool
    is_file: bool  # and is none, without bytes: a folder
    is_anti: bool  # a mark that a file of this name is to be deleted
    mode: int  # of Unix; 0: not recorded


@dataclass(frozen=True, slots=True)
class Listing:
    streams: Streams
    count: int  # of members and folders
    about: dict[int, bytes]  # what is said of all of them


def read_listing(text: bytes | bytearray, limits: Limits) -> Slowly[Listing]:
    """Raises Damage, ArchiveLimit."""
    cursor = Cursor(text, limits)
    cursor.expect(Part.LIST)
    streams, count = Streams(), 0
    about: dict[int, bytes] = {}
    while (part := cursor.byte()) != Part.END:
        if part == Part.PROPERTIES:
            while cursor.byte() != Part.END:
                cursor.take(cursor.number())
        elif part == Part.OTHER_STREAMS:
            yield from _streams(cursor)
        elif part == Part.STREAMS:
            streams = yield from _streams(cursor)
        elif part == Part.FILES:
            count, about = cursor.number(), _about(cursor)
        else:
            raise unknown(part)
    return Listing(streams, count, about)


def read_packed_list(text: bytes | bytearray, limits: Limits) -> Slowly[Streams]:
    """Of a list that is packed itself: where its bytes are. Raises Damage, ArchiveLimit."""
    cursor = Cursor(text, limits)
    cursor.expect(Part.PACKED_LIST)
    return (yield from _streams(cursor))


def named_in(listing: Listing) -> Iterator[Named]:
    """In their order, each made when it is asked for. Raises Damage."""
    about, empty_count = listing.about, 0
    for place, (name, attributes) in enumerate(zip(_names(listing), _attributes(listing), strict=True)):
        has_bytes = not bit(about.get(Part.WITHOUT_BYTES, b""), place)
        is_file = has_bytes or bit(about.get(Part.EMPTY_FILES, b""), empty_count)
        is_anti = not has_bytes and bit(about.get(Part.ANTI, b""), empty_count)
        empty_count += not has_bytes
        mode = attributes >> _UNIX_MODE_BITS if attributes & _UNIX else 0
        yield Named(name, has_bytes, is_file, is_anti, mode)


# ---- streams ------------------------------------------------------------------------------------------------------


def _streams(cursor: Cursor) -> Slowly[Streams]:
    made = Streams()
    while (part := cursor.byte()) != Part.END:
        if part == Part.PACKED:
            yield from _packed(cursor, made)
        elif part == Part.BLOCKS:
            yield from _blocks(cursor, made)
            made.counts = array("Q", [1]) * len(made.blocks)
        elif part == Part.MEMBERS:
            yield from _members(cursor, made)
        else:
            raise unknown(part)
    return made


def _packed(cursor: Cursor, made: Streams) -> Slowly[None]:
    made.packed_byte = cursor.number()
    count = cursor.count()
    while (part := cursor.byte()) != Part.END:
        if part == Part.SIZES:
            made.packed_sizes = yield from cursor.numbers(count)
        elif part == Part.CRCS:
            yield from cursor.crcs(count)  # those of what is unpacked tell more
        else:
            raise unknown(part)


def _blocks(cursor: Cursor, made: Streams) -> Slowly[None]:
    cursor.expect(Part.BLOCK)
    count = cursor.count()
    cursor.expect(0)  # they are described here, and not in a stream
    made.blocks = []
    kinds: list[tuple[bytes, Block]] = []
    for place in range(count):
        made.blocks.append(_known_block(cursor, kinds))
        if place % PROGRESS == 0:
            yield None
    cursor.expect(Part.UNPACKED_SIZES)
    made.sizes = yield from cursor.numbers(sum(block.outputs for block in made.blocks))
    made.crcs = [None] * count
    while (part := cursor.byte()) != Part.END:
        if part != Part.CRCS:
            raise unknown(part)
        made.crcs = yield from cursor.crcs(count)


def _known_block(cursor: Cursor, kinds: list[tuple[bytes, Block]]) -> Block:
    """Of a million blocks most are of a few kinds, and the same bytes describe the same."""
    for described, block in kinds:
        if cursor.passes(described):
            return block
    start, block = cursor.at, _block(cursor)
    if len(kinds) < _MOST_KINDS:
        kinds.append((cursor.since(start), block))
    return block


def _block(cursor: Cursor) -> Block:
    steps = tuple(_step(cursor) for _ in range(cursor.within(1, _MOST_STEPS)))
    inputs, outputs = sum(step.inputs for step in steps), sum(step.outputs for step in steps)
    if not 0 < outputs <= inputs <= _MOST_STREAMS:
        raise Damage("a block of it is impossible")
    leads: dict[int, int] = {}  # from an output to the input that takes it
    for _ in range(outputs - 1):
        into, out_of = cursor.within(0, inputs - 1), cursor.within(0, outputs - 1)
        if out_of in leads or into in leads.values():
            raise Damage("a block of it is impossible")
        leads[out_of] = into
    packed_streams = inputs - len(leads)
    packed = [cursor.within(0, inputs - 1) for _ in range(packed_streams if packed_streams > 1 else 0)]
    (last,) = set(range(outputs)) - leads.keys()
    chain = () if packed or inputs != len(steps) else _chain(leads, len(steps))
    return Block(steps, chain, last, outputs, packed_streams)


def _step(cursor: Cursor) -> Step:
    flags = cursor.byte()
    if flags & 0xC0:
        raise Damage("a block of it is impossible")
    method = cursor.take(flags & 0x0F)
    inputs, outputs = (cursor.number(), cursor.number()) if flags & 0x10 else (1, 1)
    return Step(method, cursor.take(cursor.number()) if flags & 0x20 else b"", inputs, outputs)


def _chain(leads: dict[int, int], count: int) -> tuple[int, ...]:
    """Of steps with one input and one output each. Raises Damage where they lead in a circle."""
    (at,) = set(range(count)) - set(leads.values())
    order = [at]
    while (following := leads.get(at)) is not None:
        order.append(at := following)
    if len(order) != count:
        raise Damage("a block of it is impossible")
    return tuple(order)


def _members(cursor: Cursor, made: Streams) -> Slowly[None]:
    while (part := cursor.byte()) != Part.END:
        if part == Part.COUNTS:
            made.counts = yield from cursor.numbers(len(made.blocks))
            cursor.check_count(sum(made.counts))
        elif part == Part.SIZES:
            made.member_sizes = yield from cursor.numbers(sum(max(0, count - 1) for count in made.counts))
        elif part == Part.CRCS:
            known = sum(count == 1 and crc is not None for count, crc in zip(made.counts, made.crcs, strict=True))
            made.member_crcs = yield from cursor.crcs(sum(made.counts) - known)
        else:
            raise unknown(part)


# ---- names --------------------------------------------------------------------------------------------------------


def _about(cursor: Cursor) -> dict[int, bytes]:
    about: dict[int, bytes] = {}
    while (part := cursor.byte()) != Part.END:
        about[part] = cursor.take(cursor.number())
    return about


def _names(listing: Listing) -> Iterator[str]:
    """Each in UTF-16, with a zero behind it."""
    names = listing.about.get(Part.NAMES, bytes(1))
    if names[:1] != b"\0":
        raise Damage("the names of its members are not in its list")
    at = 1
    for place in range(listing.count):
        if len(names) == 1:  # nothing has a name
            yield ""
            continue
        end = names.find(b"\0\0", at)
        while end > 0 and (end - at) % 2:
            end = names.find(b"\0\0", end + 1)
        if end < 0:
            raise Damage(f"its list breaks off behind {place} names")
        yield name_of(names[at:end].decode("utf-16-le", "backslashreplace").encode())
        at = end + 2


def _attributes(listing: Listing) -> Iterator[int]:
    """0: not recorded."""
    about = listing.about.get(Part.ATTRIBUTES, b"")
    all_defined = about[:1] != b"\0"
    at = 2 if all_defined else 2 + (listing.count + 7) // 8
    for place in range(listing.count):
        if about and (all_defined or bit(about[1:at], place)):
            yield int.from_bytes(about[at : at + 4], "little")
            at += 4
        else:
            yield 0
