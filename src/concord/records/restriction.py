"""Who may know of a record. One kind works already: own country only."""

from django.db import models

from concord.records.assertion import Said, one_of
from concord.values import Coded


class RestrictionKind(Coded):
    OWN_COUNTRY = "OWN-COUNTRY"


class Restriction(Said):
    """Narrows the audience of what refers to it, until it ends. Others are not told that it exists."""

    kind = models.TextField()
    reason = models.TextField()
    until = models.DateTimeField(null=True)  # null: until it is lifted

    class Meta:
        db_table = "restriction"
        constraints = [one_of("kind", RestrictionKind, "restriction_kind")]
