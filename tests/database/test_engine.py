"""Django over our engine: what a lost connection is called, and that the next question has a new one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection

from concord.access.audit import AuditEntry, Verb, write
from concord.database.acting import acting, before_anybody
from concord.errors import DatabaseLost, DatabaseUnavailable
from concord.records.person import Person
from tests.desk import Desk

END = "select pg_terminate_backend(pg_backend_pid())"


@contextmanager
def _acting(desk: Desk) -> Iterator[None]:
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        yield


def _ask(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_connection_lost_in_the_middle_is_named_and_replaced(desk: Desk) -> None:
    with pytest.raises(DatabaseLost), _acting(desk):
        _ask(END)
    with _acting(desk):
        Person.objects.count()


def test_a_connection_lost_outside_a_transaction_is_named_and_replaced(desk: Desk) -> None:
    with pytest.raises(DatabaseLost), before_anybody():
        _ask(END)
    with before_anybody():
        _ask("select 1")


def test_what_was_not_committed_when_the_connection_was_lost_is_not_there(desk: Desk) -> None:
    with pytest.raises(DatabaseLost), _acting(desk):
        write(desk.actor, Verb.ASK, desk.installation.clock(), ["lost on the way"])
        _ask(END)
    with _acting(desk):
        assert not AuditEntry.objects.filter(items__contains=["lost on the way"]).exists()


def test_a_connection_that_is_gone_at_the_commit_is_named_too(desk: Desk) -> None:
    with pytest.raises(DatabaseLost), _acting(desk):
        Person.objects.count()
        connection.connection.pgconn.finish()
    with _acting(desk):
        Person.objects.count()


def test_a_lost_database_is_one_of_ours_and_one_of_djangos(desk: Desk) -> None:
    """The doors say what became of it; Django closes what is left of the connection."""
    with pytest.raises(DatabaseLost) as caught, before_anybody():
        _ask(END)
    assert isinstance(caught.value, DatabaseUnavailable)
    assert isinstance(caught.value, OperationalError)
    assert caught.value.code == DatabaseLost.code == "database_lost"
    assert "\n" not in str(caught.value)


def test_other_errors_of_the_database_keep_their_name(desk: Desk) -> None:
    with pytest.raises(OperationalError) as caught, _acting(desk):
        _ask("set local lock_timeout = '1ms'; select 1; do $$ begin raise sqlstate '55P03'; end $$")
    assert not isinstance(caught.value, DatabaseLost)
