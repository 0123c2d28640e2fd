"""An intake: one unit's private working set of one seizure. Files stay where they are; their names, digests and answers
stand here until the clock or the unit erases them. Nobody else learns that it exists: the policies know its unit alone.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import models

from concord.database.acting import fresh_rows, rows
from concord.records.assertion import Said, one_of
from concord.records.case import Case
from concord.records.seizure import ItemState, Seen
from concord.values import Coded


class IntakeState(Coded):
    FILLING = "FILLING"  # its source has not been looked at to the end
    FILLED = "FILLED"


class Intake(Said):
    """A seizure that is being looked at: a folder, an archive or a list of files."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    source = models.TextField()  # as it was given, made absolute
    expires_at = models.DateTimeField()
    state = models.TextField()

    class Meta:
        db_table = "intake"
        constraints = [
            # By the source's digest: a path may be longer than what an index entry can hold.
            models.UniqueConstraint("owner_unit", "case", models.functions.MD5("source"), name="intake_once"),
            one_of("state", IntakeState, "intake_state"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="intake_expires")]


class IntakeItem(models.Model):
    """A file, or a member of an archive, where it was found: the same content at five places is five items."""

    pk = models.CompositePrimaryKey("intake", "position")
    intake = models.ForeignKey(Intake, models.PROTECT, related_name="+", db_index=False)  # the key begins with it
    position = models.BigIntegerField()  # in this intake: a number of the whole table would tell of others' intakes
    path = models.TextField()  # as it is shown; members are written outer.zip!/inner
    path_key = models.BinaryField()
    location = models.BinaryField(null=True)  # what to open: the file, or the archive around it; null: what `path` says
    parent = models.TextField(null=True)  # the archive that it is a member of
    sha256 = models.BinaryField(null=True)  # null, as the other facts: it could not be read
    sha1 = models.BinaryField(null=True)
    md5 = models.BinaryField(null=True)
    size_bytes = models.BigIntegerField(null=True)
    modified_ns = models.BigIntegerField(null=True)
    format = models.TextField(null=True)  # null: not decoded, or of none known by name
    state = models.TextField()
    match = models.TextField(null=True)  # of the answer; null: there is none
    qualifiers = models.TextField(null=True)  # likewise, with spaces between
    not_compared = models.TextField(null=True)  # why not by picture; null: it was, or not at all
    ordinary = models.TextField(null=True)  # the list that has it
    error_code = models.TextField(null=True)
    error_message = models.TextField(null=True)
    pdq = models.BinaryField(null=True)  # to ask again without the file; never shown or handed on
    asked_at = models.DateTimeField()  # when the state was found

    class Meta:
        db_table = "intake_item"
        constraints = [
            models.UniqueConstraint(fields=["path_key"], name="intake_item_once"),
            one_of("state", ItemState, "intake_item_state"),
        ]


def path_key(intake: UUID, path: str) -> bytes:
    """By which an item is found: half a SHA-256 of the intake's random id and the path, which may be longer than what an
    index entry can hold. As no other column is asked for with it, no plan can take an intake that has grown since the
    last statistics for a small one, and read all of it.
    """
    return hashlib.sha256(intake.bytes + path.encode()).digest()[:16]


# ---- statements, under the rights of the open transaction ---------------------------------------------------------------

COLUMNS = {
    "path": "text", "location": "bytea", "parent": "text", "sha256": "bytea", "sha1": "bytea", "md5": "bytea",
    "size_bytes": "bigint", "modified_ns": "bigint", "format": "text", "state": "text", "match": "text",
    "qualifiers": "text", "not_compared": "text", "ordinary": "text", "error_code": "text", "error_message": "text",
    "pdq": "bytea",
}  # fmt: skip

_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in COLUMNS.values())
_NAMES = ", ".join(COLUMNS)
LOCK = "select id from intake where id = %s for update"
# A file that was looked at again keeps its position. The intake is locked: positions are given out one writer at a time.
WRITE = f"""
insert into intake_item (intake_id, position, path_key, asked_at, {_NAMES})
select %s, last.position + one.number, key, %s, {", ".join(f"one.{name}" for name in COLUMNS)}
from unnest(%s::bytea[], {_ARRAYS}) with ordinality as one(key, {_NAMES}, number),
     (select coalesce(max(position), 0) as position from intake_item where intake_id = %s) as last
on conflict (path_key) do update set asked_at = excluded.asked_at,
    {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}"""  # noqa: S608  names of our own
BEFORE = f"""
select {_NAMES} from intake_item where path_key = any(%s)"""  # noqa: S608
PAGE = f"""
select position, asked_at, {_NAMES} from intake_item
where intake_id = %s and position > %s and (%s::text is null or state = %s) order by position limit %s"""  # noqa: S608
COUNTS = """
select state, count(*), count(*) filter (where not_compared is not null), count(*) filter (where error_code is not null)
from intake_item where intake_id = %s group by state"""
CHANGE = """
update intake_item set state = one.state, match = one.match, qualifiers = one.qualifiers, not_compared = one.not_compared,
                       asked_at = %s
from unnest(%s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[])
     as one(key, state, match, qualifiers, not_compared)
where intake_item.path_key = one.key"""
ERASE = ("delete from intake_item where intake_id = %s", "delete from intake where id = %s")
EXPIRE = "select erase_expired_intakes()"


class Placed(msgspec.Struct, frozen=True):
    """An item as it stands."""

    position: int
    asked_at: datetime
    seen: Seen


class Counts(msgspec.Struct, frozen=True):
    """How many items an intake holds."""

    states: Mapping[ItemState, int]
    by_digest_only: int
    with_errors: int


def lock(intake: UUID) -> bool:
    """Until the transaction ends nobody else writes to this intake or erases it. False: there is none."""
    return bool(rows(LOCK, [intake]))


def write_items(intake: UUID, items: Sequence[Seen], now: datetime) -> None:
    """Items at new places, and at old ones what is there now. The intake must be locked."""
    last = {item.path: item for item in items}  # a list may name a file twice
    arrays = [[getattr(item, name) for item in last.values()] for name in COLUMNS]
    fresh_rows(WRITE, [intake, now, [path_key(intake, path) for path in last], *arrays, intake])


def items_at(intake: UUID, paths: Sequence[str]) -> dict[str, Seen]:
    """What was seen at these places before."""
    found = fresh_rows(BEFORE, [[path_key(intake, path) for path in paths]])
    return {seen.path: seen for seen in (_seen(row) for row in found)}


def page(intake: UUID, after: int, limit: int, state: ItemState | None = None) -> list[Placed]:
    """Of the items, in the order in which they were found, the next after a position."""
    found = fresh_rows(PAGE, [intake, after, state, state, limit])
    return [Placed(position, asked_at, _seen(row)) for position, asked_at, *row in found]


def count(intake: UUID) -> Counts:
    found = fresh_rows(COUNTS, [intake])
    return Counts(
        {ItemState(state): number for state, number, _, _ in found},
        sum(by_digest_only for _, _, by_digest_only, _ in found),
        sum(with_errors for *_, with_errors in found),
    )


def change_items(intake: UUID, items: Sequence[Placed], now: datetime) -> None:
    """What an answer changes."""
    names = ("state", "match", "qualifiers", "not_compared")
    arrays = [[getattr(item.seen, name) for item in items] for name in names]
    fresh_rows(CHANGE, [now, [path_key(intake, item.seen.path) for item in items], *arrays])


def erase(intake: UUID) -> None:
    """Whoever may see it may do so."""
    for statement in ERASE:
        rows(statement, [intake])


def _seen(row: Sequence[Any]) -> Seen:
    named = dict(zip(COLUMNS, row, strict=True))
    return Seen(**named | {"state": ItemState(named["state"])})
