"""A wrap: an owner's own copy of an object's data key. It opens for this object, this data key and this owner only.

Pure: bytes in, bytes out; docs/vault-format.md gives every byte.
"""

from concord.errors import DamagedObject
from concord.values import CountryCode
from concord.vault.keys import RootKey

MAGIC = b"CVWK"
VERSION = 1
_START = MAGIC + bytes([VERSION])


def sealed_key(root: RootKey, key: bytes, name: str, key_id: bytes, owner: CountryCode) -> bytes:
    """The wrap to store; `name` is the object's, 64 hexadecimal digits."""
    return _START + root.wrap(key, owner, _binding(name, key_id, owner))


def opened_key(root: RootKey, wrap: bytes, name: str, key_id: bytes, owner: CountryCode) -> bytes:
    """The data key. Raises DamagedObject where the wrap is damaged, another's, or of another installation."""
    key = None
    if wrap.startswith(_START):
        key = root.unwrap(wrap[len(_START) :], owner, _binding(name, key_id, owner))
    if key is None:
        raise DamagedObject(name=name, cause=f"the key of {owner} is damaged, exchanged or of another installation")
    return key


def _binding(name: str, key_id: bytes, owner: CountryCode) -> bytes:
    return _START + bytes.fromhex(name) + key_id + owner.encode()
