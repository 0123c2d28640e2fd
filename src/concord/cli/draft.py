"""A file that appears whole or not at all, and that only its owner can read."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from concord.errors import UnwritableFile


@contextmanager
def draft(path: Path, *, encoding: str = "utf-8", newline: str | None = None) -> Iterator[IO[str]]:
    """Takes the place of what is at `path` at the end of the block, unless that fails. Raises UnwritableFile."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=".concord-", dir=path.parent)
    except OSError as error:
        raise UnwritableFile(path=path, cause=error.strerror) from None
    try:
        with os.fdopen(descriptor, "w", encoding=encoding, newline=newline) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError):
            raise UnwritableFile(path=path, cause=error.strerror) from None
        raise


def check_place(path: Path) -> None:
    """That a draft can be made there, before there is much to write. Raises UnwritableFile."""
    try:
        if os.path.isdir(path):  # noqa: PTH112  no error for a name that is too long
            raise UnwritableFile(path=path, cause="it is a folder")
        with contextlib.suppress(FileNotFoundError):
            path.lstat()  # whether its name is too long shows now, and not when all is asked
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise UnwritableFile(path=path, cause=error.strerror) from None
