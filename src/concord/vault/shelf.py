"""Where the vault's files lie: a local folder or a bucket, with the three promises the vault rests on.

A name appears with its whole content or not at all. Of several who create one name, exactly one does. What a method
has returned from survives a power cut.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import HTTPStore, LocalStore, MemoryStore, from_url

from concord.config import Config
from concord.errors import BadSetting, VaultUnavailable
from concord.vault.sync import sync

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PART_BYTES = 8 << 20  # S3 takes 10,000 parts: files up to 78 GiB
_PARTS_AT_ONCE = 3  # with the part being filled, what one write keeps in memory


class Shelf:
    """Files by path (`a/b/c`). Every method raises VaultUnavailable where the place cannot be reached or written."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store
        self._folder = store.prefix if isinstance(store, LocalStore) else None

    @classmethod
    def of(cls, config: Config) -> Self:
        """A folder in the home, or what CONCORD_OBJECTS_URL names. Raises BadSetting, VaultUnavailable."""
        if config.objects_url:
            return cls(_named_store(config.objects_url))
        with _reaching():
            config.objects.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync(config.objects.parent)
            return cls(LocalStore(config.objects))

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Streams a file that nobody else writes, in bounded memory. What `chunks` raises passes, and nothing stays."""
        with _reaching():
            obstore.put(
                self._store,
                path,
                iter(chunks),
                use_multipart=True,
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )
        self.settle(path)

    def create(self, path: str, content: bytes) -> bool:
        """Puts a small file under a name that must be free; False, and nothing done, where it is taken.

        After an error it is not known whether the file is there.
        """
        with _reaching():
            try:
                self._create(path, content)
                created = True
            except AlreadyExistsError:
                created = False
        self.settle(path)  # also when taken: its creator may not have come so far yet, and we build upon it
        return created

    def _create(self, path: str, content: bytes) -> None:
        if self._folder is None:
            obstore.put(self._store, path, content, mode="create", use_multipart=False)
            return
        # By way of a draft: a name given before its content is on the disk could survive a power cut without it.
        draft = f"drafts/{os.urandom(16).hex()}"  # not to be injected: two writers must never share one
        obstore.put(self._store, draft, content, use_multipart=False)
        try:
            self._sync(draft)
            obstore.rename(self._store, draft, path, overwrite=False)  # a hard link: it fails on a taken name
        except BaseException:
            self.discard(draft)
            raise

    def size_bytes(self, path: str) -> int | None:
        """None: no such file."""
        with _reaching():
            try:
                return obstore.head(self._store, path)["size"]
            except FileNotFoundError:
                return None

    def slice(self, path: str, start_byte: int, length_bytes: int) -> memoryview:
        """Bytes of a file that has them; fewer where it ends before."""
        if length_bytes == 0:  # the store refuses an empty range
            return memoryview(b"")
        with _reaching():
            return memoryview(obstore.get_range(self._store, path, start=start_byte, length=length_bytes))

    def content(self, path: str) -> bytes | None:
        """A small file whole. None: no such file."""
        with _reaching():
            try:
                return bytes(obstore.get(self._store, path).bytes())
            except FileNotFoundError:
                return None

    def names_in(self, folder: str) -> list[str]:
        """The last parts of the paths of the files in this folder, sorted; none where there is no such folder."""
        with _reaching():
            found = obstore.list_with_delimiter(self._store, f"{folder}/")["objects"]
        return sorted(meta["path"].rpartition("/")[2] for meta in found)

    def discard(self, *paths: str) -> None:
        """Removes files that nothing refers to, as well as it can: what stays behind costs room and nothing else."""
        for path in paths:
            with suppress(BaseError, OSError):
                obstore.delete(self._store, path)

    def remove(self, path: str) -> None:
        """Returns when the file is gone, and stays so after a power cut; where there is none, nothing is done."""
        with _reaching():
            with suppress(FileNotFoundError):
                obstore.delete(self._store, path)
            folder = Path(path).parent
            if self._folder is not None and (self._folder / folder).is_dir():
                self._sync(str(folder))

    def settle(self, path: str) -> None:
        """Returns when the file survives a power cut: on the disk with every folder above it, new or not, as another
        process may have made them a moment ago. A bucket has its own durability: it answers when it is safe."""
        if self._folder is None:
            return
        with _reaching():
            self._sync(path)
            for above in Path(path).parents:
                self._sync(str(above))

    def _sync(self, path: str) -> None:
        if self._folder is not None:
            sync(self._folder / path)


def _named_store(url: str) -> "ObjectStore":
    try:
        store = LocalStore.from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)
    except (BaseError, OSError, ValueError) as error:
        raise BadSetting(name="CONCORD_OBJECTS_URL", value=url, cause=_first_line(error)) from error
    if isinstance(store, HTTPStore | MemoryStore):  # the one cannot create exclusively, the other forgets
        raise BadSetting(name="CONCORD_OBJECTS_URL", value=url, cause="give a file:, s3:, gs: or az: address")
    return store


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise VaultUnavailable(cause=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
