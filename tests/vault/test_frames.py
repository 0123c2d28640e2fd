import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import DamagedObject
from concord.vault.frames import (
    HEADER_BYTES,
    KEY_BYTES,
    KEY_ID_BYTES,
    LARGEST_FRAME_BYTES,
    NONCE_PREFIX_BYTES,
    TAG_BYTES,
    Extent,
    Framing,
    Header,
)

FRAME_BYTES = 8
STEP = FRAME_BYTES + TAG_BYTES
NAME = "ab" * 32

contents = st.binary(max_size=5 * FRAME_BYTES)
several_frames = st.binary(min_size=2 * FRAME_BYTES + 1, max_size=5 * FRAME_BYTES)


def framing(name: str = NAME, key: bytes = b"k" * KEY_BYTES, prefix: bytes = b"p" * NONCE_PREFIX_BYTES) -> Framing:
    return Framing(Header(b"i" * KEY_ID_BYTES, prefix, FRAME_BYTES, beside=False), name, key)


def seal(content: bytes, by: Framing) -> bytes:
    blocks = [content[start : start + FRAME_BYTES] for start in range(0, len(content), FRAME_BYTES)]
    return b"".join(by.seal(blocks))


def unseal(sealed: bytes, by: Framing) -> bytes:
    extent = Extent.of(len(sealed), FRAME_BYTES, by.name)
    return b"".join(by.open(range(extent.count), sealed, extent))


def frames(sealed: bytes) -> list[bytes]:
    return [sealed[start : start + STEP] for start in range(0, len(sealed), STEP)]


@given(contents)
def test_what_was_sealed_opens_again(content: bytes) -> None:
    sealed = seal(content, framing())
    assert unseal(sealed, framing()) == content
    assert Extent.of(len(sealed), FRAME_BYTES, NAME).size_bytes == len(content)


@given(contents)
def test_cut_anywhere_it_does_not_open(content: bytes) -> None:
    sealed = seal(content, framing())
    for kept_bytes in range(len(sealed)):
        with pytest.raises(DamagedObject):
            unseal(sealed[:kept_bytes], framing())


@given(contents, st.binary(min_size=1, max_size=2 * STEP))
def test_with_something_appended_it_does_not_open(content: bytes, more: bytes) -> None:
    with pytest.raises(DamagedObject):
        unseal(seal(content, framing()) + more, framing())


@given(contents, st.data())
def test_no_bit_of_a_frame_can_be_turned(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(content, framing()))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DamagedObject):
        unseal(bytes(sealed), framing())


@given(contents, st.integers(0, 8 * HEADER_BYTES - 1))
def test_no_bit_of_the_header_can_be_turned(content: bytes, bit: int) -> None:
    sealed = seal(content, framing())
    raw = bytearray(framing().header.packed())
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DamagedObject):
        header = Header.parse(bytes(raw), NAME)
        extent = Extent.of(len(sealed), header.frame_bytes, NAME)
        list(Framing(header, NAME, framing().key).open(range(extent.count), sealed, extent))


@given(several_frames, st.data())
def test_frames_cannot_be_reordered(content: bytes, data: st.DataObject) -> None:
    parts = frames(seal(content, framing()))
    one, other = data.draw(st.lists(st.integers(0, len(parts) - 1), min_size=2, max_size=2, unique=True))
    parts[one], parts[other] = parts[other], parts[one]
    with pytest.raises(DamagedObject):
        unseal(b"".join(parts), framing())


@given(several_frames, st.data(), st.booleans())
def test_a_frame_can_be_neither_dropped_nor_repeated(content: bytes, data: st.DataObject, drop: bool) -> None:
    parts = frames(seal(content, framing()))
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place : place + 1] = [] if drop else [parts[place]] * 2
    with pytest.raises(DamagedObject):
        unseal(b"".join(parts), framing())


@pytest.mark.parametrize(
    "stranger",
    [
        framing(name="cd" * 32),
        framing(key=b"o" * KEY_BYTES),
        framing(prefix=b"q" * NONCE_PREFIX_BYTES),
    ],
    ids=["name", "key", "nonce prefix"],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_frame_of_another_object_is_found_out(stranger: Framing, place: int) -> None:
    content = b"benign bytes, three frames"[:20]
    parts = frames(seal(content, framing()))
    parts[place] = frames(seal(content, stranger))[place]
    with pytest.raises(DamagedObject, match=f"frame {place} "):
        unseal(b"".join(parts), framing())


@given(contents, st.integers(0, 60), st.integers(0, 60))
def test_frames_of_a_range_hold_the_range_and_prove_the_end(content: bytes, start: int, length: int) -> None:
    sealed = seal(content, framing())
    extent = Extent.of(len(sealed), FRAME_BYTES, NAME)
    numbers = extent.frames_of(start, length)
    first, sealed_bytes = extent.sealed_slice(numbers)
    plain = b"".join(framing().open(numbers, sealed[first : first + sealed_bytes], extent))
    skipped = start - numbers.start * FRAME_BYTES
    assert plain[skipped : skipped + length] == content[start : start + length]
    assert start + length <= len(content) or numbers.stop == extent.count > numbers.start


def test_equal_blocks_seal_to_different_frames() -> None:
    parts = frames(seal(b"x" * 4 * FRAME_BYTES, framing()))
    assert len(set(parts)) == len(parts) == 4


def test_a_frame_is_given_out_before_the_stream_is_read_on() -> None:
    seen = []

    def blocks():
        for number in range(3):
            seen.append(number)
            yield b"x" * FRAME_BYTES

    sealed = framing().seal(blocks())
    next(sealed)
    assert seen == [0, 1]


@pytest.mark.parametrize(
    "broken",
    [
        lambda raw: b"",
        lambda raw: raw[:-1],
        lambda raw: raw + b"\0",
        lambda raw: b"JPEG" + raw[4:],
        lambda raw: raw[:4] + b"\2" + raw[5:],
        lambda raw: raw[:-4] + bytes(4),
        lambda raw: raw[:-4] + (LARGEST_FRAME_BYTES + 1).to_bytes(4, "big"),
    ],
    ids=["empty", "short", "long", "magic", "version", "frames of nothing", "huge frames"],
)
def test_a_header_that_is_none_is_refused_by_name(broken: Callable[[bytes], bytes]) -> None:
    with pytest.raises(DamagedObject, match=NAME):
        Header.parse(broken(framing().header.packed()), NAME)


def test_the_header_lies_as_the_documentation_says() -> None:
    header = Header(bytes(range(16)), bytes(range(7)), 1 << 20, beside=True)
    expected = "43564c54 01 01 000102030405060708090a0b0c0d0e0f 00010203040506 00100000"
    assert header.packed() == bytes.fromhex(expected)
    assert Header.parse(header.packed(), NAME) == header


def test_a_frame_lies_as_the_documentation_says() -> None:
    """Opened with nothing but the cipher and the page docs/vault-format.md."""
    by = framing(key=os.urandom(KEY_BYTES))
    sealed = seal(b"0123456789", by)
    aad = by.header.packed() + bytes.fromhex(NAME)
    first = AESGCM(by.key).decrypt(b"ppppppp" + bytes.fromhex("00000000 00"), sealed[:24], aad + bytes(8) + b"\0")
    last = AESGCM(by.key).decrypt(
        b"ppppppp" + bytes.fromhex("00000001 01"), sealed[24:], aad + (1).to_bytes(8, "big") + b"\1"
    )
    assert first + last == b"0123456789"


def test_a_key_is_not_shown() -> None:
    assert "secret" not in repr(framing(key=b"secret" * 5 + b"12"))
