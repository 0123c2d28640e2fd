"""One stored content to be read here and there, as a decoder in the jail wants it."""

from concord.values import CountryCode
from concord.vault.objects import Vault

PIECE_BYTES = 4 << 20  # decrypted at once, and the last one kept: decoders go forward in small steps


class StoredContent:
    """What the jail's broker asks (`concord.jail.broker.Source`). For one thread at a time."""

    def __init__(self, vault: Vault, sha256: bytes, owner: CountryCode, *, piece_bytes: int = PIECE_BYTES) -> None:
        """Raises UnknownRecord where this owner has none, DamagedObject, VaultUnavailable."""
        self._vault = vault
        self._sha256 = sha256
        self._owner = owner
        self._piece_bytes = piece_bytes
        self._number = -1
        self._piece = b""
        self.size_bytes = vault.size_bytes(sha256, owner)

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """At least one byte and at most so many; none at the end. Raises DamagedObject, VaultUnavailable."""
        number, within_bytes = divmod(offset_bytes, self._piece_bytes)
        if number != self._number:
            self._piece = self._vault.read_range(
                self._sha256, self._owner, number * self._piece_bytes, self._piece_bytes
            )
            self._number = number
        return self._piece[within_bytes : within_bytes + length_bytes]
