"""The vault itself: put a file in, read it back whole or in part, ask whether it is there.

Each content is stored once. An owner reads it by a wrap of its own. The order of writing is what makes a crash, or
two writers at once, harmless:

1. the wrap, under a data key that nobody uses yet;
2. of a large file the frames, under a name that nobody knows yet;
3. the object, under its name, created exclusively: now it exists, whole, with a wrap.

Whoever comes second finds the object, proves to have the content, and adds a wrap to the first one's data key. Step 3
settles every race; what a loser or a crash leaves from steps 1 and 2 is referred to by nothing.
"""

import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Self

from concord.config import Config
from concord.errors import DamagedObject, MalformedDigest, MalformedRequest, UnknownRecord
from concord.values import CountryCode, country_code
from concord.vault.frames import (
    FRAME_BYTES,
    HEADER_BYTES,
    KEY_BYTES,
    KEY_ID_BYTES,
    NONCE_PREFIX_BYTES,
    Extent,
    Framing,
    Header,
)
from concord.vault.keys import Keys, RandomBytes
from concord.vault.shelf import Shelf
from concord.vault.source import Source
from concord.vault.wraps import opened_key, sealed_key

_FRAMES_WITHIN = 4  # up to so many frames, an object is one file, made in memory: most pictures are
_FETCH_BYTES = 4 << 20  # read from the store at once


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a put."""

    size_bytes: int  # of the content
    created: bool  # False: the content was there already


@dataclass(frozen=True, slots=True)
class _Found:
    """An object that exists: where its frames lie and how many there are."""

    name: str
    header: Header
    extent: Extent
    path: str  # of the frames
    offset: int  # in bytes, of the first frame

    def wrap_path(self, owner: CountryCode) -> str:
        return f"{_wraps(self.name, self.header.key_id)}/{owner}"


class Vault:
    """Encrypted files by the SHA-256 (32 bytes) of their content. Safe to use from many threads and processes.

    Every method raises VaultUnavailable where the place cannot be reached, and MalformedDigest or UnknownCode for what
    is no digest or country code.
    """

    def __init__(
        self,
        shelf: Shelf,
        keys: Keys,
        *,
        frame_bytes: int = FRAME_BYTES,
        random_bytes: RandomBytes = os.urandom,
    ) -> None:
        """`random_bytes` must never repeat, not even in another process."""
        self._shelf = shelf
        self._keys = keys
        self._frame_bytes = frame_bytes
        self._random_bytes = random_bytes

    @classmethod
    def open(cls, config: Config, keys: Keys) -> Self:
        """The installation's vault. Raises BadSetting, VaultUnavailable."""
        return cls(Shelf.of(config), keys)

    # ---- in ----

    def put(self, stream: BinaryIO, sha256: bytes, owner: CountryCode, *, item: str | None = None) -> Stored:
        """Stores what `stream` gives until its end, for this owner. What has returned survives a power cut.

        Repeating it changes nothing. The stream is always read whole, so that nobody gets a wrap by naming a digest.
        `item` names the stream in errors (by default the digest). Raises FileChanged where the bytes do not hash to
        `sha256`, UnreadableFile where they cannot be read, DamagedObject where the object is there but unusable.
        """
        name = self._name(sha256)
        country_code(owner)
        source = Source(stream, sha256, item or sha256.hex())
        found = self._find(name)
        if found is None:
            return self._create(name, source, owner)
        for _ in source.blocks(self._frame_bytes):
            pass
        return self._join(found, source.size_bytes, owner)

    def _create(self, name: str, source: Source, owner: CountryCode) -> Stored:
        blocks = source.blocks(self._frame_bytes)
        first = list(islice(blocks, _FRAMES_WITHIN + 1))
        framing = self._new_framing(name, beside=len(first) > _FRAMES_WITHIN)
        key_id = framing.header.key_id
        wrap = f"{_wraps(name, key_id)}/{owner}"
        self._shelf.create(wrap, sealed_key(self._keys.root, framing.key, name, key_id, owner))
        content = framing.header.packed()
        if framing.header.beside:
            try:
                self._shelf.write(_frames(name, key_id), framing.seal(chain(first, blocks)))
            except BaseException:
                self._shelf.discard(wrap, _frames(name, key_id))
                raise
        else:
            content += b"".join(framing.seal(first))
        there = self._publish(name, content)
        # A store that lost its own answer and tried again reports our object as somebody else's.
        if there is None or there.header.key_id == key_id:
            return Stored(source.size_bytes, created=True)
        self._shelf.discard(wrap, _frames(name, key_id))
        return self._join(there, source.size_bytes, owner)

    def _new_framing(self, name: str, beside: bool) -> Framing:
        header = Header(
            key_id=self._random_bytes(KEY_ID_BYTES),
            nonce_prefix=self._random_bytes(NONCE_PREFIX_BYTES),
            frame_bytes=self._frame_bytes,
            beside=beside,
        )
        return Framing(header, name, self._random_bytes(KEY_BYTES))

    def _publish(self, name: str, content: bytes) -> _Found | None:
        """None: it is there now by us; otherwise what was there first.

        An error here leaves wrap and frames alone: the store may have made the object before it failed to say so.
        """
        while not self._shelf.create(_object(name), content):
            if found := self._find(name):
                return found
        return None

    def _join(self, found: _Found, size_bytes: int, owner: CountryCode) -> Stored:
        """Makes sure that this owner, who has shown the content, has a wrap for the object that is there."""
        if found.extent.size_bytes != size_bytes:
            raise DamagedObject(name=found.name, cause=f"it holds {found.extent.size_bytes} bytes and not {size_bytes}")
        if self._key(found, owner) is None:
            wrap = sealed_key(self._keys.root, self._any_key(found), found.name, found.header.key_id, owner)
            self._shelf.create(found.wrap_path(owner), wrap)
        # We build upon what others wrote, and they may not have come as far as to see it safe on the disk.
        self._shelf.settle(found.wrap_path(owner))
        self._shelf.settle(_object(found.name))
        return Stored(size_bytes, created=False)

    def _any_key(self, found: _Found) -> bytes:
        cause = "no wrap of its key is left"
        for owner in self._shelf.names_in(_wraps(found.name, found.header.key_id)):
            try:
                if key := self._key(found, CountryCode(owner)):
                    return key
            except DamagedObject as damage:  # another owner's wrap may be sound
                cause = damage.facts["cause"]
        raise DamagedObject(name=found.name, cause=cause)

    # ---- out ----

    def read(self, sha256: bytes, owner: CountryCode) -> Iterator[bytes]:
        """The content in order, at most a frame at a time. Raises UnknownRecord at once where this owner has none.

        Raises DamagedObject at once or, as every frame is proved before it is given out, on the way.
        """
        found, framing = self._readable(sha256, owner)
        return self._plain(found, framing, range(found.extent.count))

    def read_range(self, sha256: bytes, owner: CountryCode, start_byte: int, length_bytes: int) -> bytes:
        """Like `content[start_byte:start_byte + length_bytes]`: less, or nothing, behind the end, which is proved.

        Opens no frames but those it needs. Raises UnknownRecord, DamagedObject, MalformedRequest.
        """
        if start_byte < 0 or length_bytes < 0:
            raise MalformedRequest(cause="a range begins at 0 or later and is not shorter than nothing")
        found, framing = self._readable(sha256, owner)
        numbers = found.extent.frames_of(start_byte, length_bytes)
        plain = b"".join(self._plain(found, framing, numbers))
        skipped_bytes = start_byte - numbers.start * found.header.frame_bytes
        return plain[skipped_bytes : skipped_bytes + length_bytes]

    def size_bytes(self, sha256: bytes, owner: CountryCode) -> int:
        """Of the content, as the stored size says; whoever reads to the end has it proved.

        Raises UnknownRecord where this owner has none, DamagedObject.
        """
        found, _ = self._readable(sha256, owner)
        return found.extent.size_bytes

    def holds(self, sha256: bytes, owner: CountryCode) -> bool:
        """Whether the object is there and this owner has a wrap for it. Opens neither."""
        found = self._find(self._name(sha256))
        return found is not None and self._shelf.size_bytes(found.wrap_path(country_code(owner))) is not None

    def _readable(self, sha256: bytes, owner: CountryCode) -> tuple[_Found, Framing]:
        country_code(owner)
        found = self._find(self._name(sha256))
        key = self._key(found, owner) if found else None
        if found is None or key is None:  # one answer for both: an owner must not learn what others hold
            raise UnknownRecord(what="file", name=sha256.hex())
        return found, Framing(found.header, found.name, key)

    def _plain(self, found: _Found, framing: Framing, numbers: range) -> Iterator[bytes]:
        at_once = max(1, _FETCH_BYTES // found.header.frame_bytes)
        for first in range(numbers.start, numbers.stop, at_once):
            some = range(first, min(first + at_once, numbers.stop))
            start_byte, length_bytes = found.extent.sealed_slice(some)
            sealed = self._shelf.slice(found.path, found.offset + start_byte, length_bytes)
            yield from framing.open(some, sealed, found.extent)

    # ---- away ----

    def object_name(self, sha256: bytes) -> str:
        """Under which an object lies, of 64 hexadecimal digits; it tells nobody what it holds."""
        return self._name(sha256)

    def forget(self, name: str, owner: CountryCode) -> bool:
        """Takes this owner's wrap from an object, by its name; with the last wrap goes the object. False: there was none.

        The caller sees to it that nobody puts the same content for good meanwhile (actions/erase.py). The object goes before
        its frames: what is left by a crash on the way is referred to by nothing. Raises DamagedObject.
        """
        found = self._find(name)
        if found is None:
            return False
        wrap = found.wrap_path(country_code(owner))
        was_there = self._shelf.size_bytes(wrap) is not None
        self._shelf.remove(wrap)
        if not self._shelf.names_in(_wraps(name, found.header.key_id)):
            self._shelf.remove(_object(name))
            if found.header.beside:
                self._shelf.remove(found.path)
        return was_there

    # ---- where things lie ----

    def _name(self, sha256: bytes) -> str:
        """A keyed hash: whoever lists the store learns no digest, and cannot try one either."""
        if len(sha256) != 32:
            raise MalformedDigest(item=sha256.hex())
        return hmac.digest(self._keys.object_names, sha256, "sha256").hex()

    def _find(self, name: str) -> _Found | None:
        path, offset = _object(name), HEADER_BYTES
        size_bytes = self._shelf.size_bytes(path)
        if size_bytes is None:
            return None
        header = Header.parse(self._shelf.slice(path, 0, min(size_bytes, HEADER_BYTES)), name)
        if header.beside:
            path, offset = _frames(name, header.key_id), 0
            size_bytes = self._shelf.size_bytes(path)
            if size_bytes is None:
                raise DamagedObject(name=name, cause="its frames are gone")
        extent = Extent.of(size_bytes - offset, header.frame_bytes, name)
        return _Found(name=name, header=header, extent=extent, path=path, offset=offset)

    def _key(self, found: _Found, owner: CountryCode) -> bytes | None:
        wrap = self._shelf.content(found.wrap_path(owner))
        if wrap is None:
            return None
        return opened_key(self._keys.root, wrap, found.name, found.header.key_id, owner)


def _object(name: str) -> str:
    return f"objects/{name[:2]}/{name[2:]}"


def _frames(name: str, key_id: bytes) -> str:
    return f"frames/{name[:2]}/{name[2:]}/{key_id.hex()}"


def _wraps(name: str, key_id: bytes) -> str:
    return f"wraps/{name[:2]}/{name[2:]}/{key_id.hex()}"
