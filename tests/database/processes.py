"""Real processes around one home: users of its server that can be killed, and what is known of server and keeper."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg

from concord.database import embedded, lock, postmaster, word
from concord.database.cluster import Role
from concord.database.place import settle
from concord.database.terms import Terms

Told = TypeVar("Told")

PATIENCE_SECONDS = 180.0  # a bound against hanging; every wait ends as soon as its condition holds

_USER = """
import sys
from pathlib import Path
import psycopg
from concord.database import embedded
from concord.database.cluster import Role
from concord.database.terms import Terms
lease = embedded.start(Path(sys.argv[1]), Terms.from_json(sys.argv[2]))
with psycopg.connect(lease.conninfo(Role.OWNER), autocommit=True) as connection:
    which = "select system_identifier, pg_postmaster_start_time() from pg_control_system()"
    print(*connection.execute(which).fetchone())
    sys.stdout.flush()
    for line in sys.stdin:
        if line == "write\\n":
            number = 0
            while True:
                connection.execute("insert into entry values (%s)", [number])
                print(number, flush=True)
                number += 1
"""


class User:
    """A process that holds a lease, until `leave` or `kill`. `python` runs it, under `account` if one is given."""

    def __init__(self, home: Path, terms: Terms, python: str = sys.executable, account: str | None = None) -> None:
        self.process = subprocess.Popen(
            [python, "-I", "-c", _USER, home, terms.to_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            **({} if account is None else {"user": account, "group": "nogroup", "extra_groups": []}),
        )

    def wait_ready(self) -> str:
        """Which server it is, as the user sees it: the cluster's number and the server's start time."""
        assert self.process.stdout and self.process.stderr
        seen = self.process.stdout.readline()
        assert seen, self.process.stderr.read()
        return seen

    def write(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("write\n")
        self.process.stdin.flush()

    def acknowledged(self) -> int:
        """How many rows were acknowledged until it ended; then it has ended."""
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return len([line for line in output.split("\n")[:-1] if line.isdecimal()])

    def leave(self) -> None:
        self.process.communicate(timeout=PATIENCE_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_SECONDS)


def data_of(home: Path, terms: Terms) -> Path:
    return settle(home, terms).data


def server_pid(home: Path, terms: Terms) -> int:
    claim = postmaster.read(data_of(home, terms))
    assert claim is not None
    return claim.pid


def keeper_pid(home: Path, terms: Terms) -> int:
    said = word.heard(settle(home, terms).keeper_lock)
    assert said is not None
    return said.keeper_pid


def kept(home: Path, terms: Terms) -> bool:
    descriptor = lock.try_exclusive(settle(home, terms).keeper_lock)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is None


def server_processes(data: Path) -> list[psutil.Process]:
    def works_there(process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and Path(process.cwd()) == data.resolve()
        except (psutil.Error, OSError):
            return False

    return [process for process in psutil.process_iter() if works_there(process)]


def told(data: Path, what: Callable[[psutil.Process], Told]) -> dict[int, Told]:
    """What each server process tells of itself. The server's own helpers come and go: one that went tells nothing."""
    heard = {}
    for process in server_processes(data):
        with contextlib.suppress(psutil.NoSuchProcess):
            heard[process.pid] = what(process)
    return heard


def kill_all(home: Path, terms: Terms) -> None:
    """The keeper first, so that it cannot care for the server's end; the server so quickly that it hears nothing."""
    kill(keeper_pid(home, terms), *(process.pid for process in server_processes(data_of(home, terms))))


def kill(*pids: int) -> None:
    """Kills at once and waits for the end, which the signal only begins."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: all(gone(pid) for pid in pids))


def gone(pid: int) -> bool:
    """Also when only its parent has not noticed yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def ask(lease: embedded.Lease, statement: str, role: Role = Role.OWNER) -> object:
    with psycopg.connect(lease.conninfo(role), autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None
