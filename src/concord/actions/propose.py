"""*Propose*: what others say is theirs to change. Others propose, owners agree or refuse; what is one's own is done at once.

A merge touches all who own the series or persons, or what these were merged into, and all who said something of those that go,
as far as the proposer knows of them. It waits until each has agreed; when its clock has run out, the hub decides. An edit that
its owner does not answer lapses: nobody changes in his place what he says.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from django.db import IntegrityError, transaction

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.rules import acts_for_the_hub, all_of, demand
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.actions.restrict import find
from concord.database.acting import before_anybody, fresh_rows, rows
from concord.errors import AlreadyThere, NoReason, ProposalOver, UnfitProposal, UnknownRecord
from concord.records.answer import Owner
from concord.records.person import Appearance, Person, PersonState, Role
from concord.records.proposal import Proposal, ProposalKind, ProposalState, ProposalSubject, ProposalVoice
from concord.records.series import Membership, Series
from concord.records.suspension import Subject
from concord.values import Category, readable_name

MERGES = {Subject.SERIES: ProposalKind.MERGE_SERIES, Subject.PERSON: ProposalKind.MERGE_PERSONS}
MOST_MERGED = 20  # at once
NONE = "none"  # the value that takes a merge back

OPEN = "select open_proposal(%s, %s, %s, %s, %s, %s, %s::uuid[], %s::uuid[], %s, %s)"
may_decide = all_of(acts_for_the_hub)


class Proposed(msgspec.Struct, frozen=True):
    """`state` DONE: it was one's own to do."""

    proposal: UUID
    state: ProposalState


class Voice(msgspec.Struct, frozen=True):
    """A unit that is concerned. `agreed` None: it has not answered."""

    owner: Owner
    agreed: bool | None
    words: str | None


class ToldProposal(msgspec.Struct, frozen=True):
    """`voices`: all of them for whoever proposed it, and for the hub; else one's own."""

    proposal: UUID
    kind: ProposalKind
    subject: Subject
    records: Sequence[UUID]  # of a merge the first stays
    field: str | None
    value: str | None
    reason: str
    by: Owner
    at: datetime
    due_at: datetime
    state: ProposalState
    decision: str | None
    voices: Sequence[Voice]


# ---- proposing --------------------------------------------------------------------------------------------------------


def _taken_back(what: str, text: str) -> None:
    """A merge is taken back; another is a proposal of its own."""
    if text != NONE:
        raise UnfitProposal(cause=f"{what} can only be set to {NONE}; propose a merge for anything else")


FIELDS: Mapping[tuple[Subject, str], Callable[[str, str], str | None]] = {
    (Subject.SERIES, "name"): readable_name,
    (Subject.SERIES, "merged_into"): _taken_back,
    (Subject.PERSON, "label"): readable_name,
    (Subject.PERSON, "role"): lambda _, text: Role.parse(text),
    (Subject.PERSON, "state"): lambda _, text: PersonState.parse(text),
    (Subject.PERSON, "merged_into"): _taken_back,
    (Subject.CONTRIBUTION, "category"): lambda _, text: Category.parse(text),
}


def propose_edit(
    installation: Installation, actor: Actor, subject: Subject, record: UUID, field: str, value: str, reason: str
) -> Proposed:
    """Raises UnfitProposal, UnknownCode, UnfitName, TooLong, NoReason, UnknownRecord, AlreadyThere, NotAllowed."""
    if (subject, field) not in FIELDS:
        known = ", ".join(f"{one.lower()} {name}" for one, name in FIELDS)
        raise UnfitProposal(cause=f"of a {subject.lower()} there is no {field} to change. Known are: {known}")
    wanted = FIELDS[subject, field](field, value)
    return _opened(installation, actor, ProposalKind.EDIT, subject, [record], reason, field, wanted)


def propose_merge(
    installation: Installation, actor: Actor, subject: Subject, records: Sequence[UUID], reason: str
) -> Proposed:
    """The first stays, and what is said of the others counts for it. Raises as `propose_edit`."""
    if subject not in MERGES:
        raise UnfitProposal(cause="only series and persons are merged")
    if not 2 <= len(set(records)) == len(records) <= MOST_MERGED:
        raise UnfitProposal(cause=f"2 to {MOST_MERGED} different ones are merged at once")
    return _opened(installation, actor, MERGES[subject], subject, records, reason)


def _opened(
    installation: Installation,
    actor: Actor,
    kind: ProposalKind,
    subject: Subject,
    records: Sequence[UUID],
    reason: str,
    field: str | None = None,
    value: str | None = None,
) -> Proposed:
    if not reason.strip():
        raise NoReason
    proposal, now = uuid4(), installation.clock()
    due = now + timedelta(days=installation.config.limits.proposal_days)
    with act(actor, Verb.PROPOSE, installation.clock) as entry:
        entry.name(proposal, kind, subject, *records)
        found = [find(subject, record) for record in records]
        if len({one.role for one in found if isinstance(one, Person)}) > 1:
            raise UnfitProposal(cause="a victim and a suspect are not merged; propose another role first")
        others = [*_who_said_of(subject, records[1:]), *_who_owns_what_stays(subject, records)] if kind.is_merge else []
        said = [proposal, kind, field, value, reason, subject, list(records), others, now, due]
        state = _carried(OPEN, said, str(field), str(value))
        if state is None:
            raise UnknownRecord(what=subject.table, name=records[0])
    return Proposed(proposal, state)


def _who_said_of(subject: Subject, gone: Sequence[UUID]) -> list[UUID]:
    """Units whose assertions would count for another record, as far as the actor knows of these assertions."""
    if subject is Subject.SERIES:
        return sorted(set(Membership.objects.filter(series__in=gone).values_list("owner_unit_id", flat=True)))
    return sorted(set(Appearance.objects.filter(person__in=gone).values_list("owner_unit_id", flat=True)))


def _who_owns_what_stays(subject: Subject, merged: Sequence[UUID]) -> list[UUID]:
    """Of what these were merged into before, as far as the actor knows of it."""
    if subject is Subject.SERIES:
        series = Series.objects.filter(pk__in=Series.objects.filter(pk__in=merged).values("merged_into"))
        return sorted(set(series.values_list("owner_unit_id", flat=True)))
    persons = Person.objects.filter(pk__in=Person.objects.filter(pk__in=merged).values("merged_into"))
    return sorted(set(persons.values_list("owner_unit_id", flat=True)))


# ---- answering ----------------------------------------------------------------------------------------------------------


def answer_proposal(
    installation: Installation, actor: Actor, proposal: UUID, agrees: bool, words: str = ""
) -> ProposalState:
    """For one's unit. The last to agree has it done; who refuses ends it, and says why.

    Raises UnknownRecord, ProposalOver, NoReason, AlreadyThere, NotAllowed.
    """
    if not agrees and not words.strip():
        raise NoReason
    statement = "select answer_proposal(%s, %s, %s, %s)"
    return _stepped(installation, actor, Verb.ANSWER_PROPOSAL, statement, proposal, [agrees, words or None])


def withdraw_proposal(installation: Installation, actor: Actor, proposal: UUID) -> ProposalState:
    """By the unit that made it. Raises UnknownRecord, ProposalOver, NotAllowed."""
    return _stepped(installation, actor, Verb.WITHDRAW_PROPOSAL, "select withdraw_proposal(%s, %s)", proposal, [])


def decide_proposal(
    installation: Installation, actor: Actor, proposal: UUID, accepts: bool, words: str
) -> ProposalState:
    """By the hub, of what ran out of time, with its reason. Raises UnknownRecord, ProposalOver, NoReason, NotAllowed."""
    if not words.strip():
        raise NoReason
    statement = "select decide_proposal(%s, %s, %s, %s)"
    return _stepped(installation, actor, Verb.DECIDE_PROPOSAL, statement, proposal, [accepts, words])


def _stepped(
    installation: Installation, actor: Actor, verb: Verb, statement: str, proposal: UUID, said: list[object]
) -> ProposalState:
    settle_proposals(installation)
    with act(actor, verb, installation.clock) as entry:
        entry.name(proposal)
        found = Proposal.objects.filter(pk=proposal).first()
        if found is None:
            raise UnknownRecord(what="proposal", name=proposal)
        if verb is Verb.DECIDE_PROPOSAL:
            demand(may_decide, actor, found)
        state = _carried(statement, [proposal, *said, installation.clock()], "proposal", str(found.value))
        if state is None:
            raise ProposalOver(proposal=proposal)
        entry.name(state)
    return state


def _carried(statement: str, said: list[object], what: str, name: str) -> ProposalState | None:
    """What the database says of a step; None: it was not to be taken. Raises AlreadyThere for a name that the owner has."""
    try:
        with transaction.atomic():
            ((state,),) = fresh_rows(statement, said)
    except IntegrityError:
        raise AlreadyThere(what=what, name=name) from None
    return None if state is None else ProposalState(state)


def settle_proposals(installation: Installation) -> None:
    """Lets the clocks run out. Nobody acts, and nothing is told: a server does it as it runs."""
    with before_anybody():
        rows("select settle_proposals(%s)", [installation.clock()])


# ---- looking ------------------------------------------------------------------------------------------------------------


def list_proposals(installation: Installation, actor: Actor, all_of_them: bool = False) -> list[ToldProposal]:
    """One's unit's, and those that it is asked about; at the hub those that it has to decide. The most urgent first."""
    settle_proposals(installation)
    with act(actor, Verb.LIST_PROPOSALS, installation.clock) as entry:
        found = Proposal.objects.select_related("owner_unit").order_by("due_at", "id")
        if not all_of_them:
            found = found.filter(state__in=[ProposalState.OPEN, ProposalState.ESCALATED])
        proposals = list(found)
        subjects = list(ProposalSubject.objects.filter(proposal__in=proposals).order_by("position"))
        voices = list(ProposalVoice.objects.filter(proposal__in=proposals).select_related("owner_unit"))
        entry.name(*(one.id for one in proposals))
    return [_told(one, subjects, voices) for one in proposals]


def _told(one: Proposal, subjects: Sequence[ProposalSubject], voices: Sequence[ProposalVoice]) -> ToldProposal:
    its = [subject for subject in subjects if subject.proposal_id == one.id]
    said = [
        Voice(Owner(voice.owner_country_id, voice.owner_unit.name), voice.agreed, voice.words)
        for voice in voices
        if voice.proposal_id == one.id
    ]
    return ToldProposal(
        proposal=one.id,
        kind=ProposalKind(one.kind),
        subject=Subject(its[0].subject),
        records=[subject.record for subject in its],
        field=one.field,
        value=one.value,
        reason=one.reason,
        by=Owner(one.owner_country_id, one.owner_unit.name),
        at=one.recorded_at,
        due_at=one.due_at,
        state=ProposalState(one.state),
        decision=one.decision,
        voices=sorted(said, key=lambda voice: (voice.owner.country, voice.owner.unit)),
    )
