"""The data directory of an embedded server: made once, whole or not at all, and the configuration it runs with.

Roles and database are made in single-user mode, before any server can be connected to: once the directory has its
name, everything in it is there. The configuration lies outside the directory and is written at every start, so that it
is always this program's, and out of the reach of whoever runs the server.
"""

import enum
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from concord.database.account import MINIMAL_ENVIRONMENT, Account
from concord.database.binaries import MAJOR_VERSION, Programs
from concord.database.foundation import DATABASE_SQL, ROLES_SQL
from concord.database.place import Place
from concord.database.word import PORT
from concord.errors import DatabaseUnavailable

DATABASE = "concord"
_SOCKET_NAME_BYTES = 103  # of a whole path: 107 on Linux, 103 on macOS


class Role(enum.StrEnum):
    """As whom a process of ours connects."""

    OWNER = "concord_owner"  # owns the schema, runs migrations
    APP = "concord_app"  # everything users do, under row-level security
    MATCHER = "concord_matcher"  # reads the fingerprint feed
    BACKUP = "concord_backup"  # reads everything
    BOOTSTRAP = "concord_bootstrap"  # superuser of the cluster: for tests and repairs


# ---- data ---------------------------------------------------------------------------------------------------------


def ensure(place: Place, programs: Programs, bind: Callable[[], None], *, durable: bool) -> None:
    """Makes the data directory if there is none, and brings roles and rights up to date.

    No server may be running there. `bind` is called in each child before its program starts. Raises
    DatabaseUnavailable when the directory was lost, is of another PostgreSQL, or cannot be made.
    """
    for half_made in place.base.glob(".data-*"):
        shutil.rmtree(half_made, ignore_errors=True)
    if place.data.exists():
        _refuse_other_version(place.data)
        _bring_up_to_date(place, programs, bind)
    elif place.made.exists():
        cause = f"the data of this installation are gone from {place.data}. Restore them from the backup"
        raise DatabaseUnavailable(cause=cause)
    else:
        _make(place, programs, bind, durable=durable)
    place.made.touch(mode=0o600)


def _make(place: Place, programs: Programs, bind: Callable[[], None], *, durable: bool) -> None:
    fresh = place.base / f".data-{os.urandom(4).hex()}"
    fresh.mkdir(mode=0o700)
    place.account.give(fresh)
    initdb = [str(programs.path("initdb")), "--pgdata", str(fresh), "--no-sync"]
    options = ["--username", Role.BOOTSTRAP, "--auth=reject", "--data-checksums", "--encoding=UTF8", "--locale=C"]
    _run(place.account, bind, [*initdb, *options, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"])
    _settle_roles_and_database(fresh, place.account, programs, bind, create_database=True)
    if durable:
        _run(place.account, bind, [str(programs.path("initdb")), "--pgdata", str(fresh), "--sync-only"])
    _foundation(place).write_text(_foundation_text())
    fresh.rename(place.data)
    _sync_directory(place.base)


def _bring_up_to_date(place: Place, programs: Programs, bind: Callable[[], None]) -> None:
    record = _foundation(place)
    if not record.exists() or record.read_text() != _foundation_text():
        _settle_roles_and_database(place.data, place.account, programs, bind, create_database=False)
        record.write_text(_foundation_text())


def _settle_roles_and_database(
    data: Path, account: Account, programs: Programs, bind: Callable[[], None], *, create_database: bool
) -> None:
    server = [str(programs.path("postgres")), "--single", "-j", "-D", str(data), "-c", "exit_on_error=on"]
    quiet = ["-c", "log_checkpoints=off"]
    roles = ROLES_SQL.read_text() + (f"create database {DATABASE};\n\n" if create_database else "")
    _run(account, bind, [*server, *quiet, "postgres"], roles)
    _run(account, bind, [*server, *quiet, DATABASE], DATABASE_SQL.read_text())


def _run(account: Account, bind: Callable[[], None], command: list[str], text: str = "") -> None:
    done = subprocess.run(  # noqa: S603 the wheel's own programs with our own arguments
        command,
        input=text,
        capture_output=True,
        text=True,
        errors="replace",
        cwd="/",
        env=MINIMAL_ENVIRONMENT,
        umask=0o077,
        preexec_fn=bind,
        check=False,
        **account.as_child(),
    )
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)  # into the log
        last_line = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        raise DatabaseUnavailable(cause=f"{Path(command[0]).name} failed with {done.returncode}: {last_line}")


def _refuse_other_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != str(MAJOR_VERSION):
        cause = f"{data} was made by PostgreSQL {found} and this is {MAJOR_VERSION}. Restore a dump into a new one"
        raise DatabaseUnavailable(cause=cause)


def _foundation(place: Place) -> Path:
    """Holds what was last run to settle roles and rights."""
    return place.base / "foundation"


def _foundation_text() -> str:
    return ROLES_SQL.read_text() + DATABASE_SQL.read_text()


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ---- configuration ------------------------------------------------------------------------------------------------


def configure(place: Place, user: Account, *, durable: bool) -> Path:
    """Writes the configuration for this user of the server and gives the directory of its socket."""
    directory = _make_socket_directory(place)
    sign_in, identities = place.base / "hba.conf", place.base / "ident.conf"
    _write(sign_in, sign_in_text(), place.readable_mode)
    _write(identities, identities_text(user.name), place.readable_mode)
    _write(place.configuration, settings_text(directory, sign_in, identities, durable=durable), place.readable_mode)
    return directory


def sign_in_text() -> str:
    """Only through the socket, only the names below; everything else finds no entry and is refused."""
    return f"local all {','.join(Role)} peer map={DATABASE}\n"


def identities_text(user: str) -> str:
    return "".join(f'{DATABASE} "{user}" {role}\n' for role in Role)


def settings_text(socket_directory: Path, sign_in: Path, identities: Path, *, durable: bool) -> str:
    """The whole configuration file."""
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": _as_list_entry(socket_directory),
        "unix_socket_permissions": "0700",
        "hba_file": str(sign_in),
        "ident_file": str(identities),
        "max_connections": "200",
        "shared_buffers": "64MB",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "idle_in_transaction_session_timeout": "10min",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_checkpoints": "off",
        # Statements, their values and the details of errors name people: none of that belongs in a log file.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _as_list_entry(path: Path) -> str:
    """The setting is a list with commas, in which double quotes hold one entry together."""
    return '"' + str(path).replace('"', '""') + '"'


def fits_a_socket(directory: Path) -> bool:
    """Whether a socket there can be named: its path is bounded, and clients split a list of hosts at commas."""
    return len(os.fsencode(directory / f".s.PGSQL.{PORT}")) <= _SOCKET_NAME_BYTES and "," not in str(directory)


def socket_directory(place: Place) -> Path:
    """Beside the data, or, where that path is too long, a private one in the system's temporary directory."""
    directory = place.base / "socket"
    if fits_a_socket(directory):
        return directory
    return Path(tempfile.gettempdir(), f"concord-{place.installation[:16]}").absolute()


def _make_socket_directory(place: Place) -> Path:
    """No server may be running: what a killed one left there goes, as its lock file may name a living stranger."""
    directory = socket_directory(place)
    if not fits_a_socket(directory):
        raise DatabaseUnavailable(cause=f"the path {directory} is too long for a socket. Set TMPDIR to a shorter one")
    try:
        directory.mkdir(mode=0o700)
        place.account.give(directory)
    except FileExistsError:
        found = directory.lstat()
        private = stat.S_ISDIR(found.st_mode) and found.st_uid == place.account.uid and not found.st_mode & 0o077
        if not private:
            raise DatabaseUnavailable(cause=f"{directory} is not private to {place.account.name}: remove it") from None
        for left in directory.iterdir():
            left.unlink()
    return directory


def _write(path: Path, text: str, mode: int) -> None:
    draft = path.with_name(f".{path.name}")
    draft.write_text(text)
    draft.chmod(mode)
    draft.replace(path)
