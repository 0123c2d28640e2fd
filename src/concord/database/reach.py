"""How a process reaches its database: where each role connects, and what becomes of a server that has gone.

The embedded server is started again by whoever finds it gone. One by URL is its operator's; until it is back, who asks
is told that it cannot be reached. Passwords in URLs show up in no text made here.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from concord.config import Config
from concord.database import embedded
from concord.database.cluster import DATABASE, Role
from concord.database.terms import DEFAULT
from concord.database.vetting import vet
from concord.errors import BadSetting, DatabaseReplaced, DatabaseUnavailable

Connection = TypeVar("Connection", bound=psycopg.Connection[Any])

# An officer's request waits for the embedded server's return, but not for a long recovery.
_REVIVAL = replace(DEFAULT, patience_seconds=30.0)

# Of a server on the network that went silent: seconds to connect, milliseconds until unanswered bytes end it.
_BOUNDED = {"connect_timeout": "10", "tcp_user_timeout": "30000"}


class Server(Protocol):
    """A PostgreSQL server with the roles of an installation."""

    def conninfo(self, role: Role) -> str:
        """For libpq."""

    def revive(self) -> bool:
        """Brings it back where that is in our hands. False: it is not. Raises DatabaseUnavailable."""

    def close(self) -> None:
        """Lets it go. Closing twice does nothing."""


class Embedded:
    """The server of a home, which this process keeps up for as long as it is open."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._lease: embedded.Lease | None = embedded.start(home)
        self._conninfo = self._lease.conninfo

    def conninfo(self, role: Role) -> str:
        return self._conninfo(role)

    def revive(self) -> bool:
        with self._lock:
            if self._lease is None:  # closed: nobody here uses it any more
                return False
            fresh = embedded.start(self._home, _REVIVAL)
            self._lease.close()
            self._lease, self._conninfo = fresh, fresh.conninfo
            return True

    def close(self) -> None:
        with self._lock:
            if self._lease is not None:
                self._lease.close()
                self._lease = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """A server of the operator's, by one URL a role."""

    conninfos: dict[Role, str] = field(repr=False)

    def conninfo(self, role: Role) -> str:
        return self.conninfos[role]

    def revive(self) -> bool:
        return False

    def close(self) -> None:
        pass


@dataclass(slots=True)
class Lineage:
    """Which database this process works with: that of its first connection, whatever a URL comes to lead to later.

    The search index follows one database; held against another it would say NEW of what is known.
    """

    first: str | None = None

    def hold(self, found: str) -> None:
        """Raises DatabaseReplaced."""
        if self.first is None:
            self.first = found
        elif found != self.first:
            raise DatabaseReplaced


@dataclass(frozen=True, slots=True)
class Reach:
    """One role's way to the server."""

    server: Server
    role: Role
    lineage: Lineage

    def connect(self, open_connection: Callable[[str], Connection]) -> Connection:
        """A vetted connection in autocommit mode, made by `open_connection` from a libpq connection string.

        Raises DatabaseUnavailable, DatabaseReplaced, ServerTooOld, StandbyServer, UnfitRole.
        """
        connection = self._opened(open_connection)
        try:
            connection.autocommit = True
            self.lineage.hold(vet(connection, self.role).lineage)
        except psycopg.OperationalError as error:
            connection.close()
            raise self._unavailable(error) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _opened(self, open_connection: Callable[[str], Connection]) -> Connection:
        try:
            return open_connection(self.server.conninfo(self.role))
        except psycopg.OperationalError as error:
            if not self.server.revive():
                raise self._unavailable(error) from None  # the cause is said; its own text is libpq's
        try:
            return open_connection(self.server.conninfo(self.role))
        except psycopg.OperationalError as error:
            raise self._unavailable(error) from None

    def _unavailable(self, error: psycopg.Error) -> DatabaseUnavailable:
        password = str(conninfo_to_dict(self.server.conninfo(self.role)).get("password") or "")
        cause = " ".join(str(error).split())
        return DatabaseUnavailable(cause=cause.replace(password, "***") if password else cause)


def server_of(config: Config) -> Server:
    """Starts the embedded server where no other is configured. Raises BadSetting, DatabaseUnavailable, MissingPart."""
    if config.database_url and config.database_owner_url and config.database_matcher_url:
        conninfos = {
            Role.APP: read_url("CONCORD_DATABASE_URL", config.database_url),
            Role.OWNER: read_url("CONCORD_DATABASE_OWNER_URL", config.database_owner_url),
            Role.MATCHER: read_url("CONCORD_DATABASE_MATCHER_URL", config.database_matcher_url),
        }
        return Foreign(conninfos)
    return Embedded(config.home)


def read_url(name: str, url: str) -> str:
    """A libpq connection string from a URL (or from such a string). Raises BadSetting, which never shows the URL.

    A sign that should be percent-encoded moves part of the password into host, port or database, whose names libpq
    puts into its messages; so what cannot be one of these is refused here.
    """
    try:
        facts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except (psycopg.ProgrammingError, UnicodeDecodeError):
        raise _malformed(name) from None
    ports = facts.get("port", "").split(",")
    if any(port and not port.isdecimal() for port in ports) or any("@" in facts.get(key, "") for key in _NAMES):
        raise _malformed(name)
    return make_conninfo(**(_BOUNDED | {"dbname": DATABASE} | facts))


_NAMES = ("host", "user", "dbname")


def _malformed(name: str) -> BadSetting:
    form = "postgresql://ROLE:PASSWORD@HOST:PORT/concord"
    cause = f"not of the form {form}; write a sign like @ : / ? # % in a password as %40 %3A %2F %3F %23 %25"
    return BadSetting(name=name, value="(not shown)", cause=cause)
