"""What is about to be stored: a stream that is read once, and must turn out to be what was promised."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from concord.errors import FileChanged, UnreadableFile


class Source:
    """Counts and hashes a stream while it is cut into blocks."""

    def __init__(self, stream: BinaryIO, sha256: bytes, item: str) -> None:
        """`item` names the stream in errors."""
        self._stream = stream
        self._promised = sha256
        self._item = item
        self._hash = hashlib.sha256()
        self.size_bytes = 0  # read so far; all of it once `blocks` has ended

    def blocks(self, block_bytes: int) -> Iterator[bytes]:
        """Blocks of exactly this size, the last one shorter, none for an empty stream.

        Ends only after the whole stream hashed to what was promised: raises FileChanged, or UnreadableFile.
        """
        while block := self._block(block_bytes):
            self._hash.update(block)
            self.size_bytes += len(block)
            yield block
        if self._hash.digest() != self._promised:
            raise FileChanged(item=self._item)

    def _block(self, block_bytes: int) -> bytes:
        """A pipe or a socket gives less than asked for long before its end."""
        parts = []
        missing = block_bytes
        while missing and (part := self._read(missing)):
            parts.append(part)
            missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read(self, most_bytes: int) -> bytes:
        try:
            return self._stream.read(most_bytes)
        except OSError as error:
            raise UnreadableFile(item=self._item, cause=error.strerror or error) from error
