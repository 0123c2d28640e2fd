"""Unpack a packed stream, holding no more of it than a chunk and what its method must remember."""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from concord.config import Limits
from concord.errors import UnreadMember
from concord.jail.archive_entry import CHUNK_BYTES, Damage, Readable, Window
from concord.jail.picture import NO_ITEM


class Decompressor(Protocol):
    """As `bz2` and `lzma` have it."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Inflater:
    """`zlib` in the same form. `bits`: its sign and size say what stands around the packed bytes, as zlib has it."""

    def __init__(self, bits: int) -> None:
        self._object = zlib.decompressobj(bits)

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def needs_input(self) -> bool:
        return not self._object.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._object.decompress(self._object.unconsumed_tail + data, max(0, max_length))


class Unpacked:
    """A packed stream, read unpacked."""

    def __init__(self, packed: Readable, make: Callable[[], Decompressor], *, several: bool = False) -> None:
        """`several`: one packed stream may follow upon another, as parallel programs write them."""
        self._packed, self._make, self._several = packed, make, several
        self._decompressor = make()
        self._pending = b""
        self._given = True  # whether damage would be that of the stream, and not of what only seemed to be a next one
        self._over = False
        self.surplus = False  # whether something else follows upon the packed streams; known at their end
        self.packed_bytes = 0

    def read(self, size: int, /) -> bytes:
        try:
            while size > 0 and not self._over:
                if self._decompressor.eof and not self._next_begins():
                    self._over = True
                elif piece := self._step(size):
                    return piece
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            self._over = True
            if self._given:
                raise Damage(f"its packed bytes are damaged: {error}") from None
            self.surplus = True  # something else stands behind a whole stream
        return b""

    def _step(self, size: int) -> bytes:
        data = b""
        if self._decompressor.needs_input:
            data = self._pending or self._packed.read(CHUNK_BYTES)
            self.packed_bytes += len(data)
            self._pending = b""
        piece = self._decompressor.decompress(data, size)
        if piece:
            self._given = True
        elif not data and self._decompressor.needs_input and not self._decompressor.eof:
            raise Damage("its packed bytes end too early")
        if self._decompressor.eof:
            self.packed_bytes -= len(self._decompressor.unused_data)
        return piece

    def _next_begins(self) -> bool:
        """At the end of one packed stream. Zeros between them are filling."""
        rest = self._pending or self._decompressor.unused_data
        if not self._several:
            self.surplus = bool(rest)
            return False
        while not (rest := rest.lstrip(b"\0")):
            rest = self._packed.read(CHUNK_BYTES)
            if not rest:
                return False
        self._decompressor, self._pending, self._given = self._make(), rest, False
        return True


def xz_of(dictionary_bytes: int) -> Callable[[], Decompressor]:
    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=dictionary_bytes + (16 << 20))


def unpackers(dictionary_bytes: int) -> Mapping[str, Callable[[], Decompressor]]:
    """By the name of the format of a file that is nothing but packed."""
    return MappingProxyType(
        {"gzip": lambda: Inflater(16 + zlib.MAX_WBITS), "bzip2": bz2.BZ2Decompressor, "xz": xz_of(dictionary_bytes)}
    )


def raw_lzma(properties: bytes, limits: Limits, size_bytes: int | None = None) -> Callable[[], Decompressor]:
    """Of LZMA's five bytes: literal and position bits, and the size of its memory. Raises Damage, UnreadMember.

    `size_bytes`: as many are unpacked at most, so that no more need be remembered.
    """
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise Damage("the description of its packing is damaged")
    dictionary_bytes = dictionary_within(struct.unpack_from("<I", properties, 1)[0], limits, size_bytes)
    rest, literal_context = divmod(properties[0], 9)
    position, literal_position = divmod(rest, 5)
    method = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": dictionary_bytes,
        "lc": literal_context,
        "lp": literal_position,
        "pb": position,
    }
    if literal_context + literal_position > 4:
        raise UnreadMember(item=NO_ITEM, method="LZMA with more than 4 literal bits")
    return lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[method])


def dictionary_within(announced_bytes: int, limits: Limits, size_bytes: int | None) -> int:
    """What LZMA needs to remember. Raises UnreadMember."""
    needed_bytes = announced_bytes if size_bytes is None else min(announced_bytes, size_bytes)
    if needed_bytes > limits.archive_dictionary_bytes:
        raise UnreadMember(item=NO_ITEM, method=f"LZMA that needs {needed_bytes >> 20} MiB of memory")
    return max(4096, needed_bytes)


class Checked:
    """What must have this size and this checksum, or is damaged."""

    def __init__(self, stream: Readable, size_bytes: int, crc: int | None, *, to_the_end: bool = True) -> None:
        """`to_the_end`: the stream knows its own end, and must not go on behind the size. `crc` None: not recorded."""
        self._stream, self._left_bytes, self._wanted, self._to_the_end = stream, size_bytes, crc, to_the_end
        self._crc, self._checked = 0, False
        self.window = stream if isinstance(stream, Window) else None  # the same, where it can be read anywhere

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(min(size, self._left_bytes)) if self._left_bytes and size else b""
        self._left_bytes -= len(piece)
        self._crc = zlib.crc32(piece, self._crc)
        if not piece and size and not self._checked:
            self._check()
        return piece

    def _check(self) -> None:
        self._checked = True
        if self._left_bytes:
            raise Damage(f"{self._left_bytes} bytes of it are missing")
        if self._to_the_end and self._stream.read(1):
            raise Damage("it holds more than the archive says")
        if self._wanted is not None and self._crc != self._wanted:
            raise Damage("its checksum is another")
