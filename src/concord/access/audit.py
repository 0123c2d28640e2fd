"""The entry that proves who did what, why: written in the transaction of the act, a refusal in one of its own."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from concord.access.actor import Actor
from concord.database.acting import rows
from concord.database.array import Texts
from concord.values import Coded


class Verb(Coded):
    """What an officer does: one member an action."""

    ASK = "ASK"
    ENTER = "ENTER"
    IDENTIFY = "IDENTIFY"
    OPEN_CASE = "OPEN-CASE"
    ADD_PERSON = "ADD-PERSON"
    ADD_APPEARANCE = "ADD-APPEARANCE"
    OPEN_SERIES = "OPEN-SERIES"
    LIST_MATERIALS = "LIST-MATERIALS"
    OPEN_INTAKE = "OPEN-INTAKE"
    FILL_INTAKE = "FILL-INTAKE"
    SHOW_INTAKE = "SHOW-INTAKE"
    LIST_INTAKES = "LIST-INTAKES"
    ASK_INTAKE = "ASK-INTAKE"
    ERASE_INTAKE = "ERASE-INTAKE"
    ADD_ORDINARY = "ADD-ORDINARY"
    LIST_ORDINARY = "LIST-ORDINARY"
    REMOVE_ORDINARY = "REMOVE-ORDINARY"
    READ_STATEMENTS = "READ-STATEMENTS"  # what files say of themselves
    BEGIN_SESSION = "BEGIN-SESSION"  # of a program far away: it learns who it is
    UPLOAD = "UPLOAD"  # a part of a file that is to be asked about


class Outcome(Coded):
    DONE = "DONE"
    REFUSED = "REFUSED"


class AuditEntry(models.Model):
    """Append-only: the program may insert and read its own country's, nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    owner_country = models.TextField()
    unit = models.UUIDField()
    user = models.UUIDField()
    verb = models.TextField()
    outcome = models.TextField()
    reason = models.TextField(null=True)  # the code of a refusal
    purpose = models.TextField(null=True)  # null: refused for want of one
    item_count = models.IntegerField()
    items = ArrayField(models.TextField())  # what was asked or entered, by digest or record id

    class Meta:
        db_table = "audit_entry"
        indexes = [models.Index(fields=["owner_country", "-at"], name="audit_entry_at")]


@dataclass(slots=True)
class Entry:
    """An audit entry in the making: the action names what it touches as it goes."""

    verb: Verb
    items: list[str] = field(default_factory=list)

    def name(self, *items: object) -> None:
        self.items.extend(map(str, items))


# Plain SQL, not the ORM: this runs once an act, and a look-up is little more than this.
INSERT = """
insert into audit_entry (id, at, owner_country, unit, "user", verb, outcome, reason, purpose, item_count, items)
values (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def write(actor: Actor, verb: Verb, at: datetime, items: Sequence[str], refused: str | None = None) -> None:
    """Inserts the entry into the transaction that is open. `refused` is the code of the refusal."""
    outcome = Outcome.REFUSED if refused else Outcome.DONE
    purpose = actor.purpose.value if actor.purpose else None
    said = [at, actor.country, actor.unit, actor.user, verb, outcome, refused, purpose, len(items), Texts(items)]
    rows(INSERT, said)
