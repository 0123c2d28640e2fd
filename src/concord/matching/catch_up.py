"""Reading what others committed, exactly once and at once, whatever transactions are open.

A cursor is a snapshot: the text of pg_current_snapshot(), `xmin:xmax:xip,...`, at the last read. A row is new when its
transaction was not finished in that snapshot: it is one of the few in `xip`, or it came at `xmax` or later. Both are
index look-ups. A transaction that stays open for an hour keeps its place in `xip`; it delays nobody, and its rows are
found when it commits.

Three rules: the snapshot and the rows come from ONE statement; the reading connection never writes (its own open
transaction would not be in its own `xip`); it plans no parallel workers (they would mix the order of the parts).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from concord.matching.cursor import BEGINNING, Origin, Server

__all__ = ["BEGINNING", "News", "meet", "read_everything", "read_news"]

ROWS_AT_ONCE = 1 << 18

# Removals are rows of the same feed. A removal is always read after, or together with, what it removes: whoever
# removes has seen it committed.
NEWS = """
select pg_current_snapshot()::text, null::bigint, null::bytea
union all select 'added', number, value from fingerprint where xid = any(%(open)s::xid8[]) and kind = %(kind)s
union all select 'added', number, value from fingerprint where xid >= %(newest)s::xid8 and kind = %(kind)s
union all select 'removed', number, null from fingerprint_removal where xid = any(%(open)s::xid8[])
union all select 'removed', number, null from fingerprint_removal where xid >= %(newest)s::xid8
"""

EVERYTHING = """
copy (
    select 0::bigint, convert_to(pg_current_snapshot()::text, 'UTF8')
    union all select number, value from fingerprint where kind = {kind}
) to stdout (format binary)
"""

# On a primary the timeline that is written to counts: the control file may still name the one before a promotion.
SERVER = """
select (select system_identifier from pg_control_system())::text,
    case when pg_is_in_recovery() then (select timeline_id from pg_control_checkpoint())
         else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end,
    (select oid from pg_database where datname = current_database()) || '/' || 'fingerprint'::regclass::oid,
    pg_postmaster_start_time()::text,
    pg_is_in_recovery(),
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    not exists (select from fingerprint where xid >= pg_snapshot_xmax(pg_current_snapshot()))
        and not exists (select from fingerprint_removal where xid >= pg_snapshot_xmax(pg_current_snapshot()))
"""

# What COPY sends: a head, then rows of a count of fields and for each its size and bytes, numbers big-endian.
_HEAD_BYTES = 19
_FIELDS = np.dtype([("fields", ">i2"), ("number_bytes", ">i4"), ("number", ">u8"), ("value_bytes", ">i4")])
_ROW = np.dtype([("fields", _FIELDS), ("value", np.uint8, 32)])


@dataclass(frozen=True, slots=True)
class News:
    """What was committed since a cursor. Values of one kind and size."""

    snapshot: str  # the next cursor
    numbers: NDArray[np.uint64]  # [n]
    values: NDArray[np.uint8]  # [n, 32]
    removed: NDArray[np.uint64]  # [k]

    def __len__(self) -> int:
        return len(self.numbers) + len(self.removed)


def read_news(connection: psycopg.Connection, snapshot: str, kind: str) -> News:
    """One statement on an autocommit connection of the matcher. Raises psycopg.Error; the old cursor is then still good."""
    _, newest, open_then = snapshot.split(":")
    facts = {"open": f"{{{open_then}}}", "newest": newest, "kind": kind}
    rows = connection.execute(NEWS, facts, prepare=True, binary=True).fetchall()
    (next_snapshot, _, _), *news = rows
    added = [(number, value) for what, number, value in news if what == "added"]
    values = np.frombuffer(b"".join(value for _, value in added), np.uint8).reshape(len(added), 32)
    return News(
        snapshot=next_snapshot,
        numbers=np.array([number for number, _ in added], np.uint64),
        values=values,
        removed=np.array([number for what, number, _ in news if what == "removed"], np.uint64),
    )


def read_everything(connection: psycopg.Connection, kind: str) -> Iterator[News]:
    """The whole feed, a few rows at a time, each with the snapshot of the one statement. Raises psycopg.Error.

    Removals are left out: what was removed is not there.
    """
    none = np.empty(0, np.uint64)
    with connection.cursor() as cursor, cursor.copy(sql.SQL(EVERYTHING).format(kind=sql.Literal(kind))) as copy:
        messages = (bytes(message) for message in copy)
        head = next(messages)
        first = head[_HEAD_BYTES:] or next(messages)
        snapshot = first[_FIELDS.itemsize :].decode()
        yield News(snapshot, none, np.empty((0, 32), np.uint8), none)
        while block := b"".join(islice(messages, ROWS_AT_ONCE)):
            rows = np.frombuffer(block, _ROW, len(block) // _ROW.itemsize)  # what is left over ends the stream
            if (rows["fields"]["value_bytes"] != 32).any():
                raise ValueError(f"values of kind {kind}: 32 bytes are wanted")
            yield News(snapshot, rows["fields"]["number"].astype(np.uint64), rows["value"].copy(), none)


def meet(connection: psycopg.Connection) -> Server:
    """Prepares a new connection for reading; returns what it leads to. Raises psycopg.Error."""
    connection.execute("set max_parallel_workers_per_gather = 0")
    [(system, timeline, feed, started, standby, newest, adopted)] = connection.execute(SERVER).fetchall()
    return Server(Origin(system, timeline, feed), started, standby, newest, adopted)
