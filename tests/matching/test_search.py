"""Search catches up by itself, also after its connection was lost."""

from pathlib import Path

import psycopg
import pytest
from django.db import connections

from concord.errors import DatabaseUnavailable
from concord.matching.search import Search
from tests.desk import Desk


def test_a_lost_connection_is_made_again(desk: Desk) -> None:
    search = desk.installation.search
    desk.enter(desk.picture("a.jpg", seed=71))
    search.catch_up()
    held = search._connection
    assert held is not None
    held.close()
    desk.enter(desk.picture("b.jpg", seed=72))
    assert desk.ask(desk.picture("copy.jpg", seed=72, quality=30))[0].answer == "KNOWN"


def test_a_database_that_is_away_is_an_error_not_an_empty_answer(tmp_path: Path) -> None:
    def refuse() -> psycopg.Connection:
        raise psycopg.OperationalError("away")

    with pytest.raises(DatabaseUnavailable, match="away"):
        Search(refuse, tmp_path).near([b"\0" * 32])


def test_values_of_another_size_are_refused_though_together_they_would_fit(tmp_path: Path) -> None:
    def never() -> psycopg.Connection:
        raise AssertionError("nothing is to be asked")

    with pytest.raises(ValueError, match="32 bytes"):
        Search(never, tmp_path).near([b"\0" * 16, b"\0" * 48])
    with pytest.raises(ValueError, match="0 to 64"):
        Search(never, tmp_path).near([b"\0" * 32], radius=65)


def test_the_searching_connection_cannot_write(desk: Desk) -> None:
    desk.installation.search.catch_up()
    held = desk.installation.search._connection
    assert held is not None
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        held.execute("create temporary table t ()")


def test_a_removed_fingerprint_is_found_no_more(desk: Desk) -> None:
    (line,) = desk.enter(desk.picture("a.jpg", seed=73))
    copy = desk.picture("copy.jpg", seed=73, quality=30)
    assert desk.ask(copy)[0].answer == "KNOWN"
    with connections["owner"].cursor() as cursor:
        cursor.execute("delete from fingerprint where material_id = %s", [line.material])
    assert desk.ask(copy)[0].answer == "NEW"
