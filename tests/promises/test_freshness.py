"""What one process enters, another finds in its very next question, also while an older transaction is open."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from concord.config import Config
from concord.database import embedded
from concord.database.cluster import Role
from tests.cli.seized import seeds
from tests.cli.terminal import Clerk, Terminal
from tests.pictures import jpeg
from tests.promises.seat import Seat

PAIRS = 200
SIDE = 192  # pixels: in smaller ones such quality leaves too little to recognise
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def seats(terminal: Terminal) -> Iterator[tuple[Seat, Seat]]:
    with Seat(terminal.config.home) as one, Seat(terminal.config.home) as other:
        yield one, other


@pytest.fixture
def clerks(seats: tuple[Seat, Seat]) -> tuple[Clerk, Clerk]:
    one, other = seats
    return Clerk.enrolled(one, f"fresh-{next(numbers)}", "XA"), Clerk.enrolled(other, f"fresh-{next(numbers)}", "XB")


@contextmanager
def open_transaction(config: Config) -> Iterator[psycopg.Connection]:
    with (
        embedded.start(config.home) as lease,
        psycopg.connect(lease.conninfo(Role.OWNER)) as connection,
    ):
        yield connection


def test_every_entry_is_found_by_the_other_process_at_once(clerks: tuple[Clerk, Clerk], tmp_path: Path) -> None:
    _enter_and_ask(clerks, tmp_path, PAIRS)


def test_every_entry_is_found_at_once_while_an_older_transaction_is_open_that_wrote_a_fingerprint(
    clerks: tuple[Clerk, Clerk], terminal: Terminal, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    ours, theirs = clerks
    pairs = PAIRS if request.config.getoption("--long") else PAIRS // 4
    moved = _picture(tmp_path, "moved")
    (line,) = ours.enter(moved.original)
    with open_transaction(terminal.config) as older:
        # The same fingerprint under another number: gone and new in one transaction, which stays open.
        columns = "kind, transform, value, quality, decoder, walls"
        select = f"select {columns} from fingerprint where material_id = %s"
        rows = older.execute(select, [line["material"]]).fetchall()
        older.execute("delete from fingerprint where material_id = %s", [line["material"]])
        insert = f"insert into fingerprint (material_id, {columns}) values (%s, %s, %s, %s, %s, %s, %s)"
        for row in rows:
            older.execute(insert, [line["material"], *row])
        _enter_and_ask(clerks, tmp_path, pairs)
        assert _found(theirs, moved.copy) == [line["material"]]
        older.commit()
        assert _found(theirs, moved.copy) == [line["material"]]
        assert _found(ours, moved.copy) == [line["material"]]


def test_what_is_rolled_back_is_never_found(clerks: tuple[Clerk, Clerk], terminal: Terminal, tmp_path: Path) -> None:
    ours, theirs = clerks
    stays = _picture(tmp_path, "stays")
    (line,) = ours.enter(stays.original)
    with open_transaction(terminal.config) as older:
        older.execute("delete from fingerprint where material_id = %s", [line["material"]])
        assert _found(theirs, stays.copy) == [line["material"]]
        older.rollback()
        assert _found(theirs, stays.copy) == [line["material"]]
        older.execute("delete from fingerprint where material_id = %s", [line["material"]])
        older.commit()
        assert _found(theirs, stays.copy) == _found(ours, stays.copy) == []


@dataclass(frozen=True)
class Picture:
    original: Path
    copy: Path  # the same picture in other bytes: found by its fingerprint only


def _picture(folder: Path, name: str) -> Picture:
    made, seed = Picture(folder / f"{name}.jpg", folder / f"{name}-copy.jpg"), next(seeds)
    made.original.write_bytes(jpeg(seed, 90, SIDE, SIDE))
    made.copy.write_bytes(jpeg(seed, 40, SIDE, SIDE))
    return made


def _enter_and_ask(clerks: tuple[Clerk, Clerk], folder: Path, pairs: int) -> None:
    """In turns: what one has entered the other asks for, and then the other way round."""
    for number in range(pairs):
        enters, asks = clerks if number % 2 else reversed(clerks)
        picture = _picture(folder, f"{number}")
        (line,) = enters.enter(picture.original)
        assert line["result"] == "entered"
        assert line["material"] in _found(asks, picture.copy), f"pair {number}"


def _found(clerk: Clerk, path: Path) -> list[str]:
    (answer,) = clerk.ask(path)
    assert {match["kind"] for match in answer["matches"]} <= {"near"}
    return [match["material"] for match in answer["matches"]]
