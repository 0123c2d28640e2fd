"""Break-glass: in an emergency somebody sees what a restriction hides from him, at once and for an hour at most.

It lifts the bounds of audience (country, unit, group) of what one country restricts and not in silence; never a bound by use
or handling code, never a suspension. The clock stands in the policies (migrations/0007_duty.sql). Each opening is its own
review, which nobody can delete, and which a supervisor of the opener's and the owner close, each with a finding.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import models

from concord.access.actor import Actor
from concord.records.assertion import one_of
from concord.records.case import Case
from concord.records.country import Country, Unit
from concord.records.user import User, UserRole
from concord.values import Coded

LONGEST = timedelta(hours=1)


class Emergency(Coded):
    """Why it cannot wait for the owner."""

    DANGER = "DANGER"  # somebody is in danger now
    MISSING = "MISSING"  # of a missing person
    DEADLINE = "DEADLINE"  # of a court, a custody, evidence that will be gone
    UNREACHABLE = "UNREACHABLE"  # the owner's bureau does not answer


class Finding(Coded):
    JUSTIFIED = "JUSTIFIED"
    NOT_JUSTIFIED = "NOT-JUSTIFIED"


class Side(StrEnum):
    """Of a review."""

    OPENER = "OPENER"
    OWNER = "OWNER"


class GlassState(StrEnum):
    OPEN = "OPEN"
    IN_REVIEW = "IN_REVIEW"
    REVIEWED = "REVIEWED"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a review of it depends on."""

    opened_by: uuid.UUID
    unit: uuid.UUID
    country: str
    owner_country: str
    expires_at: datetime
    closed_at: datetime | None = None
    supervised_by: uuid.UUID | None = None
    answered_by: uuid.UUID | None = None

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.expires_at

    def state(self, now: datetime) -> GlassState:
        if self.is_open(now):
            return GlassState.OPEN
        return GlassState.REVIEWED if self.supervised_by and self.answered_by else GlassState.IN_REVIEW


OWNERS = frozenset({UserRole.SUPERVISOR, UserRole.DATA_PROTECTION, UserRole.NATIONAL_ADMINISTRATOR})


def side_of(actor: Actor, opened: Opened, is_bureau: bool) -> Side | None:
    """For which side somebody gives the finding; None: for neither. Nobody reviews what he opened, or for both sides."""
    if actor.user in (opened.opened_by, opened.supervised_by, opened.answered_by):
        return None
    supervises = UserRole.SUPERVISOR in actor.roles and (is_bureau or actor.unit == opened.unit)
    supervises = supervises or UserRole.DATA_PROTECTION in actor.roles
    if opened.supervised_by is None and actor.country == opened.country and supervises:
        return Side.OPENER
    if opened.answered_by is None and actor.country == opened.owner_country and actor.roles & OWNERS:
        return Side.OWNER
    return None


class Glass(models.Model):
    """One opening and its review. Owned by the country whose restricted records it showed, which sees it at once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    material = models.UUIDField(null=True)  # null: every material, or those of the case
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")  # the opener's own
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opener_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    opener_country = models.ForeignKey(Country, models.PROTECT, db_column="opener_country", related_name="+")
    seat = models.UUIDField()  # it is open there and nowhere else
    emergency = models.TextField()
    reason = models.TextField()
    purpose = models.TextField()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # null: by the clock alone
    supervised_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    supervised_at = models.DateTimeField(null=True)
    supervisor_finding = models.TextField(null=True)
    supervisor_words = models.TextField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    owner_finding = models.TextField(null=True)
    owner_words = models.TextField(null=True)

    class Meta:
        db_table = "glass"
        constraints = [
            one_of("emergency", Emergency, "glass_emergency"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("opened_at"))
                & models.Q(expires_at__lte=models.F("opened_at") + LONGEST),
                name="glass_within_an_hour",
            ),
        ]
        indexes = [models.Index(fields=["opened_by", "expires_at"], name="glass_open")]

    def opened(self) -> Opened:
        return Opened(
            self.opened_by_id, self.opener_unit_id, self.opener_country_id, self.owner_country_id, self.expires_at,
            self.closed_at, self.supervised_by_id, self.answered_by_id,
        )  # fmt: skip
