import io
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concord.errors import UnknownRecord
from concord.values import CountryCode
from concord.vault.objects import Vault
from concord.vault.ranges import StoredContent

FR, DE = CountryCode("FR"), CountryCode("DE")
CONTENT = bytes(range(256)) * 4 + b"end"


@pytest.fixture
def stored(vault: Vault) -> StoredContent:
    digest = sha256(CONTENT).digest()
    vault.put(io.BytesIO(CONTENT), digest, FR)
    return StoredContent(vault, digest, FR, piece_bytes=100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(CONTENT) + 10), st.integers(1, 300)), max_size=8))
def test_whatever_is_asked_one_gets_the_beginning_of_it(
    stored: StoredContent, questions: list[tuple[int, int]]
) -> None:
    assert stored.size_bytes == len(CONTENT)
    for offset, length in questions:
        piece = stored.read_at(offset, length)
        assert CONTENT[offset : offset + length].startswith(piece)
        assert bool(piece) == (offset < len(CONTENT))


def test_small_steps_forward_decrypt_each_piece_once(stored: StoredContent, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    read_range = Vault.read_range

    def counting(vault: Vault, digest: bytes, owner: CountryCode, start_byte: int, length_bytes: int) -> bytes:
        asked.append(start_byte)
        return read_range(vault, digest, owner, start_byte, length_bytes)

    monkeypatch.setattr(Vault, "read_range", counting)
    assert b"".join(stored.read_at(at, 1) for at in range(len(CONTENT))) == CONTENT
    assert asked == list(range(0, len(CONTENT), 100))


def test_who_does_not_own_it_learns_nothing(vault: Vault, stored: StoredContent) -> None:
    with pytest.raises(UnknownRecord):
        StoredContent(vault, sha256(CONTENT).digest(), DE)
