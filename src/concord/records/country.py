"""Countries and their units: the directory that tells everyone whom to call. Kept by the administration."""

import uuid

from django.db import models

from concord.records.assertion import one_of
from concord.values import Coded


class Participation(Coded):
    """How far a country takes part. Many have no law or no unit for more; each is a full member."""

    FULL = "FULL"
    HASH_ONLY = "HASH-ONLY"  # asks, and enters digests; its files stay at home
    REFERRAL_ONLY = "REFERRAL-ONLY"  # gets what others refer to it; neither asks nor enters
    READ_ONLY = "READ-ONLY"  # asks; enters nothing


class Country(models.Model):
    """A participating country; its records are its own. The hub stands here as well: its staff has no country."""

    code = models.TextField(primary_key=True)  # ISO 3166-1 alpha-2; of the hub a user-assigned one
    name = models.TextField()
    participation = models.TextField(default=Participation.FULL)
    is_hub = models.BooleanField(default=False)

    class Meta:
        db_table = "country"
        constraints = [
            models.CheckConstraint(condition=models.Q(code__regex="^[A-Z]{2}$"), name="country_code"),
            models.UniqueConstraint(fields=["is_hub"], condition=models.Q(is_hub=True), name="country_one_hub"),
            one_of("participation", Participation, "country_participation"),
        ]


class Unit(models.Model):
    """A specialised police unit, and how to reach it. One of each country's is its National Central Bureau."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    country = models.ForeignKey(Country, models.PROTECT, related_name="+")
    name = models.TextField()
    channel = models.TextField()  # telephone, mail: as the unit wants to be reached
    hours = models.TextField()
    time_zone = models.TextField()  # IANA name
    is_bureau = models.BooleanField(default=False)

    class Meta:
        db_table = "unit"
        constraints = [
            models.UniqueConstraint(fields=["country", "name"], name="unit_name"),
            models.UniqueConstraint(fields=["country"], condition=models.Q(is_bureau=True), name="unit_one_bureau"),
        ]
