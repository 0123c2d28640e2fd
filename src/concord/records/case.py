"""Cases and contributions. A case is its country's own; a contribution is what a unit enters for all."""

from django.db import models

from concord.records.assertion import Assertion, one_of
from concord.values import Category


class Case(Assertion):
    """A national inquiry, under its national number, which other countries never see."""

    reference = models.TextField()

    class Meta(Assertion.Meta):
        db_table = "case"
        constraints = [
            *Assertion.Meta.constraints,
            models.UniqueConstraint(fields=["owner_unit", "reference"], name="case_reference"),
        ]


class Contribution(Assertion):
    """One act of entering: material selected from a case, with category and legal basis."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    category = models.TextField()

    class Meta(Assertion.Meta):
        db_table = "contribution"
        constraints = [*Assertion.Meta.constraints, one_of("category", Category, "contribution_category")]
