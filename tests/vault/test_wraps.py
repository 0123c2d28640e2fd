import pytest

from concord.errors import DamagedObject
from concord.values import CountryCode
from concord.vault.keys import FileRootKey
from concord.vault.wraps import opened_key, sealed_key

ROOT = FileRootKey(b"r" * 32)
FR, DE = CountryCode("FR"), CountryCode("DE")
NAME, ANOTHER_NAME = "ab" * 32, "cd" * 32
KEY_ID, ANOTHER_ID = b"i" * 16, b"j" * 16


def test_a_wrap_gives_its_owner_the_key() -> None:
    assert opened_key(ROOT, sealed_key(ROOT, b"k" * 32, NAME, KEY_ID, FR), NAME, KEY_ID, FR) == b"k" * 32


@pytest.mark.parametrize(
    ("name", "key_id", "owner"),
    [(ANOTHER_NAME, KEY_ID, FR), (NAME, ANOTHER_ID, FR), (NAME, KEY_ID, DE)],
    ids=["another object", "another data key", "another owner"],
)
def test_a_wrap_moved_elsewhere_does_not_open(name: str, key_id: bytes, owner: CountryCode) -> None:
    wrap = sealed_key(ROOT, b"k" * 32, NAME, KEY_ID, FR)
    with pytest.raises(DamagedObject, match=f"{name}.*{owner}"):
        opened_key(ROOT, wrap, name, key_id, owner)


def test_a_damaged_wrap_does_not_open_whatever_byte_it_is() -> None:
    wrap = sealed_key(ROOT, b"k" * 32, NAME, KEY_ID, FR)
    for place in range(len(wrap)):
        for damaged in (wrap[:place], bytes([*wrap[:place], wrap[place] ^ 1, *wrap[place + 1 :]])):
            with pytest.raises(DamagedObject):
                opened_key(ROOT, damaged, NAME, KEY_ID, FR)


def test_a_wrap_does_not_show_the_key_and_lies_as_the_documentation_says() -> None:
    wrap = sealed_key(ROOT, b"k" * 32, NAME, KEY_ID, FR)
    assert b"k" * 8 not in wrap
    assert wrap[:5] == b"CVWK\x01"
    assert len(wrap) == 5 + 12 + 32 + 16
    assert ROOT.unwrap(wrap[5:], FR, b"CVWK\x01" + bytes.fromhex(NAME) + KEY_ID + b"FR") == b"k" * 32
