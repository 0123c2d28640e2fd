"""Who may know of a record. One kind works already: own country only."""

import uuid

from django.db import models

from concord.records.assertion import one_of
from concord.values import Coded


class RestrictionKind(Coded):
    OWN_COUNTRY = "OWN-COUNTRY"


class Restriction(models.Model):
    """Narrows the audience of what refers to it, until it ends. Others are not told that it exists."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey("records.Country", models.PROTECT, db_column="owner_country", related_name="+")
    owner_unit = models.ForeignKey("records.Unit", models.PROTECT, related_name="+")
    author = models.ForeignKey("records.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    kind = models.TextField()
    reason = models.TextField()
    until = models.DateTimeField(null=True)  # null: until it is lifted

    class Meta:
        db_table = "restriction"
        constraints = [one_of("kind", RestrictionKind, "restriction_kind")]
