"""The mark of an installation: a small file in its home that says that it is whole, and which keys it was made with."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from concord.errors import DamagedMark, HomeUnusable, NotInitialised
from concord.vault.sync import sync

MARK = "installation.json"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is written down once, when the installation is made."""

    version: str  # of the program that made it
    demo: bool
    keys: Mapping[str, str]  # the checks of its keys, by key file; one that is missing is not recorded


def read_mark(home: Path) -> Mark:
    """Raises NotInitialised, DamagedMark, or HomeUnusable where this account may not look."""
    path = home / MARK
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise NotInitialised(home=home) from None
    except OSError as error:
        raise HomeUnusable(home=home, cause=error.strerror) from error
    return _parsed(path, content)


def write_mark(home: Path, mark: Mark) -> None:
    """Whole or not at all; survives a power cut once it has returned. Raises HomeUnusable."""
    facts = {"version": mark.version, "demo": mark.demo, "keys": dict(mark.keys)}
    draft = home / f".{MARK}-{os.urandom(4).hex()}"
    with usable(home):
        try:
            draft.write_text(json.dumps(facts) + "\n")
            sync(draft)
            draft.rename(home / MARK)
        finally:
            draft.unlink(missing_ok=True)
        sync(home)
        sync(home.parent)


@contextmanager
def usable(home: Path) -> Iterator[None]:
    """Says HomeUnusable where the operating system refuses."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise HomeUnusable(home=home, cause="it is not a folder") from error
    except OSError as error:
        raise HomeUnusable(home=home, cause=error.strerror) from error


def _parsed(path: Path, content: bytes) -> Mark:
    if not content.strip():
        raise DamagedMark(path=path, cause="it is empty")
    try:
        facts = json.loads(content)
    except ValueError as error:
        raise DamagedMark(path=path, cause="it is not JSON") from error
    match facts:
        case {"version": str(version), "demo": bool(demo), "keys": dict(keys)}:
            return Mark(version, demo, keys)
    raise DamagedMark(path=path, cause='"version", "demo" or "keys" is missing in it, or of the wrong kind')
