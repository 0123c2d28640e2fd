"""Persons, victims or suspects, identified or not; and where they appear."""

from django.db import models

from concord.records.assertion import Assertion, one_of
from concord.records.material import Material
from concord.values import Coded


class Role(Coded):
    VICTIM = "VICTIM"
    SUSPECT = "SUSPECT"


class PersonState(Coded):
    """How far the inquiry is. A safeguarded person is an identified one."""

    UNIDENTIFIED = "UNIDENTIFIED"
    TENTATIVE = "TENTATIVE"
    IDENTIFIED = "IDENTIFIED"
    SAFEGUARDED = "SAFEGUARDED"

    @property
    def is_identified(self) -> bool:
        return self in (PersonState.IDENTIFIED, PersonState.SAFEGUARDED)


class Person(Assertion):
    """A person known from material. No name stands here: a neutral label of the owning unit does."""

    role = models.TextField()
    state = models.TextField(default=PersonState.UNIDENTIFIED)
    state_since = models.DateTimeField()
    label = models.TextField()
    # Null: it stands for itself. What others were merged into is not erased while they are: that would take them apart untold.
    merged_into = models.ForeignKey("self", models.RESTRICT, null=True, related_name="+")

    class Meta(Assertion.Meta):
        db_table = "person"
        constraints = [
            *Assertion.Meta.constraints,
            one_of("role", Role, "person_role"),
            one_of("state", PersonState, "person_state"),
        ]


class Appearance(Assertion):
    """A unit says: this person appears in this material."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")

    class Meta(Assertion.Meta):
        db_table = "appearance"
        constraints = [
            *Assertion.Meta.constraints,
            models.UniqueConstraint(fields=["owner_unit", "person", "material"], name="appearance_once"),
        ]
