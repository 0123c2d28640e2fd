"""Lists of ordinary files: what operating systems and programs bring along, by digest. A unit keeps its own, since what
they name is never asked about: a wrong list hides files from its own unit only.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from uuid import UUID

from django.db import models

from concord.database.acting import fresh_rows, rows
from concord.records.assertion import Said

BATCH_DIGESTS = 10_000


class OrdinaryList(Said):
    """A list under its name."""

    name = models.TextField()
    digests = models.BigIntegerField()  # how many it holds

    class Meta:
        db_table = "ordinary_list"
        constraints = [models.UniqueConstraint(fields=["owner_unit", "name"], name="ordinary_list_name")]


class OrdinaryDigest(models.Model):
    """One file of a list, by the strongest digest that is given: MD5, SHA-1 and SHA-256 differ in length."""

    pk = models.CompositePrimaryKey("digest", "list")
    digest = models.BinaryField()
    # Without a constraint, which would be checked row by row: the policy allows digests of an own list only, and
    # removing a list removes them.
    list = models.ForeignKey(OrdinaryList, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)

    class Meta:
        db_table = "ordinary_digest"


ADD = """
with added as (
    insert into ordinary_digest (digest, list_id) select unnest(%s::bytea[]), %s on conflict do nothing returning 1)
select count(*) from added"""
NAMED = """
select d.digest, min(l.name) from ordinary_digest d join ordinary_list l on l.id = d.list_id
where d.digest = any(%s) and l.id = any(%s) group by d.digest"""
REMOVE = ("delete from ordinary_digest where list_id = %s", "delete from ordinary_list where id = %s")


def add_digests(into: UUID, digests: Iterable[bytes]) -> int:
    """However many: a batch of them is held at a time. Returns how many were not there yet."""
    stream, count = iter(digests), 0
    while batch := list(islice(stream, BATCH_DIGESTS)):
        ((added,),) = rows(ADD, [batch, into])
        count += added
    return count


def lists_naming(digests: Sequence[bytes], lists: Sequence[UUID]) -> Mapping[bytes, str]:
    """Those of the digests that stand on one of the lists, with the first such list's name."""
    if not digests or not lists:
        return {}
    return {bytes(digest): name for digest, name in fresh_rows(NAMED, [list(digests), list(lists)])}
