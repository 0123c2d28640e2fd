"""The examined medium: names, folders and bytes of it, read only. Nothing is ever written there, nor fetched from afar."""

from __future__ import annotations

import hashlib
import ntpath
import os
import stat
from dataclasses import dataclass
from typing import Iterable, Iterator, Optional, Tuple  # noqa: UP035  Python 3.8

from concord.pocket.refusal import (
    EmptyFile,
    FileChanged,
    FolderLoop,
    ItemRefusal,
    NoSuchFile,
    NotAFile,
    NotOnMedium,
    UnreadableFile,
)

PIECE_BYTES = 1 << 20
WINDOWS = os.name == "nt"
NETWORKED = 0x1000 | 0x40000 | 0x400000  # of a Windows file's attributes: offline, recalled when opened, or when read
Identity = Tuple[int, int]  # device and inode  # noqa: UP006
Child = Tuple[str, str, Optional[os.stat_result]]  # path, name as shown, None: it cannot be looked at  # noqa: UP006,UP045
LINKS = (0xA000000C, 0xA0000003)  # reparse tags of Windows: symbolic link, junction


@dataclass(frozen=True)
class Entry:
    """A file to be asked about, or what could not be listed."""

    item: str  # as it is called in the answer
    path: str = ""  # as it is opened
    size: int | None = None  # in bytes
    modified_ns: int | None = None
    failure: ItemRefusal | None = None


def item_of(path: str) -> str:
    """As text that can be printed and stored anywhere; what is no UTF-8 is written as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def name_to_open(path: str, windows: bool = WINDOWS) -> str:
    """On Windows in the form that has no limit of 260 signs, and where `NUL` or `aux.jpg` are files like others."""
    if not windows:
        return path
    whole = ntpath.abspath(path)
    if whole.startswith("\\\\?\\"):
        return whole
    return "\\\\?\\UNC" + whole[1:] if whole.startswith("\\\\") else "\\\\?\\" + whole


def is_link(status: os.stat_result) -> bool:
    """A symbolic link, or a junction of Windows."""
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in LINKS


@dataclass(frozen=True)
class _Folder:
    identity: Identity
    children: Iterator[Child]


class Medium:
    """Walks folders. `links` counts those that were met and not followed: what lies on the medium has a way of its own,
    and what lies elsewhere was not seized."""

    def __init__(self) -> None:
        self.links = 0

    def entries(self, paths: Iterable[str]) -> Iterator[Entry]:
        """Each file, and each file below each folder, in the same order every time; a link given by name is followed."""
        for path in paths:
            opened = name_to_open(path)
            try:
                status = os.stat(opened)  # noqa: PTH116  a Path would take the prefix of Windows apart
            except (OSError, ValueError):
                yield Entry(item_of(path), failure=NoSuchFile(item=item_of(path)))
                continue
            if stat.S_ISDIR(status.st_mode):
                yield from self._below(opened, path, (status.st_dev, status.st_ino))
            else:
                yield _entry(item_of(path), opened, status)

    def _below(self, path: str, name: str, identity: Identity) -> Iterator[Entry]:
        """With a stack of its own: a hostile medium may nest deeper than Python recurses."""
        chain: list[_Folder] = []
        yield from self._enter(chain, path, name, identity)
        while chain:
            child = next(chain[-1].children, None)
            if child is None:
                chain.pop()
                continue
            path, name, status = child
            if status is None:
                yield Entry(item_of(name), failure=UnreadableFile(item=item_of(name), cause="it cannot be looked at"))
            elif is_link(status):
                self.links += 1
            elif stat.S_ISDIR(status.st_mode):
                yield from self._enter(chain, path, name, (status.st_dev, status.st_ino))
            else:
                yield _entry(item_of(name), path, status)

    def _enter(self, chain: list[_Folder], path: str, name: str, identity: Identity) -> Iterator[Entry]:
        """Puts a folder on the chain, or yields why not."""
        # Windows gives no numbers for what is listed; there only links, which are not followed, could make a loop.
        if identity[1] and any(folder.identity == identity for folder in chain):
            yield Entry(item_of(name), failure=FolderLoop(item=item_of(name)))
            return
        try:
            chain.append(_Folder(identity, _children(path, name)))
        except OSError as error:
            cause = error.strerror or error
            yield Entry(item_of(name), failure=UnreadableFile(item=item_of(name), cause=cause))


def _children(path: str, name: str) -> Iterator[Child]:
    with os.scandir(path) as listed:
        found = sorted(listed, key=lambda entry: os.fsencode(entry.name))
    before = "" if name == os.curdir else os.path.join(name, "")  # noqa: PTH118
    return ((entry.path, before + entry.name, _status(entry)) for entry in found)


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _entry(item: str, path: str, status: os.stat_result) -> Entry:
    failure: ItemRefusal | None = None
    if not stat.S_ISREG(status.st_mode):
        failure = NotAFile(item=item, kind="special file")
    elif getattr(status, "st_file_attributes", 0) & NETWORKED:
        failure = NotOnMedium(item=item)
    elif status.st_size == 0:
        failure = EmptyFile(item=item)
    return Entry(item, path, status.st_size, status.st_mtime_ns, failure)


def sha256_of(entry: Entry) -> str:
    """In hexadecimal digits. Raises UnreadableFile, NoSuchFile, NotAFile and FileChanged."""
    try:
        with os.fdopen(_opened(entry.path), "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise NotAFile(item=entry.item, kind="special file")
            digest, size = hashlib.sha256(), 0
            while True:
                piece = file.read(PIECE_BYTES)
                if not piece:
                    break
                size += len(piece)
                digest.update(piece)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        raise NoSuchFile(item=entry.item) from None
    except (OSError, ValueError) as error:
        raise UnreadableFile(item=entry.item, cause=getattr(error, "strerror", None) or error) from None
    if (size, after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
        raise FileChanged(item=entry.item)
    return digest.hexdigest()


def _opened(path: str) -> int:
    """Where the system lets us, without even the time of the last access changing."""
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_NOINHERIT", "O_SEQUENTIAL"):
        flags |= getattr(os, name, 0)
    quietly = getattr(os, "O_NOATIME", 0)
    try:
        return os.open(path, flags | quietly)
    except PermissionError:
        if not quietly:
            raise
        return os.open(path, flags)  # the file is another's, and only its owner may leave the time alone
