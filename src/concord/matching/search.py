"""Near search over everything committed. Knows no case and no rights: it yields candidates, the database re-checks them.

The database is the truth. What is published in the directory is what somebody has read of it up to a cursor; whoever
opens it reads on from there. What is damaged there, or was read from another database, is as if it were not there.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import psycopg

from concord.errors import DamagedIndex, DatabaseUnavailable, ForeignFeed
from concord.matching import engines
from concord.matching.catch_up import News, meet, read_everything, read_news
from concord.matching.cursor import BEGINNING, Cursor, Server
from concord.matching.engines import Engine
from concord.matching.index import HASH_BYTES, RADIUS, checked_radius
from concord.matching.reference import Entries
from concord.matching.store import Store
from concord.matching.tending import Tending
from concord.matching.view import Base, View
from concord.matching.watch import Watch
from concord.values import Clock, utc_now

log = logging.getLogger(__name__)

# A seal takes less. A compaction that takes longer is left undone by a process that ends: at any moment, it may be.
LONGEST_GOODBYE_SECONDS = 10.0

Connect = Callable[[], psycopg.Connection]  # as the matcher: it reads the feed and nothing else


@dataclass(frozen=True, slots=True)
class State:
    """An index, and up to where it holds the database. The two are never apart."""

    view: View
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Status:
    """What there is, for people."""

    engine: str
    directory: str
    entries: int
    segments: int
    damaged: int  # segments that are scanned because their tables are
    bytes: int  # of the segments
    unsealed: int  # entries newer than these
    removed: int  # entries still in the files
    sealed_at: datetime | None  # what was committed before is in the files
    read_at: datetime | None


class Search:
    """An index that catches up with the database at every question. One a process, shared by its threads."""

    def __init__(
        self,
        connect: Connect,
        directory: Path,
        kind: str = "pdq",
        *,
        engine: Engine = engines.best,
        clock: Clock = utc_now,
    ) -> None:
        """In the directory, each kind has one of its own. Raises OSError."""
        self._connect, self._kind, self._engine, self._clock = connect, kind, engine, clock
        self._lock = threading.Lock()
        self._connection: psycopg.Connection | None = None
        self._server: Server | None = None
        self._store = Store(directory / kind, engine)
        self._tending = Tending(self._store, clock)
        self._watch: Watch | None = None
        self._state = self._published(None)

    def near(self, values: Sequence[bytes], radius: int = RADIUS) -> list[dict[int, int]]:
        """For each 32-byte value the stored fingerprints within `radius` bits: number -> distance.

        Whatever was committed before the call is found. Raises DatabaseUnavailable, ForeignFeed, ValueError.
        """
        if not values:
            return []
        if any(len(value) != HASH_BYTES for value in values):  # joined, they might still fit
            raise ValueError(f"values: {HASH_BYTES} bytes each are wanted")
        radius = checked_radius(radius)
        questions = np.frombuffer(b"".join(values), np.uint8).reshape(len(values), HASH_BYTES)
        with self._lock:
            self._catch_up()
            view = self._state.view
        hits = view.search(self._engine, questions, radius)
        ends = hits.offsets.tolist()
        numbers, distances = hits.ids.tolist(), hits.distances.tolist()
        return [dict(zip(numbers[a:b], distances[a:b], strict=True)) for a, b in pairwise(ends)]

    def catch_up(self) -> int:
        """Returns how many rows were read. Raises DatabaseUnavailable, ForeignFeed."""
        with self._lock:
            return self._catch_up()

    def status(self) -> Status:
        """After catching up. Raises DatabaseUnavailable, ForeignFeed."""
        with self._lock:
            self._catch_up()
            view, cursor = self._state.view, self._state.cursor
        base = view.base
        return Status(
            engine=self._engine.name,
            directory=str(self._store.directory),
            entries=len(view),
            segments=len(base.segments),
            damaged=sum(segment.damaged for segment in base.segments),
            bytes=sum(segment.memory.nbytes for segment in base.segments),
            unsealed=view.tail.count,
            removed=sum(part.gone for part in base.parts),
            sealed_at=base.manifest.cursor.read_at,
            read_at=cursor.read_at,
        )

    # ---- putting it in order, when somebody asks for it ----

    def seal(self) -> None:
        """Publishes everything committed so far. Raises IndexBusy, DatabaseUnavailable, ForeignFeed, OSError."""
        self._tending.wait()
        with self._store.locked(wait=False), self._lock:
            self._catch_up()
            self._store.seal(self._state.view, self._state.cursor)

    def compact(self) -> None:
        """Erases what was removed, and merges. Raises the same, and DamagedIndex."""
        self.seal()
        self._tending.wait()
        with self._store.locked(wait=False):
            self._store.compact(self._clock(), erase=True)

    def rebuild(self) -> None:
        """Makes the files anew from the database, in little memory. Raises the same."""
        self._tending.wait()
        with self._store.locked(wait=False), closing(self._connect()) as connection:
            server, now = _checked(meet(connection)), self._clock()
            feed = read_everything(connection, self._kind)
            snapshot = next(feed).snapshot
            parts = self._store.rebuild((news.numbers, news.values) for news in feed)
            self._store.publish_rebuilt(parts, Cursor().moved(snapshot, server, now))
            self._store.compact(now)

    def watch(self) -> None:
        """From now on also between questions. For a process that lives long and may not be asked for long."""
        self._watch = self._watch or Watch(self.catch_up, "the search index could not follow the database")

    def close(self) -> None:
        if self._watch is not None:
            self._watch.end()
        with self._lock:
            self._disconnect()
        self._tending.wait(LONGEST_GOODBYE_SECONDS)

    def __len__(self) -> int:
        return len(self._state.view)

    # ---- under the lock ----

    def _catch_up(self) -> int:
        try:
            new = self._read()
        except psycopg.OperationalError:
            self._disconnect()  # the server was restarted, perhaps
            try:
                new = self._read()
            except psycopg.OperationalError as error:
                self._disconnect()
                raise DatabaseUnavailable(cause=str(error)) from error
        self._tending.consider(self._state.view, self._state.cursor)
        return new

    def _read(self) -> int:
        connection, server = self._connected()
        if not self._state.view.base.is_current():
            switched = self._switched()
            self._server = server = _checked(meet(connection))  # its transactions went on since it was met
            self._state = self._resumed(switched, server)
        view, cursor, now, new = self._state.view, self._state.cursor, self._clock(), 0
        for news in self._news(connection, cursor):
            view = _with(view, cursor, news)
            snapshot = news.snapshot
            new += len(news)
        self._state = State(view, cursor.moved(snapshot, server, now))  # last: a failure above leaves the old one
        return new

    def _news(self, connection: psycopg.Connection, cursor: Cursor) -> Iterable[News]:
        """At least one."""
        if cursor.snapshot == BEGINNING:
            return read_everything(connection, self._kind)
        return [read_news(connection, cursor.snapshot, self._kind)]

    def _connected(self) -> tuple[psycopg.Connection, Server]:
        if self._connection is None or self._server is None:
            connection = self._connect()
            try:
                server = _checked(meet(connection))
            except BaseException:
                connection.close()
                raise
            self._state = self._resumed(self._state, server)
            self._connection, self._server = connection, server
        return self._connection, self._server

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # ---- what is published ----

    def _published(self, known: Base | None) -> State:
        try:
            base = self._store.newest(known)
        except DamagedIndex as error:
            log.error("%s Until that is done, everything is read from the database and searched in memory.", error)  # noqa: TRY400
            base = self._store.nothing()
        return State(View(base, Entries.with_room(0)), base.manifest.cursor)

    def _switched(self) -> State:
        """To what has been published since. It goes on from its own cursor, and so reads again what we know besides."""
        old = self._state
        new = self._published(old.view.base)
        if new.cursor != old.view.base.manifest.cursor:
            return new
        # Compacted: it holds the same as before, and what we know besides is right for it.
        base, pending = new.view.base, old.view.base.pending
        return State(View(base.without(pending, old.view.base.pending_since), old.view.tail), old.cursor)

    def _resumed(self, state: State, server: Server) -> State:
        cursor = state.cursor.resumed(server)
        if cursor.snapshot != BEGINNING:
            return State(state.view, cursor)
        if state.view.base.segments:
            log.warning("%s was read from another database: everything is read anew", self._store.directory)
        return State(View(self._store.nothing(), Entries.with_room(0)), cursor)


def _with(view: View, cursor: Cursor, news: News) -> View:
    if cursor.repeats:  # what comes once more takes the place of what was read before
        view = view.without(news.numbers, None)
    return view.added(news.numbers, news.values).without(news.removed, cursor.read_at)


def _checked(server: Server) -> Server:
    if not server.adopted:
        raise ForeignFeed
    return server
