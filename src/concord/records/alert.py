"""What the owner of something silently restricted learns: that somebody asked about it. The asker learns nothing.

An ask leaves one trace whether or not it met anything silent, so that both are the same work. Traces become alerts when
somebody looks, or while a server runs (docs/adr/0010).
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from concord.records.country import Country, Unit
from concord.records.material import Material
from concord.records.user import User


class Trace(models.Model):
    """What one transaction of questions met in silence: mostly nothing. The program can neither read nor write it."""

    number = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    purpose = models.TextField()
    met = ArrayField(models.UUIDField())  # instances

    class Meta:
        db_table = "ask_trace"


class Alert(models.Model):
    """A unit of another audience asked about a material that this unit holds in silence, once or several times. It belongs
    to the holder, who has to answer until `due_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    owner_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    basis = models.TextField()  # of the holding: for training, or real
    asker_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    purpose = models.TextField()  # of the question
    at = models.DateTimeField()  # of the first question
    last_at = models.DateTimeField()
    times = models.IntegerField()
    due_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)  # null: not answered yet
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered = models.TextField(null=True)  # what was done about it, in the owner's words

    class Meta:
        db_table = "alert"
        constraints = [
            models.UniqueConstraint(
                fields=["owner_unit", "material", "asker_unit", "purpose"],
                condition=models.Q(acknowledged_at=None),
                name="alert_open",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(acknowledged_at=None), name="alert_due")]
