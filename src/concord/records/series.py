"""Series: material that belongs together, under a neutral number."""

from django.db import models

from concord.records.assertion import Assertion
from concord.records.material import Material


class Series(Assertion):
    """A series, named by its owner with a neutral word or number."""

    name = models.TextField()
    # Null: it stands for itself. What others were merged into is not erased while they are: that would take them apart untold.
    merged_into = models.ForeignKey("self", models.RESTRICT, null=True, related_name="+")

    class Meta(Assertion.Meta):
        db_table = "series"
        constraints = [
            *Assertion.Meta.constraints,
            models.UniqueConstraint(fields=["owner_unit", "name"], name="series_name"),
        ]


class Membership(Assertion):
    """A unit says: this material belongs to this series."""

    series = models.ForeignKey(Series, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")

    class Meta(Assertion.Meta):
        db_table = "membership"
        constraints = [
            *Assertion.Meta.constraints,
            models.UniqueConstraint(fields=["owner_unit", "series", "material"], name="membership_once"),
        ]
