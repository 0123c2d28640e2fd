"""What goes to a worker beside a request: a descriptor that can only be read, or a line to ask for ranges."""

import fcntl
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from concord.errors import NotAFile, UnreadableFile
from concord.jail.broker import Broker, FileSource, Source, brokered


@dataclass(frozen=True, slots=True)
class Input:
    """Open until it is closed; nothing of it may be used afterwards."""

    descriptor: int
    size_bytes: int
    broker: Broker | None = None  # None: the descriptor is that of a file
    close: Callable[[], None] = lambda: None

    @property
    def ranged(self) -> bool:
        return self.broker is not None

    def check(self) -> None:
        """Raises what the source raised: the worker's own error is only its shadow."""
        if self.broker is not None and self.broker.error is not None:
            raise self.broker.error


def opened(source: int | Source, item: str) -> Input:
    """Of an open regular file or a source of ranges. Raises NotAFile, UnreadableFile."""
    if not isinstance(source, int):
        return _ranged(source)
    size_bytes = _size_of_file(source, item)
    if _only_readable(source):
        return Input(source, size_bytes)
    try:
        # Opened anew by the system's name for it: a second way into the same file, without the right to write.
        again = os.open(f"/proc/self/fd/{source}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return _ranged(FileSource(source))
    return Input(again, size_bytes, close=lambda: os.close(again))


def _ranged(source: Source) -> Input:
    with ExitStack() as stack:
        line, broker = stack.enter_context(brokered(source))
        return Input(line, source.size_bytes, broker, stack.pop_all().close)


def _size_of_file(descriptor: int, item: str) -> int:
    try:
        status = os.fstat(descriptor)
    except OSError as error:
        raise UnreadableFile(item=item, cause=error.strerror) from None
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(item=item, kind="special file")
    return status.st_size


def _only_readable(descriptor: int) -> bool:
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
