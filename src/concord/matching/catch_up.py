"""Reading what others committed, exactly once and at once, whatever transactions are open.

A cursor is a snapshot: the text of pg_current_snapshot(), `xmin:xmax:xip,...`, at the last read. A row is new when its
transaction was not finished in that snapshot: it is one of the few in `xip`, or it came at `xmax` or later. Both are
index look-ups. A transaction that stays open for an hour keeps its place in `xip`; it delays nobody, and its rows are
found when it commits.

Two rules: the snapshot and the rows come from ONE statement, and the reading connection never writes (its own open
transaction would not be in its own `xip`). Holds on a primary only: a standby lists no open transactions.
"""

from dataclasses import dataclass

import numpy as np
import psycopg

BEGINNING = "1:1:"  # everything is later than this

# Removals are rows of the same feed. A removal is always read after, or together with, what it removes: whoever
# removes has seen it committed.
NEWS = """
select pg_current_snapshot()::text, null::bigint, null::bytea
union all select 'added', number, value from fingerprint where xid = any(%(open)s::xid8[]) and kind = %(kind)s
union all select 'added', number, value from fingerprint where xid >= %(newest)s::xid8 and kind = %(kind)s
union all select 'removed', number, null from fingerprint_removal where xid = any(%(open)s::xid8[])
union all select 'removed', number, null from fingerprint_removal where xid >= %(newest)s::xid8
"""


@dataclass(frozen=True, slots=True)
class News:
    """What was committed since a cursor. Values of one kind and size."""

    snapshot: str  # the next cursor
    numbers: np.ndarray  # uint64[n]
    values: np.ndarray  # uint8[n, 32]
    removed: np.ndarray  # uint64[k]

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
