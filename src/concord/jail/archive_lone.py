"""A file that was packed alone, or a tar archive that was packed as a whole: gzip, bzip2, xz."""

from typing import Final

from concord.config import Limits
from concord.jail.archive_entry import CHUNK_BYTES, Damage, Entries, Entry, Readable, exactly, name_of
from concord.jail.archive_format import BLOCK_BYTES, is_tar_header
from concord.jail.archive_tar import read_tar
from concord.jail.archive_unpack import Unpacked, unpackers

_EXTRA, _NAME = 4, 8  # flags of gzip (RFC 1952)
_HEAD_BYTES: Final = 10 + 2 + 65_535 + 4_096  # the longest, with a name of usual length


class Ahead:
    """A stream whose beginning was read already."""

    def __init__(self, beginning: bytes, stream: Readable) -> None:
        self._beginning, self._stream = beginning, stream

    def read(self, size: int, /) -> bytes:
        if not self._beginning:
            return self._stream.read(size)
        piece, self._beginning = self._beginning[:size], self._beginning[size:]
        return piece


def read_packed(packing: str, stream: Readable, limits: Limits) -> Entries:
    """A lone file is one member, called as gzip recorded it; else without a name. Raises Damage."""
    head = exactly(stream, min(_HEAD_BYTES, CHUNK_BYTES)) if packing == "gzip" else b""
    make = unpackers(limits.archive_dictionary_bytes)[packing]
    unpacked = Unpacked(Ahead(head, stream), make, several=True)
    beginning = exactly(unpacked, BLOCK_BYTES)
    content = Ahead(beginning, unpacked)
    if is_tar_header(beginning):
        yield from read_tar(content)
    else:
        yield Entry(_recorded_name(head) if packing == "gzip" else "", lambda: content)
        while unpacked.read(CHUNK_BYTES):  # where nobody read it
            yield None
    if unpacked.surplus:
        raise Damage("other data follows upon its end")


def _recorded_name(head: bytes) -> str:
    flags, at = head[3], 10
    if flags & _EXTRA:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    end = head.find(b"\0", at)
    return name_of(head[at:end], "latin-1") if flags & _NAME and end > at else ""
