"""How a block of a 7z archive is unpacked: step by step, each as far as its size was recorded.

Source: Methods.txt of the LZMA SDK.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from concord.config import Limits
from concord.errors import EncryptedMember, ItemError, UnreadMember
from concord.jail.archive_7z_list import Block, Step
from concord.jail.archive_entry import Damage, Readable, Slice
from concord.jail.archive_unpack import Decompressor, Inflater, Unpacked, dictionary_within, raw_lzma
from concord.jail.picture import NO_ITEM

COPY: Final = b"\0"
_DELTA, _LZMA2, _LZMA, _DEFLATE, _BZIP2 = b"\3", b"\x21", b"\3\1\1", b"\4\1\x08", b"\4\2\2"
_BRANCHES: Mapping[bytes, int] = MappingProxyType(
    {
        b"\3\3\1\3": lzma.FILTER_X86,
        b"\3\3\2\5": lzma.FILTER_POWERPC,
        b"\3\3\4\1": lzma.FILTER_IA64,
        b"\3\3\5\1": lzma.FILTER_ARM,
        b"\3\3\7\1": lzma.FILTER_ARMTHUMB,
        b"\3\3\x08\5": lzma.FILTER_SPARC,
        # as newer programs write the same
        b"\4": lzma.FILTER_X86,
        b"\5": lzma.FILTER_POWERPC,
        b"\6": lzma.FILTER_IA64,
        b"\7": lzma.FILTER_ARM,
        b"\x08": lzma.FILTER_ARMTHUMB,
        b"\x09": lzma.FILTER_SPARC,
    }
)
_NAMES = MappingProxyType(
    {
        b"\3\4\1": "PPMd",
        b"\3\3\1\x1b": "BCJ2",
        b"\4\1\x09": "deflate64",
        b"\x0a": "ARM64",
        b"\x0b": "RISC-V",
        b"\4\xf7\x11\1": "zstandard",
        b"\4\xf7\x11\2": "brotli",
        b"\4\xf7\x11\4": "lz4",
    }
)
_CIPHERS: Final = b"\6"  # the first byte of theirs
_STORED_BYTES = 1 << 16  # the most that LZMA2 has in one piece

Make = Callable[[], Decompressor]


def refusal_of(block: Block, sizes: Sequence[int], limits: Limits) -> ItemError | None:
    """Why it cannot be unpacked here. `sizes`: of the outputs of its steps. Raises Damage."""
    if any(step.method[:1] == _CIPHERS for step in block.steps):
        return EncryptedMember(item=NO_ITEM)
    try:
        for step, size_bytes in zip(block.steps, sizes, strict=False):
            _decompressor(step, size_bytes, limits)
    except UnreadMember as error:
        return error
    return None if block.order else UnreadMember(item=NO_ITEM, method="several streams in one")


def unpacked(block: Block, sizes: Sequence[int], packed: Readable, limits: Limits) -> Readable:
    """Of one that is not refused. Raises Damage."""
    stream = packed
    for place in block.order:
        if make := _decompressor(step := block.steps[place], sizes[place], limits):
            whole = _Framed(stream) if _is_filter(step) else stream
            stream = Unpacked(whole, make)
        stream = Slice(stream, sizes[place])
    return stream


def _decompressor(step: Step, size_bytes: int, limits: Limits) -> Make | None:
    """None: it is stored as it is. Raises Damage, UnreadMember."""
    if step.method == COPY:
        return None
    if step.method == _LZMA:
        return raw_lzma(step.properties, limits, size_bytes)
    if step.method == _DEFLATE:
        return lambda: Inflater(-zlib.MAX_WBITS)
    if step.method == _BZIP2:
        return bz2.BZ2Decompressor
    if step.method == _LZMA2:
        last = {"id": lzma.FILTER_LZMA2, "dict_size": _dictionary_bytes(step, size_bytes, limits)}
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[last])
    if _is_filter(step):
        filters = [_filter(step), {"id": lzma.FILTER_LZMA2, "dict_size": _STORED_BYTES}]
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
    raise UnreadMember(item=NO_ITEM, method=_NAMES.get(step.method, f"method {step.method.hex()}"))


def _dictionary_bytes(step: Step, size_bytes: int, limits: Limits) -> int:
    """One byte: powers of two and what lies halfway between them."""
    if len(step.properties) != 1 or step.properties[0] > 40:
        raise Damage("the description of its packing is damaged")
    announced_bytes = (2 | step.properties[0] & 1) << (step.properties[0] // 2 + 11)
    return dictionary_within(announced_bytes, limits, size_bytes)


def _is_filter(step: Step) -> bool:
    return step.method == _DELTA or step.method in _BRANCHES


def _filter(step: Step) -> dict[str, int]:
    if step.method == _DELTA and len(step.properties) == 1:
        return {"id": lzma.FILTER_DELTA, "dist": step.properties[0] + 1}
    if step.method == _DELTA or len(step.properties) not in (0, 4):
        raise Damage("the description of its packing is damaged")
    return {"id": _BRANCHES[step.method], "start_offset": int.from_bytes(step.properties, "little")}


class _Framed:
    """Bytes as if LZMA2 had stored them: `lzma` has its filters only before that, and only so they learn of the end."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self._begun, self._over = stream, False, False

    def read(self, _: int, /) -> bytes:
        if self._over:
            return b""
        piece = self._stream.read(_STORED_BYTES)
        if not piece:
            self._over = True
            return b"\0"
        sign = b"\2" if self._begun else b"\1"  # the first has nothing before it that it could refer to
        self._begun = True
        return sign + (len(piece) - 1).to_bytes(2, "big") + piece
