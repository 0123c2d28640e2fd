"""Sharing groups: countries and units that a unit shares with, under a name that restrictions refer to."""

import uuid

from django.db import models

from concord.records.assertion import Said
from concord.records.country import Country, Unit


class Group(Said):
    """A named circle, which belongs to the unit that made it. Known to that unit and to its members."""

    name = models.TextField()

    class Meta:
        db_table = "sharing_group"  # `group` is a reserved word
        constraints = [models.UniqueConstraint(fields=["owner_unit", "name"], name="sharing_group_name")]


class Member(models.Model):
    """A whole country, or one unit. Whoever is taken out learns nothing more from the next question on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    country = models.ForeignKey(Country, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "group_member"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(country=None) ^ models.Q(unit=None), name="group_member_country_or_unit"
            ),
            models.UniqueConstraint(fields=["group", "country"], name="group_member_country"),
            models.UniqueConstraint(fields=["group", "unit"], name="group_member_unit"),
        ]
