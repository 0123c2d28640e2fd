"""Who may know of a record: bounds that all have to admit whoever asks. What has no restriction, everybody may know of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from concord.records.assertion import Said, one_of
from concord.values import Coded


class Handling(Coded):
    """How a record must be handled, and up to which of them a user is cleared; in this order."""

    OFFICIAL = "OFFICIAL"
    RESTRICTED = "RESTRICTED"
    CONFIDENTIAL = "CONFIDENTIAL"

    @property
    def rank(self) -> int:
        return list(Handling).index(self)


class Restriction(Said):
    """Narrows the audience of what refers to it, until it ends or is lifted. It belongs to the unit that gave it, which alone
    changes it. Of the bounds null is no bound, and an empty one admits nobody else. The owner's country counts as one of
    the countries and groups, the owner's unit as everything.
    """

    reason = models.TextField()
    countries = ArrayField(models.TextField(), null=True)  # their codes
    units = ArrayField(models.UUIDField(), null=True)  # of the own country as well
    groups = ArrayField(models.UUIDField(), null=True)  # sharing groups; a member of one is admitted
    purposes = ArrayField(models.TextField(), null=True)  # what it may be used for
    handling = models.TextField(
        default=Handling.OFFICIAL, db_default=Handling.OFFICIAL.value
    )  # the clearance that it needs
    silent = models.BooleanField(default=False, db_default=False)  # others learn not even whom to contact
    until = models.DateTimeField(null=True)  # null: until it is lifted
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "restriction"
        constraints = [one_of("handling", Handling, "restriction_handling")]
