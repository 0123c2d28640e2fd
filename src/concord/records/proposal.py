"""Proposals: what somebody else says is its owner's alone to change. Others propose; each owner concerned agrees or refuses."""

import uuid
from collections.abc import Sequence

from django.db import models

from concord.records.assertion import Said, one_of
from concord.records.country import Country, Unit
from concord.records.user import User
from concord.values import Basis, Coded


class ProposalKind(Coded):
    EDIT = "EDIT"  # of one column of one assertion
    MERGE_SERIES = "MERGE-SERIES"  # the first of them stays
    MERGE_PERSONS = "MERGE-PERSONS"

    @property
    def is_merge(self) -> bool:
        return self is not ProposalKind.EDIT


class ProposalState(Coded):
    OPEN = "OPEN"  # the owners have time to answer
    ESCALATED = "ESCALATED"  # their time is over: the hub decides, unless they still do
    DONE = "DONE"
    REFUSED = "REFUSED"  # by an owner
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"  # an edit that its owner did not answer in time
    DECLINED = "DECLINED"  # by the hub

    @property
    def is_over(self) -> bool:
        return self not in (ProposalState.OPEN, ProposalState.ESCALATED)


def when_time_is_over(kind: ProposalKind) -> ProposalState:
    """The hub decides what lies between several owners. What one owner says, nobody changes in his place."""
    return ProposalState.ESCALATED if kind.is_merge else ProposalState.LAPSED


def after_answers(state: ProposalState, answers: Sequence[bool | None]) -> ProposalState:
    """Where a proposal stands that was `state`; one answer an owner concerned, None while there is none."""
    if state.is_over:
        return state
    if False in answers:
        return ProposalState.REFUSED
    return state if None in answers else ProposalState.DONE


class Proposal(Said):
    """What is proposed, by the unit that owns this row, and why."""

    kind = models.TextField()
    field = models.TextField(null=True)  # of an edit: the column, and the value that it shall have
    value = models.TextField(null=True)
    reason = models.TextField()
    basis = models.TextField()  # of what it is about: for training, or real
    state = models.TextField(default=ProposalState.OPEN)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: by its clock, or not yet
    decision = models.TextField(null=True)  # in the words of whoever decided

    class Meta:
        db_table = "proposal"
        constraints = [
            one_of("kind", ProposalKind, "proposal_kind"),
            one_of("state", ProposalState, "proposal_state"),
            one_of("basis", Basis, "proposal_basis"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="OPEN"), name="proposal_due")]


class ProposalSubject(models.Model):
    """A record that it is about. Whoever may not know of all of them sees nothing of the proposal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="+")
    position = models.IntegerField()  # 0: what stays
    subject = models.TextField()  # as records/suspension.py names kinds of assertions
    record = models.UUIDField()

    class Meta:
        db_table = "proposal_subject"
        constraints = [models.UniqueConstraint(fields=["proposal", "position"], name="proposal_subject_once")]


class ProposalVoice(models.Model):
    """A unit that is concerned, as it owns something that the proposal touches; and its answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="+")
    owner_country = models.ForeignKey(Country, models.PROTECT, db_column="owner_country", related_name="+")
    owner_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    agreed = models.BooleanField(null=True)  # null: it has not answered
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    words = models.TextField(null=True)

    class Meta:
        db_table = "proposal_voice"
        constraints = [models.UniqueConstraint(fields=["proposal", "owner_unit"], name="proposal_voice_once")]
