"""The installation's keys: three files of 32 random bytes in `config.keys`, and what is derived from them.

`identity` makes public material ids, `vault-root` guards the data keys of the vault, `web` signs sessions. Whoever
loses `vault-root` loses every file in the vault, so it is made once and never replaced here.
"""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from concord.errors import DamagedKey, ExposedKey, MissingPart, UnreadableFile
from concord.values import CountryCode
from concord.vault.sync import sync

RandomBytes = Callable[[int], bytes]  # so many bytes, unpredictable

KEY_BYTES = 32
_NONCE_BYTES = 12
_CHECK_BYTES = 16
_NAMES = ("identity", "vault-root", "web")


class RootKey(Protocol):
    """Guards small secrets under a key for each country, and those under the root. A file here; an HSM can stand in.

    `binding` says what the secret belongs to; the same binding must be given to open it.
    """

    def wrap(self, secret: bytes, country: CountryCode, binding: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, country: CountryCode, binding: bytes) -> bytes | None:
        """None: it does not open, being damaged, or made for another country, binding or root."""
        ...


@dataclass(frozen=True, slots=True)
class FileRootKey:
    """The root key as bytes in this process. A country's key is derived from it (HKDF-SHA256, RFC 5869).

    A wrap is a random nonce of 12 bytes, then the secret under AES-256-GCM with `binding` as associated data.
    """

    secret: bytes = field(repr=False)  # KEY_BYTES
    random_bytes: RandomBytes = field(default=os.urandom, repr=False)

    def wrap(self, secret: bytes, country: CountryCode, binding: bytes) -> bytes:
        nonce = self.random_bytes(_NONCE_BYTES)
        return nonce + self._cipher(country).encrypt(nonce, secret, binding)

    def unwrap(self, wrapped: bytes, country: CountryCode, binding: bytes) -> bytes | None:
        if len(wrapped) < _NONCE_BYTES:
            return None
        try:
            return self._cipher(country).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], binding)
        except InvalidTag:
            return None

    def _cipher(self, country: CountryCode) -> AESGCM:
        return AESGCM(derived(self.secret, f"country {country}"))


@dataclass(frozen=True, slots=True)
class Keys:
    """Everything secret of an installation but its database. Its repr shows no value."""

    identity: bytes = field(repr=False)
    root: RootKey = field(repr=False)
    object_names: bytes = field(repr=False)  # the key of the keyed hash that names objects
    web: bytes = field(repr=False)

    @property
    def checks(self) -> dict[str, str]:
        """What tells these keys from others and gives none away: 32 hexadecimal digits for the name of each key's file.

        `web` has none: with another one, everybody signs in again and nothing else happens.
        """
        sources = {"identity": self.identity, "vault-root": self.object_names}
        return {name: derived(secret, f"check of {name}")[:_CHECK_BYTES].hex() for name, secret in sources.items()}


def derived(secret: bytes, use: str) -> bytes:
    """KEY_BYTES bytes for one use (HKDF-SHA256, RFC 5869, no salt: the secret is uniform already)."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"concord vault 1 {use}".encode()).derive(secret)


def make_keys(folder: Path, random_bytes: RandomBytes = os.urandom) -> Keys:
    """Makes the keys that are not there yet, never replacing one, and reads them all.

    For making an installation only: where one exists, a missing key is lost and must come back from the backup
    (`read_keys` says so). May be repeated after an interruption and by several processes at once: all read the same.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in _NAMES:
        _make(folder / name, random_bytes)
    return read_keys(folder)


def read_keys(folder: Path) -> Keys:
    """Raises MissingPart, ExposedKey, DamagedKey or UnreadableFile, each naming the file."""
    identity, root, web = (_read(folder / name) for name in _NAMES)
    return Keys(identity=identity, root=FileRootKey(root), object_names=derived(root, "object names"), web=web)


def _make(path: Path, random_bytes: RandomBytes) -> None:
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(random_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # somebody was faster: theirs is the key
            os.link(draft, path)  # unlike a rename, a link never replaces
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            value = file.read(KEY_BYTES + 1)
    except FileNotFoundError:
        raise MissingPart(part=path, cause="this key is not there", remedy="Restore it from the backup.") from None
    except OSError as error:
        raise UnreadableFile(item=path, cause=error.strerror) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ExposedKey(path=path, mode=oct(stat.S_IMODE(mode)))
    if len(value) != KEY_BYTES:
        raise DamagedKey(path=path, wanted_bytes=KEY_BYTES)
    return value
