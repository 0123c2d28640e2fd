"""What users have spent of their budgets, and the alerts that this raises. The program reads no row of it but alerts.

One row is one record of another unit, or one bare hash, that a user got an answer about. It is written in the transaction
that shows it, after a lock on the user, so that requests at the same moment do not share what is left.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import models

from concord.access.actor import Actor
from concord.access.budget import WINDOW_HOURS, Meter, Spending, allowance, refusal
from concord.access.reading import NEAR_BITS, NEAR_QUESTIONS
from concord.config import Limits
from concord.database.acting import fresh_rows
from concord.records.assertion import one_of
from concord.records.country import Country, Unit
from concord.records.user import User
from concord.values import Coded

SPEND = "select fits, spent, bound, renews_at from spend(%s, %s::text[], %s, %s, %s, %s, %s, %s)"


class Spent(models.Model):
    """Of one user. `item`: a record's id, or a hash in hexadecimal."""

    number = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    meter = models.TextField()
    purpose = models.TextField()
    item = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "meter"
        constraints = [one_of("meter", Meter, "meter_meter")]
        indexes = [
            models.Index(fields=["user", "meter", "at"], name="meter_user"),
            models.Index(fields=["at"], name="meter_at"),
        ]


class AlertKind(Coded):
    READING = "READING"  # twice one's own norm of other units' records, over days
    NEAR_HASHES = "NEAR-HASHES"  # many bare hashes close to one another


class ReadingAlert(models.Model):
    """Somebody of the unit reads far more than he used to. For the unit's supervisors; never for himself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    owner_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.TextField()
    at = models.DateTimeField()
    count = models.IntegerField()  # of the records in three days, or of the near questions in a week
    norm = models.IntegerField(null=True)  # of the user himself, in three days; null: there is none
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    finding = models.TextField(null=True)  # in the supervisor's words

    class Meta:
        db_table = "reading_alert"
        constraints = [
            one_of("kind", AlertKind, "reading_alert_kind"),
            models.UniqueConstraint(
                fields=["owner_unit", "user", "kind"],
                condition=models.Q(acknowledged_at=None),
                name="reading_alert_open",
            ),
        ]


class Widening(models.Model):
    """More than the budget, for one user and 24 hours: asked by one person, confirmed by a second, neither of them the user."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    owner_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    meter = models.TextField()
    more = models.IntegerField()  # than the budget
    reason = models.TextField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "widening"
        constraints = [
            one_of("meter", Meter, "widening_meter"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("asked_by")),
                name="widening_two_persons",
            ),
            models.CheckConstraint(
                condition=~models.Q(user=models.F("asked_by"))
                & (models.Q(confirmed_by=None) | ~models.Q(user=models.F("confirmed_by"))),
                name="widening_not_oneself",
            ),
            models.CheckConstraint(condition=models.Q(more__gt=0, more__lte=1000), name="widening_more"),
        ]


def spend(actor: Actor, meter: Meter, items: Collection[str], limits: Limits, now: datetime) -> None:
    """In the transaction of the act that shows them. Raises BudgetSpent, which rolls the act back."""
    purpose = actor.stated_purpose
    if not items or (most := allowance(meter, actor.roles, purpose, limits)) is None:
        return
    values = [meter, list(items), most.of_purpose, most.in_all, now, WINDOW_HOURS, NEAR_BITS, NEAR_QUESTIONS]
    (found,) = fresh_rows(SPEND, values)
    spending = Spending(*found)
    if not spending.fits:
        raise refusal(meter, purpose, len(set(items)), spending)
