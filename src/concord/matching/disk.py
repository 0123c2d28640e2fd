"""What is done to files, one small step each: a test cuts the power between any two of them."""

import mmap
import os
from contextlib import suppress
from pathlib import Path

from concord.vault.sync import sync

__all__ = ["create", "finish", "forget", "remove", "replace", "sync", "write"]


def create(path: Path, size_bytes: int) -> mmap.mmap:
    """A new file of that size, mapped to be written. Raises OSError, also where the disk has no room for all of it."""
    with path.open("xb+") as file:
        if hasattr(os, "posix_fallocate"):  # a hole would be filled at the first touch, and a full disk then kills us
            os.posix_fallocate(file.fileno(), 0, size_bytes)
        else:
            file.truncate(size_bytes)
        return mmap.mmap(file.fileno(), size_bytes)


def finish(memory: mmap.mmap, path: Path) -> None:
    """What was written to the mapping is on the disk."""
    memory.flush()
    sync(path)


def forget(path: Path) -> None:
    """Empties the cache of a file on the disk. It was filled page by page; who maps the file next gets huge pages."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def write(path: Path, content: bytes) -> None:
    """A new file, on the disk."""
    with path.open("xb") as file:
        file.write(content)
    sync(path)


def replace(draft: Path, path: Path) -> None:
    """The draft takes the name, at once and for all who look from now on."""
    draft.replace(path)


def remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
