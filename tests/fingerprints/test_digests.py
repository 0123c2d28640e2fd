import hashlib
import io

from hypothesis import given
from hypothesis import strategies as st

from concord.fingerprints.digests import CHUNK_BYTES, digest_stream


class Meter(io.BytesIO):
    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.largest = max(self.largest, len(piece))
        return piece


@given(st.binary(max_size=4096))
def test_the_three_digests_are_those_of_the_whole(data: bytes) -> None:
    digests, size_bytes = digest_stream(io.BytesIO(data))
    assert digests.md5 == hashlib.md5(data).digest()
    assert digests.sha1 == hashlib.sha1(data).digest()
    assert digests.sha256 == hashlib.sha256(data).digest()
    assert size_bytes == len(data)


def test_a_long_stream_is_taken_in_chunks() -> None:
    data = bytes(range(256)) * (3 * CHUNK_BYTES // 256 + 1)
    stream = Meter(data)
    digests, size_bytes = digest_stream(stream)
    assert digests.sha256 == hashlib.sha256(data).digest()
    assert size_bytes == len(data)
    assert stream.largest <= CHUNK_BYTES


def test_a_stream_is_digested_from_where_it_stands() -> None:
    stream = io.BytesIO(b"skipped, taken")
    stream.seek(9)
    assert digest_stream(stream)[0].md5 == hashlib.md5(b"taken").digest()
