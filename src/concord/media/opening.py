"""Open what is to be examined: regular files only, and never anything that could make us wait."""

import contextlib
import fcntl
import os
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from concord.errors import EmptyFile, NoSuchFile, NotAFile, UnreadableFile

_KINDS = {
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}


def open_file(path: Path, item: str) -> BinaryIO:
    """For reading. Raises NoSuchFile, UnreadableFile, NotAFile and EmptyFile."""
    descriptor, _ = open_descriptor(path, item)
    return os.fdopen(descriptor, "rb")


def open_descriptor(path: Path | str, item: str) -> tuple[int, os.stat_result]:
    """`open_file`, of which there is only the descriptor, which is the caller's to close; and its status when it was opened."""
    try:
        # Looked at before it is opened, as opening a device can do something; and after, as names can be exchanged.
        check_kind(os.stat(path), item)  # noqa: PTH116 - of very many a Path for each costs too much
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a zero byte, which no name holds
        raise NoSuchFile(item=item) from None
    except OSError as error:
        raise UnreadableFile(item=item, cause=error.strerror) from None
    try:
        status = os.fstat(descriptor)
        check_kind(status, item)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def check_kind(status: os.stat_result, item: str) -> None:
    """Raises UnreadableFile for a folder, NotAFile and EmptyFile."""
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFDIR:
        raise UnreadableFile(item=item, cause="it is a folder")
    if kind != stat.S_IFREG:
        raise NotAFile(item=item, kind=_KINDS.get(kind, "special file"))
    if status.st_size == 0:
        raise EmptyFile(item=item)


def hold(data: bytes) -> BinaryIO:
    """Bytes as a file without a name, at its beginning; in memory where the system has such files (Linux)."""
    file = nameless()
    file.write(data)
    return sealed(file)


def nameless() -> BinaryIO:
    """To be written; in memory where the system has such files (Linux)."""
    if not hasattr(os, "memfd_create"):
        return cast(BinaryIO, tempfile.TemporaryFile())
    return os.fdopen(os.memfd_create("item", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b")


def sealed(file: BinaryIO) -> BinaryIO:
    """At its beginning; whoever gets the descriptor of one in memory can only read."""
    file.seek(0)  # flushes as well
    if hasattr(fcntl, "F_ADD_SEALS"):
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
        with contextlib.suppress(OSError):  # a file on a disk has none
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
    return file
