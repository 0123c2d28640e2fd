"""Files that come in parts over a thin line: each part encrypted in a file of its own, all of them erased on a clock.

An upload is a folder, `uploads/UNIT/ID` in the home. `key` there holds its data key, wrapped for the unit's country; a
part is named after the place of its first byte and written at once or not at all, so that an upload that broke off goes
on behind its last whole part, also after this process or its machine died.
"""

import hashlib
import hmac
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from concord.config import Limits
from concord.errors import DamagedUpload, TooLarge, TooManyUploads, UnknownRecord, VaultUnavailable
from concord.values import Clock, CountryCode
from concord.vault.keys import KEY_BYTES, Keys, RandomBytes, derived

NONCE_BYTES = 12
TAG_BYTES = 16
KEY = "key"
PART = ".part"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose upload it is: nobody else finds it."""

    country: CountryCode
    unit: UUID


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way."""

    id: str  # 64 hexadecimal digits, the same for the same file of the same unit
    size_bytes: int
    sha256: bytes
    received_bytes: int  # from its beginning, without a gap


class Parts:
    """All uploads of an installation. Safe to use from many threads and processes."""

    def __init__(
        self, folder: Path, keys: Keys, limits: Limits, clock: Clock, random_bytes: RandomBytes = os.urandom
    ) -> None:
        self._folder, self._keys, self._limits = folder, keys, limits
        self._clock, self._random_bytes = clock, random_bytes

    def begin(self, owner: Owner, sha256: bytes, size_bytes: int) -> Upload:
        """The one that is under way already, where there is one. Raises TooLarge, TooManyUploads, VaultUnavailable."""
        if size_bytes > self._limits.upload_bytes:
            raise TooLarge(item="the file", limit_bytes=self._limits.upload_bytes)
        self.erase_overdue()
        name = self._name(owner, sha256, size_bytes).hex()
        place = self._place(owner, name)
        if not (place / KEY).exists():
            held = self._held_bytes(owner)
            if held + size_bytes > self._limits.upload_unit_bytes:
                limit = self._limits.upload_unit_bytes
                raise TooManyUploads(size_bytes=size_bytes, held_bytes=held, limit_bytes=limit)
            key = self._keys.root.wrap(self._random_bytes(KEY_BYTES), owner.country, _binding(owner, name))
            self._write(place / KEY, size_bytes.to_bytes(8, "big") + sha256 + key)
        return self.find(owner, name)

    def find(self, owner: Owner, name: str) -> Upload:
        """Raises UnknownRecord, also for another unit's, and for one whose time is over."""
        size_bytes, sha256, _ = self._announced(owner, name)
        return Upload(name, size_bytes, sha256, sum(length for _, length in self._pieces(owner, name)))

    def add(self, owner: Owner, name: str, start_byte: int, data: bytes) -> Upload:
        """What does not continue the upload changes nothing: the answer tells where it stands.

        Raises UnknownRecord, TooLarge, DamagedUpload and VaultUnavailable.
        """
        upload = self.find(owner, name)
        if len(data) > self._limits.upload_part_bytes:
            raise TooLarge(item="the part", limit_bytes=self._limits.upload_part_bytes)
        if start_byte != upload.received_bytes or not data:
            return upload
        if start_byte + len(data) > upload.size_bytes:
            self.erase(owner, name)
            raise DamagedUpload(item=name, cause=f"more than the {upload.size_bytes} bytes announced")
        nonce = self._random_bytes(NONCE_BYTES)
        sealed = nonce + AESGCM(self._key(owner, name)).encrypt(nonce, data, _place_of(name, start_byte))
        place = self._place(owner, name)
        self._write(place / f"{start_byte}{PART}", sealed)
        self._touch(place)
        return self.find(owner, name)

    def read(self, owner: Owner, name: str) -> bytes:
        """All of it, as it was announced. Raises UnknownRecord, and DamagedUpload, having erased it."""
        upload = self.find(owner, name)
        if upload.received_bytes < upload.size_bytes:
            cause = f"{upload.received_bytes} of {upload.size_bytes} bytes are here"
            raise DamagedUpload(item=name, cause=cause)
        cipher = AESGCM(self._key(owner, name))
        try:
            data = b"".join(self._opened(cipher, owner, name, start) for start, _ in self._pieces(owner, name))
        except InvalidTag:
            data = b""
        except FileNotFoundError:  # erased meanwhile
            raise _unknown(name) from None
        if hashlib.sha256(data).digest() != upload.sha256:
            self.erase(owner, name)
            raise DamagedUpload(item=name, cause="its SHA-256 is another")
        return data

    def erase(self, owner: Owner, name: str) -> None:
        """Its key first: what a crash leaves of it cannot be read. Nothing where there is none. Raises UnknownRecord for
        what is no name."""
        _erase(self._place(owner, name))

    def erase_overdue(self) -> int:
        """Those whose last part came too long ago, of all units; gives how many."""
        overdue = [place for place in self._folder.glob("*/*") if self._is_overdue(place)]
        for place in overdue:
            _erase(place)
        return len(overdue)

    # ---- on the disk ----------------------------------------------------------------------------------------------------

    def _name(self, owner: Owner, sha256: bytes, size_bytes: int) -> bytes:
        key = derived(self._keys.object_names, "upload names")
        text = f"{owner.country} {owner.unit} {size_bytes} {sha256.hex()}"
        return hmac.digest(key, text.encode(), "sha256")

    def _place(self, owner: Owner, name: str) -> Path:
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):  # it becomes a folder's name
            raise _unknown(name)
        return self._folder / str(owner.unit) / name

    def _announced(self, owner: Owner, name: str) -> tuple[int, bytes, bytes]:
        place = self._place(owner, name)
        try:
            if self._is_overdue(place):
                raise _unknown(name)
            raw = (place / KEY).read_bytes()
        except FileNotFoundError:
            raise _unknown(name) from None
        except OSError as error:
            raise VaultUnavailable(cause=error.strerror) from error
        return int.from_bytes(raw[:8], "big"), raw[8:40], raw[40:]

    def _key(self, owner: Owner, name: str) -> bytes:
        key = self._keys.root.unwrap(self._announced(owner, name)[2], owner.country, _binding(owner, name))
        if key is None:
            self.erase(owner, name)
            raise DamagedUpload(item=name, cause="its key does not open")
        return key

    def _pieces(self, owner: Owner, name: str) -> Iterator[tuple[int, int]]:
        """First byte and length of each part, without a gap."""
        place, start = self._place(owner, name), 0
        while True:
            try:
                length = (place / f"{start}{PART}").stat().st_size - NONCE_BYTES - TAG_BYTES
            except FileNotFoundError:
                return
            if length <= 0:
                return
            yield start, length
            start += length

    def _opened(self, cipher: AESGCM, owner: Owner, name: str, start_byte: int) -> bytes:
        sealed = (self._place(owner, name) / f"{start_byte}{PART}").read_bytes()
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _place_of(name, start_byte))

    def _held_bytes(self, owner: Owner) -> int:
        """As announced, so that what is still to come has its room."""
        held = 0
        for key in (self._folder / str(owner.unit)).glob(f"*/{KEY}"):
            with suppress(OSError):
                held += int.from_bytes(key.read_bytes()[:8], "big")
        return held

    def _write(self, path: Path, data: bytes) -> None:
        """All or nothing. Raises VaultUnavailable."""
        draft = path.with_name(f".{self._random_bytes(8).hex()}")
        try:
            if path.name == KEY:
                for folder in (self._folder, path.parent.parent, path.parent):
                    folder.mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            if path.name == KEY:
                self._touch(path.parent)
        except FileNotFoundError:  # erased meanwhile
            raise _unknown(path.parent.name) from None
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise VaultUnavailable(cause=error.strerror) from error

    def _touch(self, place: Path) -> None:
        """The clock begins anew."""
        now = self._clock().timestamp()
        with suppress(FileNotFoundError):
            os.utime(place / KEY, (now, now))

    def _is_overdue(self, place: Path) -> bool:
        """A folder without a key is one in the making, or what an erasure left."""
        try:
            path = place / KEY if (place / KEY).exists() else place
            touched = datetime.fromtimestamp(path.stat().st_mtime, self._clock().tzinfo)
        except FileNotFoundError:
            return False
        return (self._clock() - touched).total_seconds() > self._limits.upload_seconds


def _erase(place: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        (place / KEY).unlink()
    shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError):  # the unit has others
        place.parent.rmdir()


def _unknown(name: str) -> UnknownRecord:
    return UnknownRecord(what="upload", name=name[:80])


def _binding(owner: Owner, name: str) -> bytes:
    return f"upload {owner.unit} {name}".encode()


def _place_of(name: str, start_byte: int) -> bytes:
    return f"{name} {start_byte}".encode()
