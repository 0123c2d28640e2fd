"""List the files below folders, in an order that is the same every time, without holding them all."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from concord.errors import FolderLoop, FolderRepeated, ItemError, UnreadableFile
from concord.media.item import item_of

Entry = tuple[str, Path | ItemError]
Named = tuple[str, str | ItemError]
Identity = tuple[int, int]  # device and inode


@dataclass(frozen=True, slots=True)
class _Folder:
    identity: Identity
    children: Iterator[tuple[str, bool]]  # and whether it is a folder, sorted by the bytes of the name


@dataclass(slots=True)
class _Walk:
    """Depth first, with a stack of its own: a hostile medium may nest deeper than Python recurses."""

    chain: list[_Folder] = field(default_factory=list)
    entered_by_link: set[Identity] = field(default_factory=set)  # bounds what links to links to links can cost

    def below(self, path: str) -> Iterator[Named]:
        yield from self._enter(path)
        while self.chain:
            child = next(self.chain[-1].children, None)
            if child is None:
                self.chain.pop()
            elif child[1]:
                yield from self._enter(child[0])
            else:
                yield item_of(child[0]), child[0]

    def _enter(self, path: str) -> Iterator[Named]:
        """Puts a folder on the chain, or yields why not."""
        try:
            status = Path(path).stat()
            identity = status.st_dev, status.st_ino
            refusal = self._refusal(path, identity)
            if refusal is None:
                self.chain.append(_Folder(identity, iter(_children(path))))
        except OSError as error:
            refusal = UnreadableFile(item=item_of(path), cause=error.strerror)
        if refusal is not None:
            yield item_of(path), refusal

    def _refusal(self, path: str, identity: Identity) -> ItemError | None:
        if any(folder.identity == identity for folder in self.chain):
            return FolderLoop(item=item_of(path))
        if Path(path).is_symlink():
            if identity in self.entered_by_link:
                return FolderRepeated(item=item_of(path))
            self.entered_by_link.add(identity)
        return None


def walk(paths: Iterable[Path]) -> Iterator[Entry]:
    """Each file, and each file below each folder, as (item, path); hidden ones too. Links to files and folders are
    followed, a link back into a folder above it yields FolderLoop, a second link to one folder FolderRepeated.

    A folder that cannot be listed yields UnreadableFile and the rest goes on. Whether a file can be read shows when it
    is examined. Holds the names of one folder on each level, never those of all files.
    """
    for item, path in walk_names(paths):
        yield item, path if isinstance(path, ItemError) else Path(path)


def walk_names(paths: Iterable[Path]) -> Iterator[Named]:
    """The same with names for paths: of very many files, making the paths would take longer than listing them."""
    for path in paths:
        if _is_folder(path):
            yield from _Walk().below(str(path))
        else:
            yield item_of(path), str(path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # it cannot be told: opening it will say why
        return False


def _children(folder: str) -> Iterator[tuple[str, bool]]:
    with os.scandir(os.fsencode(folder)) as entries:
        found = sorted([(entry.name, _leads_to_folder(entry)) for entry in entries])
    before = "" if folder == os.curdir else folder.rstrip(os.sep) + os.sep
    names = os.fsdecode(b"\0".join([name for name, _ in found])).split("\0")  # at once, as there can be very many
    return ((before + name, is_folder) for name, (_, is_folder) in zip(names, found, strict=False))


def _leads_to_folder(entry: "os.DirEntry[bytes]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
