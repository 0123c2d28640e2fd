"""What a file says of itself, beside the instance of it that a unit entered: said by the file, owned by the unit, and known
to whoever may know of the instance. Never a fact."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, models

from concord.records.assertion import Assertion
from concord.records.material import Instance, Material


class Statement(Assertion):
    """One thing that a file says. Its unit, author, time, grounds and restriction are those of the instance."""

    instance = models.ForeignKey(Instance, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    kind = models.TextField()  # of the vocabulary of files, see docs/statements.md
    value = models.TextField()  # in the one form that its kind is written in
    source = models.TextField()  # where in the file it stands

    class Meta(Assertion.Meta):
        db_table = "statement"
        constraints = [
            *Assertion.Meta.constraints,
            models.UniqueConstraint(
                fields=["owner_unit", "instance", "kind", "value", "source"], name="statement_once"
            ),
        ]
        indexes = [models.Index(fields=["kind", "value"], name="statement_value")]


# The instance says for whom, when and on what grounds. One that was not made, as somebody else has just made it, has its
# statements from there.
INSERT = """
insert into statement (id, owner_country, owner_unit_id, author_id, recorded_at, purpose, basis, restriction_id,
                       instance_id, material_id, kind, value, source)
select gen_random_uuid(), i.owner_country, i.owner_unit_id, i.author_id, i.recorded_at, i.purpose, i.basis, i.restriction_id,
       i.id, i.material_id, said.kind, said.value, said.source
from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) as said(instance, kind, value, source)
     join instance i on i.id = said.instance
on conflict do nothing
"""

Said = tuple[UUID, str, str, str]  # instance, kind, value, source


def write_statements(said: Sequence[Said]) -> None:
    """Into the transaction that is open, which has made their instances."""
    if said:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [list(column) for column in zip(*said, strict=True)])
