import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import FileChanged, UnreadableFile
from concord.vault.source import Source


class Dribble(io.RawIOBase):
    """Gives at most a few bytes at once, as a socket does."""

    def __init__(self, content: bytes, most_bytes: int) -> None:
        self._content = io.BytesIO(content)
        self._most_bytes = most_bytes

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, self._most_bytes))


@given(st.binary(max_size=60), st.integers(1, 9), st.integers(1, 9))
def test_blocks_are_full_however_little_the_stream_gives_at_once(content: bytes, block: int, dribble: int) -> None:
    source = Source(Dribble(content, dribble), hashlib.sha256(content).digest(), "item")
    blocks = list(source.blocks(block))
    assert b"".join(blocks) == content
    assert all(len(part) == block for part in blocks[:-1])
    assert source.size_bytes == len(content)


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_other_content_than_promised_is_refused_by_name(content: bytes, promised: bytes) -> None:
    if content == promised:
        return
    source = Source(io.BytesIO(content), hashlib.sha256(promised).digest(), "room.jpg")
    with pytest.raises(FileChanged, match=r"room\.jpg"):
        list(source.blocks(4))


def test_a_stream_that_fails_is_named() -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(UnreadableFile, match=r"room\.jpg.*Input/output error"):
        list(Source(Failing(), bytes(32), "room.jpg").blocks(4))
