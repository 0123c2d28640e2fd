"""Random commits, roll-backs, savepoints and long transactions: after every commit the very next read has its rows."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connections

from concord.actions.installation import Installation
from concord.database.acting import before_anybody
from concord.matching.catch_up import BEGINNING, read_news

KIND = "test"  # so that no other test's index reads these rows
WRITERS, LONG_ONES = 6, 2


@pytest.fixture
def connect(installation: Installation) -> Iterator[Callable[[str], psycopg.Connection]]:
    opened = []

    def connect(alias: str) -> psycopg.Connection:
        with before_anybody(), connections[alias].cursor() as cursor:
            dsn = cursor.connection.info.dsn
        opened.append(psycopg.connect(dsn, autocommit=True))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def insert(connection: psycopg.Connection) -> int:
    material = uuid.uuid4()
    connection.execute("insert into material (id, sha256) values (%s, %s)", (material, random.randbytes(32)))
    row = connection.execute(
        "insert into fingerprint (material_id, kind, transform, value, decoder, walls)"
        " values (%s, %s, 'none', %s, '', '') returning number",
        (material, KIND, random.randbytes(32)),
    ).fetchone()
    assert row
    return int(row[0])


class Reader:
    """Follows the feed as an index does, and counts what an index must never see."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection, self.snapshot = connection, BEGINNING
        self.held: set[int] = set()
        self.twice = 0
        self._lock = threading.Lock()

    def read(self) -> set[int]:
        with self._lock:
            news = read_news(self.connection, self.snapshot, KIND)
            added = news.numbers.tolist()
            self.twice += len(self.held & set(added)) + len(added) - len(set(added))
            self.held = (self.held | set(added)) - set(news.removed.tolist())
            self.snapshot = news.snapshot
            return set(self.held)


@pytest.mark.parametrize("commits", [400, pytest.param(10_000, marks=pytest.mark.long)])
def test_every_commit_is_found_by_the_very_next_read(
    connect: Callable[[str], psycopg.Connection], commits: int
) -> None:
    reader = Reader(connect("matcher"))
    reader.read()
    missed: list[int] = []
    kept: list[int] = []

    def work(seed: int, pause: Callable[[random.Random], float]) -> None:
        rng, connection = random.Random(seed), connect("owner")
        while len(kept) < commits:
            committed = _transaction(connection, rng, pause)
            missed.extend(committed - reader.read())
            kept.extend(committed)

    quick, slow = (lambda rng: rng.choice((0, 0, 0.002))), (lambda rng: rng.uniform(0.1, 0.5))
    threads = [
        threading.Thread(target=work, args=(i, quick if i < WRITERS else slow)) for i in range(WRITERS + LONG_ONES)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) >= commits
    assert missed == []
    assert reader.twice == 0
    rows = reader.connection.execute("select number from fingerprint where kind = %s", (KIND,)).fetchall()
    assert reader.read() == {number for (number,) in rows}


def _transaction(
    connection: psycopg.Connection, rng: random.Random, pause: Callable[[random.Random], float]
) -> set[int]:
    """The numbers that were committed: none after a roll-back."""
    committed = set()
    connection.execute("begin")
    for _ in range(rng.randint(1, 3)):
        number = insert(connection)
        if rng.random() < 0.2:
            connection.execute("savepoint s")
            insert(connection)
            connection.execute("rollback to savepoint s")
        elif rng.random() < 0.2:
            connection.execute("savepoint kept")
            committed.add(insert(connection))
            connection.execute("release savepoint kept")
        committed.add(number)
        time.sleep(pause(rng))
    if rng.random() < 0.1:
        connection.execute("rollback")
        return set()
    connection.execute("commit")
    return committed


def test_a_transaction_left_open_delays_nobody_and_is_found_when_it_ends(
    connect: Callable[[str], psycopg.Connection],
) -> None:
    reader, open_one, writer = Reader(connect("matcher")), connect("owner"), connect("owner")
    open_one.execute("begin")
    waiting = insert(open_one)
    for _ in range(20):
        assert insert(writer) in reader.read()
    assert waiting not in reader.held
    open_one.execute("commit")
    assert waiting in reader.read()


def test_removals_are_rows_of_the_same_feed(connect: Callable[[str], psycopg.Connection]) -> None:
    reader, late, writer = Reader(connect("matcher")), Reader(connect("matcher")), connect("owner")
    number = insert(writer)
    assert number in reader.read()
    writer.execute("begin")
    writer.execute("delete from fingerprint where number = %s", (number,))
    assert number in reader.read()
    writer.execute("commit")
    assert number not in reader.read()
    assert number not in late.read()  # who comes after both reads neither as held


def test_a_cursor_survives_what_goes_wrong_between_two_reads(connect: Callable[[str], psycopg.Connection]) -> None:
    reader, writer = Reader(connect("matcher")), connect("owner")
    reader.read()
    number = insert(writer)
    reader.connection.close()
    with pytest.raises(psycopg.OperationalError):
        reader.read()
    reader.connection = connect("matcher")
    assert number in reader.read()
