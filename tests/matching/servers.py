"""PostgreSQL servers of a test's own, with the feed alone, to be crashed, copied, followed and promoted."""

import hashlib
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import psycopg

from concord.database import binaries
from concord.database.account import MINIMAL_ENVIRONMENT, Account

READ_ONLY = "-c default_transaction_read_only=on"
DATABASE, USER = "concord", "tester"
FOLLOWING_SECONDS = 180  # a bound against hanging
FEED = """
create table fingerprint (
    number bigint generated always as identity primary key, kind text not null, value bytea not null,
    xid xid8 not null default pg_current_xact_id());
create table fingerprint_removal (number bigint primary key, xid xid8 not null default pg_current_xact_id());
create index fingerprint_xid on fingerprint (xid);
create index fingerprint_removal_xid on fingerprint_removal (xid);
"""
SETTINGS = """
listen_addresses = ''
fsync = off
max_connections = 50
wal_level = replica
autovacuum = off
"""


class Cluster:
    """A data directory in `folder`, which every account can reach."""

    def __init__(self, folder: Path, name: str, port: int) -> None:
        self.folder, self.data, self.port = folder, folder / name, port
        self.account = Account.named("nobody") if os.geteuid() == 0 else Account.mine()
        self.programs = binaries.within_reach(binaries.find(), folder)
        folder.chmod(0o755)
        self.sockets = folder / "sockets"
        self.sockets.mkdir(exist_ok=True)
        self.account.give(self.sockets)

    @classmethod
    def made(cls, folder: Path, name: str, port: int) -> Self:
        cluster = cls(folder, name, port)
        cluster.data.mkdir()
        cluster.account.give(cluster.data)
        cluster.run("initdb", "-D", cluster.data, "-U", USER, "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8")
        with (cluster.data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS + f"port = {port}\nunix_socket_directories = '{cluster.sockets}'\n")
        cluster.start()
        with cluster.connect("postgres") as connection:
            connection.execute(f"create database {DATABASE}")
        with cluster.connect() as connection:
            connection.execute(FEED)
        return cluster

    def followed(self, name: str, port: int) -> "Cluster":
        """A standby of it."""
        standby = Cluster(self.folder, name, port)
        standby.data.mkdir(mode=0o700)
        standby.account.give(standby.data)
        where = ["-h", self.sockets, "-p", self.port, "-U", USER]
        self.run("pg_basebackup", *where, "-D", standby.data, "-R", "--checkpoint=fast", "--no-sync")
        with (standby.data / "postgresql.conf").open("a") as settings:
            settings.write(f"port = {port}\n")
        standby.start()
        return standby

    def start(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-w", "-t", FOLLOWING_SECONDS, "-l", self.data / "log", "start")

    def crash(self) -> None:
        """Memory is lost: what had not been written ahead has not been."""
        self.run("pg_ctl", "-D", self.data, "-t", FOLLOWING_SECONDS, "-m", "immediate", "stop")

    def run(self, program: str, *arguments: Any) -> str:
        done = subprocess.run(
            [self.programs.path(program), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd="/",
            env=MINIMAL_ENVIRONMENT,
            check=False,
            close_fds=True,
            **self.account.as_child(),
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def dsn(self, database: str = DATABASE) -> str:
        return f"host={self.sockets} port={self.port} user={USER} dbname={database}"

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        return psycopg.connect(self.dsn(database), autocommit=True)

    def reader(self, database: str = DATABASE) -> psycopg.Connection:
        """As the program connects for Search: it cannot write."""
        return psycopg.connect(self.dsn(database), autocommit=True, options=READ_ONLY)

    def caught_up_with(self, primary: "Cluster") -> None:
        with primary.connect() as connection, self.connect() as own:
            position = connection.execute("select pg_current_wal_insert_lsn()").fetchone()
            deadline = time.monotonic() + FOLLOWING_SECONDS
            while time.monotonic() < deadline:
                if own.execute("select pg_last_wal_replay_lsn() >= %s::pg_lsn", position).fetchone() == (True,):
                    return
                time.sleep(0.02)
        raise AssertionError("the standby does not follow")


def value_of(seed: int) -> bytes:
    """Far from that of any other seed."""
    return hashlib.sha256(str(seed).encode()).digest()


def insert(connection: psycopg.Connection, seed: int, count: int = 1) -> list[int]:
    """The numbers of rows with the values of this seed and those after it."""
    values = [value_of(seed + more) for more in range(count)]
    statement = "insert into fingerprint (kind, value) select 'pdq', unnest(%s::bytea[]) returning number"
    return [number for (number,) in connection.execute(statement, [values]).fetchall()]


def remove(connection: psycopg.Connection, *numbers: int) -> None:
    with connection.transaction():
        connection.execute("delete from fingerprint where number = any(%s)", [list(numbers)])
        connection.execute("insert into fingerprint_removal (number) select unnest(%s::bigint[])", [list(numbers)])
