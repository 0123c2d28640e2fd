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
    END_SESSION = "END-SESSION"
    STEP_UP = "STEP-UP"  # somebody showed that it is he who sits there
    SHOW_ACCOUNT = "SHOW-ACCOUNT"  # one's own ways of signing in
    ADD_PASSKEY = "ADD-PASSKEY"
    REVOKE_PASSKEY = "REVOKE-PASSKEY"
    REVOKE_TOKEN = "REVOKE-TOKEN"  # noqa: S105  a word, no secret
    MAKE_RECOVERY_CODES = "MAKE-RECOVERY-CODES"
    INVITE = "INVITE"  # to make a passkey
    ADD_UNIT = "ADD-UNIT"
    ADD_USER = "ADD-USER"
    LIST_USERS = "LIST-USERS"
    DISABLE_USER = "DISABLE-USER"
    ENABLE_USER = "ENABLE-USER"
    NAME_BUREAU = "NAME-BUREAU"
    SET_PARTICIPATION = "SET-PARTICIPATION"
    GRANT = "GRANT"
    REVOKE = "REVOKE"
    CERTIFY = "CERTIFY"
    REVOKE_CERTIFICATES = "REVOKE-CERTIFICATES"
    READ_AUDIT = "READ-AUDIT"
    ASK_HASH = "ASK-HASH"  # by a bare perceptual hash, without the picture
    RESTRICT = "RESTRICT"  # narrow, widen or lift who may know
    SHOW_RESTRICTION = "SHOW-RESTRICTION"
    CHANGE_GROUP = "CHANGE-GROUP"  # make a sharing group, take in, take out
    LIST_GROUPS = "LIST-GROUPS"
    SUSPEND = "SUSPEND"
    LIFT_SUSPENSION = "LIFT-SUSPENSION"
    LIST_SUSPENSIONS = "LIST-SUSPENSIONS"
    LIST_ALERTS = "LIST-ALERTS"  # who asked about what is restricted in silence
    ANSWER_ALERT = "ANSWER-ALERT"
    COUNT_OVERDUE = "COUNT-OVERDUE"  # alerts, by country
    CLEAR_USER = "CLEAR-USER"  # for a handling code
    REQUEST_APPROVAL = "REQUEST-APPROVAL"  # of what needs two persons
    DECIDE = "DECIDE"  # on another's request
    LIST_DUTY = "LIST-DUTY"
    NAME_SECOND = "NAME-SECOND"  # of another country or the hub, where there are too few of one's own
    ERASE = "ERASE"
    EXPORT = "EXPORT"
    OPEN_GLASS = "OPEN-GLASS"  # see what is restricted, for an hour at most, in an emergency
    CLOSE_GLASS = "CLOSE-GLASS"
    LIST_GLASS = "LIST-GLASS"
    REVIEW_GLASS = "REVIEW-GLASS"
    PROPOSE = "PROPOSE"  # a change of what others say, or a merge
    ANSWER_PROPOSAL = "ANSWER-PROPOSAL"
    WITHDRAW_PROPOSAL = "WITHDRAW-PROPOSAL"
    DECIDE_PROPOSAL = "DECIDE-PROPOSAL"  # by the hub, when its clock has run out
    LIST_PROPOSALS = "LIST-PROPOSALS"
    SUPERVISE = "SUPERVISE"  # who of one's unit reads far more than he used to
    ANSWER_SUPERVISION = "ANSWER-SUPERVISION"
    WIDEN_BUDGET = "WIDEN-BUDGET"  # by two persons


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
        indexes = [
            models.Index(fields=["owner_country", "-at"], name="audit_entry_at"),
            models.Index(fields=["user", "-at", "id"], name="audit_entry_user"),
            models.Index(fields=["unit", "-at", "id"], name="audit_entry_unit"),
        ]


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
