"""What every owned record carries: who says it, for whom, when, why, and who may know."""

import enum
import uuid
from typing import ClassVar

from django.db import models

from concord.values import Basis, Purpose


def one_of(column: str, vocabulary: type[enum.StrEnum], name: str) -> models.CheckConstraint:
    """A constraint that holds a coded column to its vocabulary, in the database."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__in": [code.value for code in vocabulary]}), name=name
    )


class Said(models.Model):
    """Something a user says for a unit of a country."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey("records.Country", models.PROTECT, db_column="owner_country", related_name="+")
    owner_unit = models.ForeignKey("records.Unit", models.PROTECT, related_name="+")
    author = models.ForeignKey("records.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class Assertion(Said):
    """Something a unit says of the world. Its owner alone changes it; a restriction narrows who may know of it."""

    purpose = models.TextField()
    basis = models.TextField()
    restriction = models.ForeignKey("records.Restriction", models.PROTECT, null=True, related_name="+")
    suspended = models.BooleanField(default=False, db_default=False)  # by the hub: known to its owner and the hub alone

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("purpose", Purpose, "%(class)s_purpose"),
            one_of("basis", Basis, "%(class)s_basis"),
        ]
