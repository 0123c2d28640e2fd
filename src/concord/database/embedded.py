"""The embedded PostgreSQL of an installation, shared by all its processes.

`start` makes sure that it runs and gives a lease; while any process holds one the server stays. The server itself is
in the care of a process of its own (`concord.database.keeper`, which states the rules), so that no user's end takes it
away from another.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM
from types import TracebackType
from typing import Self
from urllib.parse import quote

from psycopg.conninfo import make_conninfo

from concord.database import binaries, lock, orphans, word
from concord.database.account import MINIMAL_ENVIRONMENT, Account
from concord.database.cluster import DATABASE, Role, socket_directory
from concord.database.place import Place, settle
from concord.database.terms import DEFAULT, THROWAWAY, Terms
from concord.errors import DatabaseUnavailable

_LOG_TAIL_BYTES = 4096
_LOG_TAIL_LINES = 3
_LOG_TAIL_SIGNS = 280  # the last ones say most, and a message is cut at its end
_ROUNDS_AGAINST_REMOVAL = 20


class Lease:
    """The right to use a running server, until it is closed or its process ends, in whatever way.

    It does not outlast a server that is stopped by `stop` or killed: whoever then cannot connect calls `start` again.
    A forked child holds no lease; it starts one of its own.
    """

    def __init__(self, socket_directory: Path, descriptor: int) -> None:
        self.socket_directory = socket_directory
        self._descriptor = descriptor
        _held.add(descriptor)

    def conninfo(self, role: Role, database: str = DATABASE) -> str:
        """For psycopg and libpq."""
        return make_conninfo(host=str(self.socket_directory), port=word.PORT, user=role.value, dbname=database)

    def url(self, role: Role, database: str = DATABASE) -> str:
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql://{role.value}@/{quote(database, safe='')}?host={host}&port={word.PORT}"

    def close(self) -> None:
        """Closing twice does nothing."""
        if self._descriptor in _held:
            _held.remove(self._descriptor)
            os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_held: set[int] = set()  # descriptors of the users' lock


def _let_go_in_child() -> None:
    """A fork would keep the lock alive after its parent, and so the server, for as long as the child runs."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


# ---- start, stop, remove ------------------------------------------------------------------------------------------


def start(home: Path, terms: Terms = DEFAULT) -> Lease:
    """Makes sure that the server of this home runs and is ready, making it the first time.

    Raises MissingPart where there is no PostgreSQL for this platform, and DatabaseUnavailable, with the last lines of
    the log, when the server does not come up or is not ready after `terms.patience_seconds`.
    """
    binaries.find()
    Account.mine()
    deadline = time.monotonic() + terms.patience_seconds
    with _locked(home, terms, deadline) as place:
        descriptor = _become_user(place, deadline)
        try:
            return Lease(_ready(home, place, terms, deadline), descriptor)
        except BaseException:
            os.close(descriptor)
            raise


def stop(home: Path, terms: Terms = DEFAULT) -> None:
    """Stops the server of this home cleanly, also under its users, and waits until it is gone."""
    if (home / "database").exists():
        deadline = time.monotonic() + terms.patience_seconds
        with _locked(home, terms, deadline) as place:
            _stop(place, deadline)


def remove(home: Path, terms: Terms = DEFAULT) -> None:
    """Stops the server of this home and deletes its data, wherever they lie. For throw-away homes."""
    if (home / "database").exists():
        deadline = time.monotonic() + terms.patience_seconds
        with _locked(home, terms, deadline) as place:
            _stop(place, deadline)
            shutil.rmtree(socket_directory(place), ignore_errors=True)
            shutil.rmtree(place.folder)  # first: what decides where the data lie goes before the data
            if place.base != place.folder:
                shutil.rmtree(place.base)


@contextmanager
def throwaway(terms: Terms = THROWAWAY) -> Iterator[Lease]:
    """A new server with an empty database, removed with all its data at the end."""
    home = Path(tempfile.mkdtemp(prefix="concord-"))
    if os.geteuid() == 0:
        home.chmod(0o755)  # so that the server's account reaches it; what lies in it is private
    try:
        with start(home, terms) as lease:
            yield lease
    finally:
        remove(home, terms)
        shutil.rmtree(home)


# ---- the parts ----------------------------------------------------------------------------------------------------


@contextmanager
def _locked(home: Path, terms: Terms, deadline: float) -> Iterator[Place]:
    """The home's place under its start lock. Somebody may remove it in the very moment: then it is settled anew."""
    with contextlib.ExitStack() as held:
        try:
            for _ in range(_ROUNDS_AGAINST_REMOVAL):
                with contextlib.suppress(FileNotFoundError):
                    place = settle(home, terms)
                    held.enter_context(lock.exclusive(place.start_lock, deadline))
                    break
            else:
                raise DatabaseUnavailable(cause=f"{home} is being removed again and again")
            yield place
        except OSError as error:
            raise DatabaseUnavailable(cause=f"{home / 'database'} cannot be used ({error})") from error


def _become_user(place: Place, deadline: float) -> int:
    while (descriptor := lock.try_shared(place.users_lock)) is None:  # the keeper holds it only under the start lock
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(cause=f"{place.users_lock} is held by a stranger")
        time.sleep(lock.PAUSE_SECONDS)
    os.utime(descriptor)  # the mark by which the keeper notices also those who come and go between two of its looks
    return descriptor


def _ready(home: Path, place: Place, terms: Terms, deadline: float) -> Path:
    """The socket directory of the server, once it is ready, with a keeper of our own when there is none."""
    log_start: int | None = None  # None: no keeper of ours
    while True:
        descriptor = lock.try_exclusive(place.keeper_lock)
        if descriptor is None:
            said = word.heard(place.keeper_lock)
            if said and said.socket_directory and word.answers(said.socket_directory):
                return said.socket_directory
        elif log_start is None:
            log_start = place.log.stat().st_size if place.log.exists() else 0
            _start_keeper(home, place, terms, descriptor)
        else:
            os.close(descriptor)
            raise DatabaseUnavailable(cause=_log_tail(place.log, log_start))
        if time.monotonic() > deadline:
            waited = f"it was not ready after {terms.patience_seconds:g} seconds and goes on trying"
            raise DatabaseUnavailable(cause=f"{waited}. Ask again later; its log is {place.log}")
        time.sleep(lock.PAUSE_SECONDS)


def _start_keeper(home: Path, place: Place, terms: Terms, descriptor: int) -> None:
    """The lock goes over with the inherited descriptor: it is never free in between."""
    try:
        os.ftruncate(descriptor, 0)
        with os.fdopen(os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600), "ab") as log:
            subprocess.run(  # noqa: S603 this very interpreter with our own module
                [sys.executable, "-I", "-m", "concord.database.keeper", home, terms.to_json(), str(descriptor)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=MINIMAL_ENVIRONMENT,
                pass_fds=(descriptor,),
                start_new_session=True,
                check=False,  # a keeper that did not come up has let go of its lock: that is looked for anyway
            )
    finally:
        os.close(descriptor)


def _stop(place: Place, deadline: float) -> None:
    told = False
    while (descriptor := lock.try_exclusive(place.keeper_lock)) is None:
        said = word.heard(place.keeper_lock)
        if said and not told:
            os.kill(said.keeper_pid, SIGTERM)  # surely the keeper: its lock is held, and its word is void without it
            told = True
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(cause=f"the server at {place.data} does not stop; its log is {place.log}")
        time.sleep(lock.PAUSE_SECONDS)
    try:
        orphans.clear(place.data, deadline)
    finally:
        os.close(descriptor)


def _log_tail(log: Path, offset_bytes: int) -> str:
    with log.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(min(offset_bytes, end), end - _LOG_TAIL_BYTES))
        lines = file.read().decode(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()][-_LOG_TAIL_LINES:]
    return " / ".join(said)[-_LOG_TAIL_SIGNS:] or f"its keeper ended without a word; the log is {log}"
