"""The sealed form of one object: a header, then frames of AES-256-GCM. Pure: bytes in, bytes out.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance, CRYPTO 2015): the nonce carries the number of the frame and whether it is the last, so
that frames cannot be reordered, dropped, repeated or cut off unseen. docs/vault-format.md gives every byte.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from concord.errors import DamagedObject

MAGIC = b"CVLT"
VERSION = 1
FRAME_BYTES = 1 << 20  # plain bytes in every frame but the last
LARGEST_FRAME_BYTES = 16 << 20  # a forged header must not make a reader fetch gigabytes at once
KEY_BYTES = 32
KEY_ID_BYTES = 16
NONCE_PREFIX_BYTES = 7
TAG_BYTES = 16

_HEADER = struct.Struct(f">4sBB{KEY_ID_BYTES}s{NONCE_PREFIX_BYTES}sI")
_NONCE_END = struct.Struct(">IB")  # number, last
_BINDING_END = struct.Struct(">QB")  # number, last
HEADER_BYTES = _HEADER.size

Buffer = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Header:
    """What a reader must know before the first frame; nothing in it is secret."""

    key_id: bytes  # KEY_ID_BYTES, random: which data key
    nonce_prefix: bytes  # NONCE_PREFIX_BYTES, random
    frame_bytes: int
    beside: bool  # the frames lie in a file of their own; otherwise they follow the header

    def packed(self) -> bytes:
        """HEADER_BYTES bytes."""
        return _HEADER.pack(MAGIC, VERSION, self.beside, self.key_id, self.nonce_prefix, self.frame_bytes)

    @classmethod
    def parse(cls, raw: Buffer, name: str) -> Self:
        """From exactly HEADER_BYTES bytes; `name` is the object's, for the error. Raises DamagedObject."""
        if len(raw) != HEADER_BYTES:
            raise DamagedObject(name=name, cause=f"its header has {len(raw)} bytes and not {HEADER_BYTES}")
        magic, version, beside, key_id, nonce_prefix, frame_bytes = _HEADER.unpack(raw)
        if magic != MAGIC or version != VERSION or beside > 1:
            raise DamagedObject(name=name, cause="it does not begin with a header known to this release")
        if not 1 <= frame_bytes <= LARGEST_FRAME_BYTES:
            raise DamagedObject(name=name, cause=f"its header claims frames of {frame_bytes} bytes")
        return cls(key_id=key_id, nonce_prefix=nonce_prefix, frame_bytes=frame_bytes, beside=bool(beside))


@dataclass(frozen=True, slots=True)
class Extent:
    """How an object divides into frames; known from the sealed size alone, and proved by opening the last frame."""

    count: int  # frames, at least 1: an empty object is one empty frame
    size_bytes: int  # plain
    frame_bytes: int

    @classmethod
    def of(cls, sealed_bytes: int, frame_bytes: int, name: str) -> Self:
        """`sealed_bytes` counts the frames without the header. Raises DamagedObject where no object has that size."""
        full, rest = divmod(sealed_bytes, frame_bytes + TAG_BYTES)
        count = full + bool(rest)
        whole = rest == 0 or rest > TAG_BYTES or (rest == TAG_BYTES and full == 0)
        if count == 0 or not whole:
            raise DamagedObject(name=name, cause=f"frames of {sealed_bytes} bytes in all cannot be whole")
        return cls(count=count, size_bytes=sealed_bytes - count * TAG_BYTES, frame_bytes=frame_bytes)

    def frames_of(self, start_byte: int, length_bytes: int) -> range:
        """The numbers of the frames that must be opened to answer for these plain bytes.

        Bytes behind the end are answered by the last frame: only it proves that the end is the end.
        """
        end_byte = start_byte + length_bytes
        if end_byte > self.size_bytes:
            return range(min(start_byte // self.frame_bytes, self.count - 1), self.count)
        return range(start_byte // self.frame_bytes, -(-end_byte // self.frame_bytes))

    def sealed_slice(self, numbers: range) -> tuple[int, int]:
        """Start and length in bytes of these frames (a range of step 1), counted from the first frame."""
        step = self.frame_bytes + TAG_BYTES
        end = min(numbers.stop * step, self.size_bytes + self.count * TAG_BYTES)
        return numbers.start * step, end - numbers.start * step


@dataclass(frozen=True, slots=True)
class Framing:
    """Seals and opens the frames of one object."""

    header: Header
    name: str  # the object's, 64 hexadecimal digits
    key: bytes = field(repr=False)  # KEY_BYTES

    def seal(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Sealed frames from plain blocks, each of `frame_bytes` except the last, which may be shorter.

        A frame is given out only when the next block is known to exist or not, as the last one is marked.
        """
        number = 0
        held = b""
        for block in blocks:
            if held:
                yield self._sealed(number, last=False, plain=held)
                number += 1
            held = block
        yield self._sealed(number, last=True, plain=held)

    def open(self, numbers: range, sealed: Buffer, extent: Extent) -> Iterator[bytes]:
        """The plain bytes of these frames, one after another; `sealed` holds them exactly. Raises DamagedObject."""
        step = self.header.frame_bytes + TAG_BYTES
        view = memoryview(sealed)
        for place, number in enumerate(numbers):
            yield self._opened(number, number == extent.count - 1, view[place * step : (place + 1) * step])

    def _sealed(self, number: int, last: bool, plain: bytes) -> bytes:
        return AESGCM(self.key).encrypt(self._nonce(number, last), plain, self._binding(number, last))

    def _opened(self, number: int, last: bool, sealed: memoryview) -> bytes:
        try:
            return AESGCM(self.key).decrypt(self._nonce(number, last), sealed, self._binding(number, last))
        except InvalidTag:
            raise DamagedObject(name=self.name, cause=f"frame {number} is damaged or not the one written") from None

    def _nonce(self, number: int, last: bool) -> bytes:
        return self.header.nonce_prefix + _NONCE_END.pack(number, last)

    def _binding(self, number: int, last: bool) -> bytes:
        return self.header.packed() + bytes.fromhex(self.name) + _BINDING_END.pack(number, last)
