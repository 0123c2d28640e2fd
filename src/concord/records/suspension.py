"""Suspensions: the one thing that the hub may do to what others say. It hides an assertion from all but its owner."""

import uuid

from django.db import models

from concord.records.assertion import one_of
from concord.records.country import Country, Unit
from concord.records.user import User
from concord.values import Coded


class Subject(Coded):
    """Kinds of assertions, by their tables."""

    CONTRIBUTION = "CONTRIBUTION"
    INSTANCE = "INSTANCE"
    STATEMENT = "STATEMENT"
    PERSON = "PERSON"
    APPEARANCE = "APPEARANCE"
    SERIES = "SERIES"
    MEMBERSHIP = "MEMBERSHIP"

    @property
    def table(self) -> str:
        return self.value.lower()


class Suspension(models.Model):
    """By whom, why, since when; until it is lifted. Known to the hub, and to the unit whose assertion it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    owner_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # whose assertion it is
    subject = models.TextField()
    record = models.UUIDField()
    reason = models.TextField()
    suspended_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "suspension"
        constraints = [one_of("subject", Subject, "suspension_subject")]
        indexes = [models.Index(fields=["record"], name="suspension_record")]
