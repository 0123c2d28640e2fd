"""What a run has answered so far, a JSON object a line, so that it goes on where it was stopped, whatever stopped it.

The first line is the heading, `{"journal": 1, ...}`: which server, asked by whom, with what options. Every other line is
`{"item", "size", "modified_ns", "answer"}`, size in bytes, where what is not known is null. It is appended to, and handed
to the system line by line: a process that is killed loses nothing it wrote, a power cut at most the last seconds.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO, Any, Callable, Mapping  # noqa: UP035  Python 3.8

from concord.pocket.index import Index, key_of
from concord.pocket.refusal import JournalBusy, JournalUnusable, NoJournal, OtherJournal

VERSION = 1
FAR_BYTE = 1 << 40  # beyond any journal: what is locked there keeps nobody from reading, on Windows either
LONGEST_HEADING_BYTES = 1 << 16

Fits = Callable[["dict[str, Any]"], bool]  # whether it is an answer as the one who opens a journal writes them


class Journal:
    """One open journal. Not to be shared between threads; no two processes can have the same one open."""

    def __init__(self, path: Path, file: IO[bytes], fits: Fits) -> None:
        """Of a file whose heading was checked."""
        self._path, self._file, self._fits, self._index = path, file, fits, Index()
        self._end = self._read()

    @classmethod
    def open(cls, path: Path | str, heading: Mapping[str, Any], fits: Fits = lambda _: True) -> Journal:
        """Made where there is none. `heading` holds JSON values, and must be that of the run before.

        A last line that was torn off in the middle of writing is dropped, and what does not fit is not known. Raises
        OtherJournal, NoJournal, JournalBusy and JournalUnusable, having changed nothing.
        """
        path = Path(path)
        wanted = {"journal": VERSION, **json.loads(json.dumps(heading))}
        try:
            file = _opened(path)
        except OSError as error:
            raise JournalUnusable(path=path, cause=error.strerror) from None
        try:
            _claim(file, path)
            _check_heading(file, path, wanted)
            return cls(path, file, fits)
        except BaseException:
            file.close()
            raise

    def __len__(self) -> int:
        """How many files it has answers for."""
        return len(self._index)

    def known(self, item: str, size: int | None, modified_ns: int | None) -> dict[str, Any] | None:
        """The answer written last for exactly this; None: there is none."""
        place = self._index.get(key_of(item, size, modified_ns))
        if not place:
            return None
        self._file.seek(place)
        line = _parsed(self._file.readline())
        if line is None or _named(line) != (item, size, modified_ns):
            return None
        answer: dict[str, Any] = line["answer"]
        return answer if self._fits(answer) else None

    def write(self, item: str, size: int | None, modified_ns: int | None, answer: Mapping[str, Any]) -> None:
        """Raises JournalUnusable."""
        line = _line({"item": item, "size": size, "modified_ns": modified_ns, "answer": answer})
        try:
            self._file.seek(self._end)
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            raise JournalUnusable(path=self._path, cause=error.strerror) from None
        self._index.put(key_of(item, size, modified_ns), self._end)
        self._end += len(line)

    def close(self) -> None:
        """On the disk when it returns. May be called again."""
        if not self._file.closed:
            try:
                os.fsync(self._file.fileno())
            finally:
                self._file.close()

    def __enter__(self) -> Journal:  # noqa: PYI034  Python 3.8 has no Self
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> int:
        """Fills the index; gives where the next line goes. What a power cut left unreadable is asked once more."""
        self._file.seek(0)
        place = len(self._file.readline())
        for raw in self._file:
            if not raw.endswith(b"\n"):
                break
            line = _parsed(raw)
            if line is not None:
                self._index.put(key_of(*_named(line)), place)
            place += len(raw)
        self._file.truncate(place)
        return place


def _opened(path: Path) -> IO[bytes]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        return path.open("r+b")
    return os.fdopen(descriptor, "w+b")


def _claim(file: IO[bytes], path: Path) -> None:
    """Until it is closed, or its process has ended, however it ends. Raises JournalBusy."""
    try:
        _lock(file.fileno())
    except OSError:
        raise JournalBusy(path=path) from None


try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, FAR_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        os.lseek(descriptor, 0, os.SEEK_SET)

else:

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _check_heading(file: IO[bytes], path: Path, wanted: dict[str, Any]) -> None:
    """Writes it where there is none, or only the beginning of it. Raises NoJournal and OtherJournal."""
    line = _line(wanted)
    there = file.readline(LONGEST_HEADING_BYTES)
    if not there.endswith(b"\n") and line.startswith(there):
        file.seek(0)
        file.write(line)
        file.flush()
        return
    try:
        found = json.loads(there)
    except (ValueError, RecursionError):  # nested deeper than anything that this writes
        found = None
    if not isinstance(found, dict) or "journal" not in found:
        raise NoJournal(path=path, cause="its first line is not that of a journal")
    if found["journal"] != VERSION:
        raise NoJournal(path=path, cause=f"its version is {found['journal']}, known here is {VERSION}")
    for name in [*wanted, *found]:
        if found.get(name) != wanted.get(name):
            raise OtherJournal(path=path, cause=f"{name} was {found.get(name)} and is {wanted.get(name)} now")


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _parsed(raw: bytes) -> dict[str, Any] | None:
    """A line of answer; None: it is none."""
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):  # nested deeper than anything that this writes
        return None
    if not isinstance(line, dict) or not isinstance(line.get("item"), str) or not isinstance(line.get("answer"), dict):
        return None
    return line if all(isinstance(line.get(name), (int, type(None))) for name in ("size", "modified_ns")) else None


def _named(line: Mapping[str, Any]) -> tuple[str, int | None, int | None]:
    return line["item"], line.get("size"), line.get("modified_ns")
