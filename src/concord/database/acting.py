"""On whose behalf the database is asked. Nobody set: it raises, it never widens.

Held twice. The policies raise as soon as there is a row to decide on; the program's connection refuses every statement
outside `acting`, so that an empty table does not hide the fault.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from django.db import connection, connections, transaction
from django.db.backends.signals import connection_created

from concord.database.array import Texts
from concord.errors import NoActor, StandingChanged

SET = "select act_as(%s)"
NOWHERE = uuid.UUID(int=0)
NO_PURPOSE = "NONE"  # a setting that is empty means that nobody acts
GUARDED = "default"  # the connection of the program; owner and matcher have rights of their own kind

# Planning under the policies takes longer than running, and PostgreSQL would plan anew for each number of values.
PLANNED_ONCE = b"set plan_cache_mode = force_generic_plan; set jit = off"

_may_ask: ContextVar[bool] = ContextVar("may_ask", default=False)


def setting(
    country: str,
    unit: uuid.UUID,
    user: uuid.UUID,
    purpose: str | None,
    reach: str,
    roles: Iterable[str],
    seat: uuid.UUID | None,
    standing: str = "",
) -> list[str]:
    """In whose name: what act_as() takes, and begin_act(), which alone asks for the `standing`."""
    named = f",{','.join(roles)},"
    return [country, str(unit), str(user), purpose or NO_PURPOSE, reach, named, str(seat or NOWHERE), standing]


@contextmanager
def acting(
    country: str,
    unit: uuid.UUID,
    user: uuid.UUID,
    purpose: str | None = None,
    reach: str = "TRAINING",
    roles: Iterable[str] = (),
    seat: uuid.UUID | None = None,
) -> Iterator[None]:
    """One transaction in the name of a user. The settings end with it, so a kept connection carries nothing over.

    `reach`: REAL opens what was not entered for training. `seat`: where he sits, to which an open glass is bound; None:
    nowhere. Raises StandingChanged where the database knows nobody like that.
    """
    if not country or connection.in_atomic_block:  # inside another transaction, which would go on in this name
        raise NoActor
    with _asking(), transaction.atomic():
        rows(SET, [Texts(setting(country, unit, user, purpose, reach, roles, seat))])
        yield


def at_once(who: Sequence[str], sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement that is a transaction of its own, in the name of a user: one way to the server and back instead of
    one each for the beginning, the name, the question, the audit entry and the end. There are none before it is committed.

    `who`: what `setting` gives. `sql` calls a function of the database that takes it first, and calls begin_act() with it.
    """
    if not who[0] or connection.in_atomic_block:
        raise NoActor
    with _asking():
        return rows(sql, [Texts(who), *values], binary=True)


@contextmanager
def before_anybody() -> Iterator[None]:
    """For the few questions that come before somebody acts: who signs in, and whether the schema is current.

    The policies are in force: no record can be read here.
    """
    with _asking():
        yield


def rows(sql: str, values: Sequence[Any], *, binary: bool = False) -> list[tuple[Any, ...]]:
    """All rows of one of the few statements that every look-up makes. Each connection plans it once and keeps the plan:
    under the policies planning costs more than running. `values` go to the server beside the text, which has `%s`; the
    rows come as text, or in PostgreSQL's `binary` form, which much is quicker to read in."""
    if not _may_ask.get():
        raise NoActor
    wrapper = connections[GUARDED]  # once: each look at Django's `connection` looks for the thread's own
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors, psycopg.Cursor(wrapper.connection) as cursor:
        try:
            cursor.execute(sql, values, prepare=True, binary=binary)
        except psycopg.errors.InvalidAuthorizationSpecification as error:
            raise StandingChanged from error
        return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []


def only_value(sql: str, values: Sequence[Any]) -> Any:
    """What such a statement gives that gives one value: of a function, for example."""
    ((value,),) = rows(sql, values)
    return value


def fresh_rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement that is planned anew each time: for tables that may grow a thousandfold under one connection,
    for which a kept plan would go on reading all of them."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def _asking() -> Iterator[None]:
    token = _may_ask.set(True)
    try:
        _let_go_if_lost()
        yield
    finally:
        _may_ask.reset(token)


def _let_go_if_lost() -> None:
    """So that the next statement opens a new connection. Django itself looks only once a request, and not for `rows`."""
    wrapper = connections[GUARDED]
    if not wrapper.in_atomic_block:
        if wrapper.connection is not None and wrapper.connection.closed:
            wrapper.close()
        wrapper.close_if_health_check_failed()


def _refuse_nobody(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if not _may_ask.get():
        raise NoActor
    return execute(sql, params, many, context)


def guard(connection: Any, **_: Any) -> None:
    """Called by Django with every new connection."""
    if connection.alias == GUARDED and _refuse_nobody not in connection.execute_wrappers:
        connection.execute_wrappers.append(_refuse_nobody)
        connection.connection.execute(PLANNED_ONCE)


connection_created.connect(guard)
