"""A throw-away PostgreSQL of one's own, from whatever server programs this machine has: what an operator would run."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from concord.database import binaries, foundation
from concord.database.cluster import Role
from concord.errors import MissingPart
from tests.serving import free_port

PASSWORD = "p@ss/w:rd?#%1+&="  # every sign that means something in a URL
ADMIN = "admin"
VARIABLES = {
    "CONCORD_DATABASE_URL": Role.APP,
    "CONCORD_DATABASE_OWNER_URL": Role.OWNER,
    "CONCORD_DATABASE_MATCHER_URL": Role.MATCHER,
}
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"}


def system_programs() -> Path | None:
    """The oldest that will do of the server programs installed on this machine."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if _major(path) >= 15]
    if config := shutil.which("pg_config"):
        named = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        found += [Path(named)] if named and _major(Path(named)) >= 15 else []
    return min(found, key=_major, default=None)


def wheel_programs(state: Path) -> Path | None:
    """Those that come with the program, where any account can run them."""
    try:
        return binaries.within_reach(binaries.find(), state).path("postgres").parent
    except MissingPart:
        return None


def _major(folder: Path) -> int:
    if not all((folder / name).is_file() for name in ("postgres", "initdb", "pg_ctl", "psql")):
        return 0
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    number = said.split()[2].split(".")[0] if len(said.split()) > 2 else ""
    return int(number) if number.isdecimal() else 0


@dataclass(frozen=True)
class OwnServer:
    """Listens on 127.0.0.1 and on a socket; everybody needs a password."""

    programs: Path
    folder: Path
    port: int

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def run(self, name: str, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """One of the server's programs, under an account that may run it."""
        return subprocess.run(
            [self.programs / name, *arguments],
            cwd="/",
            text=True,
            timeout=300,
            **({"capture_output": True, "check": True, "env": ENVIRONMENT} | _as_ordinary() | options),
        )

    def start(self) -> None:
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder} -c fsync=off"
        )
        self.run(
            "pg_ctl", "--pgdata", self.folder / "data", "--log", self.log, "-w", "-t", "180", "-o", options, "start",
            capture_output=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def stop(self, how: str = "immediate") -> None:
        self.run("pg_ctl", "--pgdata", self.folder / "data", "-w", "-t", "180", "-m", how, "stop")

    def psql(self, script: str, user: str = ADMIN) -> str:
        """Runs a script as an operator would. Fails with psql's words."""
        where = ["-X", "-h", str(self.folder), "-p", str(self.port), "-U", user, "-d", "postgres"]
        done = self.run("psql", *where, input=script, env={**ENVIRONMENT, "PGPASSWORD": PASSWORD}, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    def tool(self, name: str, user: str, *arguments: str | Path) -> None:
        """pg_dump and the like, as this account of the operator's."""
        where = ["-h", str(self.folder), "-p", str(self.port), "-U", user]
        subprocess.run(
            [self.programs / name, *where, *arguments],
            env={**ENVIRONMENT, "PGPASSWORD": PASSWORD},
            check=True,
            timeout=300,
        )

    def lay_foundation(self, user: str = ADMIN) -> str:
        """What an administrator does once. Returns the warnings."""
        said = self.psql(foundation.text(), user)
        self.psql(
            "\n".join(f"alter role {role} password '{PASSWORD}';" for role in Role if role != Role.BOOTSTRAP), user
        )
        return said

    def conninfo(self, role: str = ADMIN, database: str = "concord") -> str:
        return make_conninfo(host="127.0.0.1", port=self.port, user=role, password=PASSWORD, dbname=database)

    def ask(self, statement: str, role: str = ADMIN, database: str = "concord") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.conninfo(role, database), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def url(self, role: str, password: str = PASSWORD, database: str = "concord", *, by_socket: bool = False) -> str:
        who = f"{role}:{quote(password, safe='')}"
        if by_socket:
            return f"postgresql://{who}@/{database}?host={quote(str(self.folder), safe='')}&port={self.port}"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{database}"

    def urls(self, password: str = PASSWORD, database: str = "concord") -> dict[str, str]:
        """The environment that leads the program here."""
        return {name: self.url(role, password, database) for name, role in VARIABLES.items()}


@contextmanager
def own_server(programs: Path) -> Iterator[OwnServer]:
    """Runs until the end of the block, then goes with all its data."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = OwnServer(programs, folder, free_port())
    try:
        _make(server)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _make(server: OwnServer) -> None:
    secret = server.folder / "password"
    secret.write_text(PASSWORD)
    if os.geteuid() == 0:
        entry = pwd.getpwnam("nobody")
        for path in (server.folder, secret):
            os.chown(path, entry.pw_uid, entry.pw_gid)
    sign_in: Sequence[str] = ("--auth=scram-sha-256", "--username", ADMIN, f"--pwfile={secret}")
    server.run("initdb", "--pgdata", server.folder / "data", "--no-sync", "--locale=C", "--encoding=UTF8", *sign_in)


def _as_ordinary() -> dict[str, Any]:
    """The server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def skip_without(programs: Path | None, what: str) -> Path:
    if programs is None:
        pytest.skip(f"there are no {what} on this machine")
    return programs
