"""What the vault still holds of what was erased: taken out after the erasure is committed, and tried again until it is done.

No digest stands here: the material's id and the object's name are keyed hashes.
"""

import uuid
from collections.abc import Sequence

from django.db import models

from concord.database.acting import fresh_rows
from concord.records.country import Country


class Removal(models.Model):
    """The wrap of one country that has to go. The program can neither read nor write it but through functions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    material = models.UUIDField()
    object_name = models.TextField()
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)  # kept for a while: whoever enters the same content just then must look

    class Meta:
        db_table = "vault_removal"
        indexes = [models.Index(fields=["material"], name="vault_removal_material")]


def gone_meanwhile(materials: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Of these, which the acting country is about to enter: those whose stored copy may have gone since it was put there.

    What waits to be taken out of the vault for the acting country stays there. Until this transaction ends nothing of these
    materials is erased.
    """
    return {material for (material,) in fresh_rows("select gone_meanwhile(%s)", [list(materials)])}
