"""Others propose, owners agree or refuse, the hub decides what runs out of time; what is one's own is done at once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction
from django.db.models import RestrictedError
from django.db.utils import IntegrityError, ProgrammingError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from concord.access.actor import Actor
from concord.access.audit import AuditEntry
from concord.actions.enrol import OWNER
from concord.actions.installation import Installation
from concord.actions.propose import (
    answer_proposal,
    decide_proposal,
    list_proposals,
    propose_edit,
    propose_merge,
    settle_proposals,
    withdraw_proposal,
)
from concord.actions.restrict import Bounds, restrict
from concord.actions.say import add_appearance, add_person, open_series
from concord.database.acting import fresh_rows
from concord.errors import AlreadyThere, NoReason, NotAllowed, ProposalOver, UnfitProposal, UnknownCode, UnknownRecord
from concord.records.answer import State
from concord.records.person import Person, PersonState, Role
from concord.records.proposal import Proposal, ProposalKind, ProposalState, after_answers, when_time_is_over
from concord.records.series import Series
from concord.records.suspension import Subject
from concord.values import utc_now
from tests.desk import Desk, Desks
from tests.officers import Officers
from tests.people import at_the_hub

WHY = "the same room"


@pytest.fixture
def hub() -> Actor:
    return at_the_hub()


@dataclass
class Hours:
    """A clock that is set by hand."""

    now: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.now


def _series(installation: Installation, actor: Actor) -> UUID:
    return open_series(installation, actor, f"S-{uuid4().hex[:8]}")


def _into(series: UUID) -> UUID | None:
    return Series.objects.using(OWNER).values_list("merged_into", flat=True).get(pk=series)


def _person(installation: Installation, actor: Actor) -> UUID:
    return add_person(installation, actor, Role.VICTIM, "P")


# ---- edits ---------------------------------------------------------------------------------------------------------------


def test_the_owners_edit_is_done_at_once(desk: Desk) -> None:
    person = _person(desk.installation, desk.actor)
    made = propose_edit(desk.installation, desk.actor, Subject.PERSON, person, "state", "identified", WHY)
    assert made.state is ProposalState.DONE
    assert Person.objects.using(OWNER).get(pk=person).state == PersonState.IDENTIFIED


def test_anothers_edit_waits_for_the_owner(desks: Desks) -> None:
    ours, theirs, third = desks.of("XA"), desks.of("XB"), desks.of("XC")
    person = _person(ours.installation, ours.actor)
    made = propose_edit(ours.installation, theirs.actor, Subject.PERSON, person, "role", "suspect", WHY)
    assert made.state is ProposalState.OPEN
    assert Person.objects.using(OWNER).get(pk=person).role == Role.VICTIM
    assert list_proposals(ours.installation, third.actor) == []
    for actor, error in ((third.actor, UnknownRecord), (theirs.actor, ProposalOver)):
        with pytest.raises(error):
            answer_proposal(ours.installation, actor, made.proposal, True)
    (told,) = list_proposals(ours.installation, ours.actor)
    assert (told.records, told.field, told.value, told.reason) == ([person], "role", "SUSPECT", WHY)
    assert answer_proposal(ours.installation, ours.actor, made.proposal, True) is ProposalState.DONE
    assert Person.objects.using(OWNER).get(pk=person).role == Role.SUSPECT
    with pytest.raises(ProposalOver):
        withdraw_proposal(ours.installation, theirs.actor, made.proposal)


def test_what_cannot_be_changed_cannot_be_proposed(desk: Desk) -> None:
    person = _person(desk.installation, desk.actor)
    installation, actor = desk.installation, desk.actor
    for name, value, error in (
        ("owner_unit_id", str(uuid4()), UnfitProposal),
        ("state", "anything", UnknownCode),
        ("merged_into", str(uuid4()), UnfitProposal),
    ):
        with pytest.raises(error):
            propose_edit(installation, actor, Subject.PERSON, person, name, value, WHY)
    with pytest.raises(NoReason):
        propose_edit(installation, actor, Subject.PERSON, person, "label", "P-2", " ")
    for records in ([person], [person, person]):
        with pytest.raises(UnfitProposal):
            propose_merge(installation, actor, Subject.PERSON, records, WHY)
    with pytest.raises(UnknownRecord):
        propose_merge(installation, actor, Subject.PERSON, [person, uuid4()], WHY)


def test_a_name_that_the_owner_has_already_is_refused_when_it_would_be_given(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    open_series(ours.installation, ours.actor, "S-1")
    other = _series(ours.installation, ours.actor)
    made = propose_edit(ours.installation, theirs.actor, Subject.SERIES, other, "name", "S-1", WHY)
    with pytest.raises(AlreadyThere):
        answer_proposal(ours.installation, ours.actor, made.proposal, True)
    assert answer_proposal(ours.installation, ours.actor, made.proposal, False, "taken") is ProposalState.REFUSED


def test_an_edit_that_nobody_answers_lapses_and_the_hub_has_no_say(desks: Desks, hub: Actor) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    clock = Hours()
    installation = replace(ours.installation, clock=clock)
    series = _series(installation, ours.actor)
    made = propose_edit(installation, theirs.actor, Subject.SERIES, series, "name", "another", WHY)
    clock.now += timedelta(days=14)
    with pytest.raises(UnknownRecord):
        decide_proposal(installation, hub, made.proposal, True, WHY)
    (told,) = list_proposals(installation, theirs.actor, True)
    assert told.state is ProposalState.LAPSED
    with ours.actor.acting(clock()):
        assert not Series.objects.filter(pk=series, name="another").exists()
    with theirs.actor.acting(clock()):
        assert AuditEntry.objects.filter(user=theirs.actor.user, reason="lapsed").count() == 1


# ---- merges --------------------------------------------------------------------------------------------------------------


def test_a_merge_waits_for_everyone_whom_it_touches(desks: Desks) -> None:
    """The owners of the persons, and whoever said that the one who goes appears somewhere."""
    ours, theirs, third, proposer = (desks.of(code) for code in ("XA", "XB", "XC", "XD"))
    kept, gone = _person(ours.installation, ours.actor), _person(theirs.installation, theirs.actor)
    (line,) = third.enter(third.picture("a.jpg"))
    assert line.material
    add_appearance(third.installation, third.actor, gone, line.material)
    made = propose_merge(ours.installation, proposer.actor, Subject.PERSON, [kept, gone], WHY)
    (told,) = list_proposals(ours.installation, proposer.actor)
    assert [one.owner.country for one in told.voices] == ["XA", "XB", "XC"]
    (seen,) = list_proposals(ours.installation, third.actor)
    assert [one.owner.unit for one in seen.voices] == [third.actor.unit_name]  # not the others' answers
    for desk in (third, ours):
        assert answer_proposal(ours.installation, desk.actor, made.proposal, True) is ProposalState.OPEN
        assert Person.objects.using(OWNER).get(pk=gone).merged_into_id is None
    assert answer_proposal(ours.installation, theirs.actor, made.proposal, True) is ProposalState.DONE
    assert Person.objects.using(OWNER).get(pk=gone).merged_into_id == kept


def test_who_may_not_know_of_a_part_is_not_told_that_there_is_one(desks: Desks, hub: Actor) -> None:
    ours, theirs, proposer = (desks.of(code) for code in ("XA", "XB", "XD"))
    clock = Hours()
    installation = replace(ours.installation, clock=clock)
    kept, hidden = _series(installation, ours.actor), _series(installation, theirs.actor)
    bounds = Bounds(reason="an operation", countries=["XD"])
    restrict(installation, theirs.actor, Subject.SERIES, hidden, bounds)
    made = propose_merge(installation, proposer.actor, Subject.SERIES, [kept, hidden], WHY)
    assert list_proposals(installation, ours.actor) == []
    with pytest.raises(UnknownRecord):
        answer_proposal(installation, ours.actor, made.proposal, True)
    assert answer_proposal(installation, theirs.actor, made.proposal, True) is ProposalState.OPEN
    clock.now += timedelta(days=14)
    assert made.proposal in [one.proposal for one in list_proposals(installation, hub)]
    assert decide_proposal(installation, hub, made.proposal, True, "it is the same") is ProposalState.DONE
    assert _into(hidden) == kept


def test_merges_lead_in_one_step_to_what_stays_and_are_taken_back_by_their_owner(desk: Desk) -> None:
    installation, actor = desk.installation, desk.actor
    one, two, three = (_series(installation, actor) for _ in range(3))
    propose_merge(installation, actor, Subject.SERIES, [two, three], WHY)
    propose_merge(installation, actor, Subject.SERIES, [one, two], WHY)
    assert [_into(series) for series in (one, two, three)] == [None, one, one]
    propose_merge(installation, actor, Subject.SERIES, [three, one], WHY)  # no ring
    assert [_into(series) for series in (one, two, three)] == [None, one, one]
    propose_edit(installation, actor, Subject.SERIES, three, "merged_into", "none", WHY)
    assert _into(three) is None


@pytest.mark.parametrize("make", [_series, _person])
def test_what_others_were_merged_into_is_not_erased_while_they_are(desks: Desks, make: Callable[..., UUID]) -> None:
    """Not by the owner of the tables either; what was merged goes by itself or with it, and both once it is taken back."""
    ours, theirs = desks.of("XA"), desks.of("XB")
    installation = ours.installation
    kind, subject = (Series, Subject.SERIES) if make is _series else (Person, Subject.PERSON)
    stays, first, second = (make(installation, ours.actor) for _ in range(3))
    foreign = make(installation, theirs.actor)
    propose_merge(installation, ours.actor, subject, [stays, first, second], WHY)
    made = propose_merge(installation, ours.actor, subject, [stays, foreign], WHY)
    assert answer_proposal(installation, theirs.actor, made.proposal, True) is ProposalState.DONE
    kept = kind._default_manager.using(OWNER)
    kept.get(pk=first).delete()
    with pytest.raises(RestrictedError):
        kept.get(pk=stays).delete()
    with pytest.raises(IntegrityError), transaction.atomic(OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(f"delete from {kind._meta.db_table} where id = %s", [stays])
        cursor.execute("set constraints all immediate")
    assert set(kept.filter(merged_into=stays).values_list("pk", flat=True)) == {second, foreign}
    asked = propose_edit(installation, ours.actor, subject, foreign, "merged_into", "none", "it is to be erased")
    assert asked.state is ProposalState.OPEN  # theirs to take back
    assert answer_proposal(installation, theirs.actor, asked.proposal, True) is ProposalState.DONE
    kept.filter(pk__in=[stays, second]).delete()
    assert kept.get(pk=foreign).merged_into_id is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_was_merged_into_anothers_does_not_carry_it_away_nor_add_to_it(
    desks: Desks, order: tuple[int, int]
) -> None:
    """Whoever merged his own into another's may not merge that other's as if it were his."""
    ours, theirs = desks.of("XA"), desks.of("XB")
    installation = ours.installation
    foreign, *own = (
        _person(installation, theirs.actor),
        _person(installation, ours.actor),
        _person(installation, ours.actor),
    )
    agreed = propose_merge(installation, ours.actor, Subject.PERSON, [foreign, own[0]], WHY)
    answer_proposal(installation, theirs.actor, agreed.proposal, True)
    kept, gone = (own[one] for one in order)
    asked = propose_merge(installation, ours.actor, Subject.PERSON, [kept, gone], WHY)
    assert asked.state is ProposalState.OPEN  # what stays is theirs, and they are asked
    withdraw_proposal(installation, ours.actor, asked.proposal)
    restrict(installation, theirs.actor, Subject.PERSON, foreign, Bounds(reason="an operation", countries=["XB"]))
    hidden = propose_merge(installation, ours.actor, Subject.PERSON, [kept, gone], WHY)
    assert hidden.state is ProposalState.DONE  # as if there were no other: it is left out of it
    into = dict(Person.objects.using(OWNER).filter(pk__in=[foreign, *own]).values_list("pk", "merged_into"))
    assert into == {foreign: None, kept: None, gone: kept}


def test_answers_follow_a_merge(desks: Desks) -> None:
    """Whoever was merged is as far identified as the person that stays, and the series has the name of the one that stays."""
    ours, theirs = desks.of("XA"), desks.of("XB")
    installation, actor = ours.installation, ours.actor
    open_series(installation, actor, "S-gone")
    (line,) = ours.enter(ours.picture("a.jpg"), series="S-gone")
    assert line.material
    kept, gone, third = (_person(installation, actor) for _ in range(3))
    add_appearance(installation, actor, gone, line.material)
    add_appearance(installation, actor, kept, line.material)
    propose_edit(installation, actor, Subject.PERSON, third, "state", "identified", WHY)
    (before,) = theirs.ask_texts([str(line.sha256)])
    assert (before.answer, before.victims.recorded, before.matches[0].series) == (State.KNOWN, 2, ("S-gone",))
    propose_merge(installation, actor, Subject.PERSON, [kept, gone, third], WHY)
    stays = open_series(installation, actor, "S-stays")
    with actor.acting(utc_now()):
        was = Series.objects.get(name="S-gone", owner_unit_id=actor.unit).id
    propose_merge(installation, actor, Subject.SERIES, [stays, was], WHY)
    (after,) = theirs.ask_texts([str(line.sha256)])
    assert (after.answer, after.victims.recorded, after.victims.identified) == (State.IDENTIFIED, 1, 1)
    assert after.matches[0].series == ("S-stays",)
    for subject, record in ((Subject.SERIES, stays), (Subject.PERSON, kept)):
        restrict(installation, actor, subject, record, Bounds(reason="an operation", countries=["XA"]))
    (hidden,) = theirs.ask_texts([str(line.sha256)])  # what stays is hidden: as if there were no merge
    assert (hidden.answer, hidden.victims.recorded, hidden.matches[0].series) == (State.KNOWN, 1, ("S-gone",))


def test_a_victim_and_a_suspect_are_not_merged(desk: Desk) -> None:
    victim = _person(desk.installation, desk.actor)
    suspect = add_person(desk.installation, desk.actor, Role.SUSPECT, "P")
    with pytest.raises(UnfitProposal, match="victim and a suspect"):
        propose_merge(desk.installation, desk.actor, Subject.PERSON, [victim, suspect], WHY)
    told = AuditEntry.objects.using(OWNER).get(user=desk.actor.user, verb="PROPOSE")  # it told something of them
    assert (told.outcome, told.reason, told.items[-2:]) == ("REFUSED", UnfitProposal.code, [str(victim), str(suspect)])


def test_only_the_hub_decides_and_only_what_ran_out_of_time(desks: Desks, hub: Actor) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    clock = Hours()
    installation = replace(ours.installation, clock=clock)
    records = [_series(installation, ours.actor), _series(installation, theirs.actor)]
    made = propose_merge(installation, ours.actor, Subject.SERIES, records, WHY)
    with pytest.raises(UnknownRecord):  # not the hub's yet
        decide_proposal(installation, hub, made.proposal, True, WHY)
    clock.now += timedelta(days=14)
    with pytest.raises(NotAllowed):
        decide_proposal(installation, theirs.actor, made.proposal, True, WHY)
    assert decide_proposal(installation, hub, made.proposal, False, "no proof") is ProposalState.DECLINED
    assert _into(records[1]) is None
    (told,) = list_proposals(installation, ours.actor, True)
    assert told.decision == "no proof"


def test_the_program_writes_no_proposal_but_through_the_steps(desk: Desk) -> None:
    for statement in (
        "update proposal set state = 'DONE'",
        "insert into proposal_voice (id) values (gen_random_uuid())",
        "update series set merged_into_id = null",
        "select carry_out(gen_random_uuid(), now())",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), desk.actor.acting(utc_now()):
            fresh_rows(statement, [])


# ---- any order of steps ---------------------------------------------------------------------------------------------------

UNITS = 4
units = st.integers(0, UNITS - 1)


@dataclass
class Expected:
    """What the machine says of one proposal."""

    kind: ProposalKind
    records: list[UUID]
    proposer: int
    answers: dict[int, bool | None]
    due: datetime
    state: ProposalState = ProposalState.OPEN


class Proposals(RuleBasedStateMachine):
    """Random owners, clocks, agreements, refusals, withdrawals, decisions of the hub."""

    installation: Installation
    officers: Officers

    made = Bundle("made")

    @initialize()
    def world(self) -> None:
        self.clock = Hours()
        self.office = replace(self.installation, clock=self.clock)
        self.actors = [self.officers.of(country) for country in ("XA", "XA", "XB", "XC")]
        self.hub = at_the_hub()
        self.owned = [(number % UNITS, _series(self.office, self.actors[number % UNITS])) for number in range(6)]
        self.expected: dict[UUID, Expected] = {}
        self.families: dict[UUID, UUID] = {series: series for _, series in self.owned}
        self.names: dict[UUID, str] = {}

    def _settle(self, one: Expected) -> None:
        after = after_answers(one.state, list(one.answers.values()))
        if after is ProposalState.DONE and one.state is not ProposalState.DONE:
            self._carry_out(one)
        one.state = after

    def _carry_out(self, one: Expected) -> None:
        if one.kind is ProposalKind.EDIT:
            return
        kept, owner = one.records[0], {series: number for number, series in self.owned}
        for record in one.records[1:]:
            root, gone = self.families[kept], self.families[record]
            if root == gone:
                continue
            if owner[root] not in one.answers:  # merged into another's since: it stands for itself again
                root = self.families[kept] = kept
            if owner[gone] in one.answers:
                self.families = {series: root if family == gone else family for series, family in self.families.items()}
            else:
                self.families[record] = root

    @rule(target=made, unit=units, picked=st.lists(st.integers(0, 5), min_size=2, max_size=3, unique=True))
    def merge(self, unit: int, picked: list[int]) -> object:
        records = [self.owned[one][1] for one in picked]
        found = propose_merge(self.office, self.actors[unit], Subject.SERIES, records, WHY)
        return self._remember(found.proposal, found.state, ProposalKind.MERGE_SERIES, unit, picked)

    @rule(target=made, unit=units, one=st.integers(0, 5))
    def edit(self, unit: int, one: int) -> object:
        name = f"N-{uuid4().hex[:8]}"
        found = propose_edit(self.office, self.actors[unit], Subject.SERIES, self.owned[one][1], "name", name, WHY)
        return self._remember(found.proposal, found.state, ProposalKind.EDIT, unit, [one])

    def _remember(
        self, proposal: UUID, state: ProposalState, kind: ProposalKind, unit: int, picked: list[int]
    ) -> object:
        owners = {self.owned[one][0] for one in picked}
        if kind.is_merge:
            roots = {self.families[self.owned[one][1]] for one in picked}
            owners |= {number for number, series in self.owned if series in roots}
        answers = {owner: True if owner == unit else None for owner in owners}
        due = self.clock() + timedelta(days=14)
        one = Expected(kind, [self.owned[one][1] for one in picked], unit, answers, due)
        self._settle(one)
        assert state is one.state
        self.expected[proposal] = one
        return multiple(proposal)

    @rule(proposal=made, unit=units, agrees=st.booleans())
    def answer(self, proposal: UUID, unit: int, agrees: bool) -> None:
        one = self.expected[proposal]
        self._run_out()
        may = not one.state.is_over and unit in one.answers and one.answers[unit] is None
        try:
            state = answer_proposal(self.office, self.actors[unit], proposal, agrees, "so")
        except (ProposalOver, UnknownRecord):
            assert not may
            return
        assert may
        one.answers[unit] = agrees
        self._settle(one)
        assert state is one.state

    @rule(proposal=made)
    def agree_all(self, proposal: UUID) -> None:
        for unit in range(UNITS):
            self.answer(proposal, unit, True)

    @rule(proposal=made, unit=units)
    def withdraw(self, proposal: UUID, unit: int) -> None:
        one = self.expected[proposal]
        self._run_out()
        may = not one.state.is_over and unit == one.proposer
        try:
            withdraw_proposal(self.office, self.actors[unit], proposal)
        except (ProposalOver, UnknownRecord):
            assert not may
            return
        assert may
        one.state = ProposalState.WITHDRAWN

    @rule(proposal=made, accepts=st.booleans())
    def decide(self, proposal: UUID, accepts: bool) -> None:
        one = self.expected[proposal]
        self._run_out()
        may = one.state is ProposalState.ESCALATED
        try:
            decide_proposal(self.office, self.hub, proposal, accepts, "so")
        except (ProposalOver, UnknownRecord):
            assert not may
            return
        assert may
        if accepts:
            self._carry_out(one)
        one.state = ProposalState.DONE if accepts else ProposalState.DECLINED

    @rule(days=st.sampled_from([1, 7, 14]))
    def wait(self, days: int) -> None:
        self.clock.now += timedelta(days=days)

    def _run_out(self) -> None:
        for one in self.expected.values():
            if one.state is ProposalState.OPEN and one.due <= self.clock():
                one.state = when_time_is_over(one.kind)

    @invariant()
    def the_database_says_the_same(self) -> None:
        if not hasattr(self, "expected"):
            return
        settle_proposals(self.office)
        self._run_out()
        states = dict(Proposal.objects.using(OWNER).filter(pk__in=self.expected).values_list("id", "state"))
        assert states == {proposal: one.state for proposal, one in self.expected.items()}
        into = dict(Series.objects.using(OWNER).filter(pk__in=self.families).values_list("id", "merged_into"))
        assert {series: root or series for series, root in into.items()} == self.families


def _machine(installation: Installation, officers: Officers) -> type[Proposals]:
    return type("Machine", (Proposals,), {"installation": installation, "officers": officers})


def test_any_order_of_steps_ends_where_the_rules_say(installation: Installation, officers: Officers) -> None:
    case = _machine(installation, officers).TestCase
    case.settings = settings(max_examples=12, stateful_step_count=25)
    case("runTest").runTest()


@pytest.mark.long
def test_many_more_orders_of_steps(installation: Installation, officers: Officers) -> None:
    case = _machine(installation, officers).TestCase
    case.settings = settings(max_examples=300, stateful_step_count=50)
    case("runTest").runTest()
