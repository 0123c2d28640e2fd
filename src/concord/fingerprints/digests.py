"""The three exact digests of a file, and its size, in one pass."""

import hashlib
from typing import BinaryIO

from concord.values import Digests

CHUNK_BYTES = 1 << 20


class Digester:
    """Takes a file's bytes piece by piece."""

    def __init__(self) -> None:
        # MD5 and SHA-1 only find what older lists name; nothing is protected by them.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0

    def update(self, piece: bytes) -> None:
        self._md5.update(piece)
        self._sha1.update(piece)
        self._sha256.update(piece)
        self.size_bytes += len(piece)

    def digests(self) -> Digests:
        return Digests(self._md5.digest(), self._sha1.digest(), self._sha256.digest())


def digest_stream(stream: BinaryIO) -> tuple[Digests, int]:
    """From where the stream stands to its end: the digests and the number of bytes, holding one chunk at a time."""
    digester = Digester()
    while piece := stream.read(CHUNK_BYTES):
        digester.update(piece)
    return digester.digests(), digester.size_bytes
