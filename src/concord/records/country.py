"""Countries and their units: the directory that tells everyone whom to call. Kept by the administration."""

import uuid

from django.db import models


class Country(models.Model):
    """A participating country; its records are its own."""

    code = models.TextField(primary_key=True)  # ISO 3166-1 alpha-2
    name = models.TextField()

    class Meta:
        db_table = "country"
        constraints = [models.CheckConstraint(condition=models.Q(code__regex="^[A-Z]{2}$"), name="country_code")]


class Unit(models.Model):
    """A specialised police unit, and how to reach it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    country = models.ForeignKey(Country, models.PROTECT, related_name="+")
    name = models.TextField()
    channel = models.TextField()  # telephone, mail: as the unit wants to be reached
    hours = models.TextField()
    time_zone = models.TextField()  # IANA name

    class Meta:
        db_table = "unit"
        constraints = [models.UniqueConstraint(fields=["country", "name"], name="unit_name")]
