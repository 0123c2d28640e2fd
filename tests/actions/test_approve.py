"""Two persons for what is grave: what the actions do, what the database holds without them, and who wins a race."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.utils import ProgrammingError

from concord.access.actor import Actor
from concord.access.approval import Approval, Kind, State
from concord.access.audit import AuditEntry, Verb
from concord.actions.act import act
from concord.actions.administer import set_participation
from concord.actions.approve import (
    Plan,
    decide_request,
    demand_approved,
    end_second,
    list_duty,
    name_second,
    request_approval,
)
from concord.actions.enrol import OWNER
from concord.actions.installation import Installation
from concord.database.acting import fresh_rows
from concord.errors import (
    ApprovalAwaited,
    ApprovalNeeded,
    ConcordError,
    DecidedAlready,
    NoReason,
    NotAllowed,
    UnknownRecord,
)
from concord.records.country import Participation, Unit
from concord.records.user import Grant, UserRole
from concord.values import utc_now
from tests.people import Bureau, fresh_code

PLAN = Plan(Kind.REVEAL, "reveal 1", "1 person")


@pytest.fixture
def bureau(installation: Installation) -> Bureau:
    return Bureau(fresh_code())


@pytest.fixture
def other(installation: Installation) -> Bureau:
    return Bureau(fresh_code())


def use(installation: Installation, actor: Actor, plan: Plan = PLAN) -> UUID:
    """As an action does it: in its transaction, with its entry."""
    with act(actor, Verb.REQUEST_APPROVAL, installation.clock) as entry:
        entry.name("used")
        return demand_approved(plan.kind, plan.text, installation.clock())


def at(installation: Installation, minutes: float) -> Installation:
    now = installation.clock() + timedelta(minutes=minutes)
    return replace(installation, clock=lambda: now)


def seated(actor: Actor) -> Actor:
    """In a browser session of his own."""
    return replace(actor, session=uuid4(), is_local=False)


# ---- the actions ----------------------------------------------------------------------------------------------------------


def test_what_was_approved_is_done_once_by_whoever_asked(installation: Installation, bureau: Bureau) -> None:
    officer, supervisor = bureau.person(UserRole.OFFICER), bureau.person(UserRole.SUPERVISOR)
    with pytest.raises(NoReason):
        request_approval(installation, officer, PLAN, " ")
    asked = request_approval(installation, officer, PLAN, "a court asks")
    assert request_approval(installation, officer, PLAN, None) == asked  # the one that stands
    with pytest.raises(ApprovalNeeded):
        use(installation, officer)
    (waiting,) = list_duty(installation, supervisor).requests
    assert (waiting.approval, waiting.subject, waiting.reason) == (asked.approval, "reveal 1", "a court asks")
    decide_request(installation, supervisor, asked.approval, approved=True, words="yes")
    for somebody, plan in ((officer, replace(PLAN, text="reveal 2")), (supervisor, PLAN)):
        with pytest.raises(ApprovalNeeded):
            use(installation, somebody, plan)
    assert use(installation, officer) == asked.approval
    with pytest.raises(ApprovalNeeded):
        use(installation, officer)
    assert not list_duty(installation, officer).requests
    assert [one.state for one in list_duty(installation, officer, every=True).requests] == [State.USED]
    entries = AuditEntry.objects.using(OWNER).filter(items__contains=[str(asked.approval)])
    assert {"REQUEST-APPROVAL", "DECIDE", "LIST-DUTY"} <= set(entries.values_list("verb", flat=True))


def test_an_act_that_fails_gives_its_approval_back(installation: Installation, bureau: Bureau) -> None:
    officer, supervisor = bureau.person(UserRole.OFFICER), bureau.person(UserRole.SUPERVISOR)
    asked = request_approval(installation, officer, PLAN, "a reason")
    decide_request(installation, supervisor, asked.approval, approved=True, words="yes")
    with pytest.raises(ZeroDivisionError), act(officer, Verb.REQUEST_APPROVAL, installation.clock):
        demand_approved(PLAN.kind, PLAN.text, installation.clock())
        _ = 1 / 0
    assert use(installation, officer) == asked.approval


def test_who_may_not_decide_is_told_why(installation: Installation, bureau: Bureau, other: Bureau) -> None:
    bureau.person()  # the bureau
    supervisor = seated(bureau.person(UserRole.SUPERVISOR, unit="North"))
    asked = request_approval(installation, supervisor, PLAN, "a reason").approval
    elsewhere = bureau.person(UserRole.SUPERVISOR, unit="South")
    mate = bureau.person(UserRole.SUPERVISOR, unit="North")
    for somebody, kind, said in (
        (supervisor, NotAllowed, "his own request"),
        (replace(mate, session=supervisor.session), NotAllowed, "in this very session"),
        (elsewhere, UnknownRecord, "no such record"),
        (bureau.person(UserRole.DATA_PROTECTION), UnknownRecord, "no such record"),
        (other.person(UserRole.SUPERVISOR), UnknownRecord, "no such record"),
    ):
        with pytest.raises(kind, match=said):
            decide_request(installation, somebody, asked, approved=True, words="yes")
    with pytest.raises(NotAllowed, match="STALE"):
        decide_request(at(installation, 30.1), mate, asked, approved=True, words="yes")
    with pytest.raises(NoReason):
        decide_request(installation, mate, asked, approved=False, words="")
    decide_request(at(installation, 29.9), mate, asked, approved=True, words="yes")
    with pytest.raises(ApprovalNeeded):
        use(at(installation, 60), supervisor)
    with pytest.raises(ApprovalNeeded):  # in the session where it was given
        use(at(installation, 40), replace(supervisor, session=mate.seat))
    assert use(at(installation, 40), supervisor) == asked


def test_a_refused_request_carries_nothing(installation: Installation, bureau: Bureau) -> None:
    officer, supervisor = bureau.person(UserRole.OFFICER), bureau.person(UserRole.SUPERVISOR)
    asked = request_approval(installation, officer, PLAN, "a reason").approval
    decide_request(installation, supervisor, asked, approved=False, words="not so")
    with pytest.raises(ApprovalNeeded):
        use(installation, officer)
    with pytest.raises(DecidedAlready):
        decide_request(installation, supervisor, asked, approved=True, words="after all")
    assert request_approval(installation, officer, PLAN, "another reason").approval != asked


# ---- seconds ----------------------------------------------------------------------------------------------------------------


def test_a_bureau_with_too_few_names_a_second_who_sees_counts_only(
    installation: Installation, bureau: Bureau, other: Bureau
) -> None:
    alone = bureau.person(UserRole.NATIONAL_ADMINISTRATOR)
    theirs, elsewhere = other.person(UserRole.NATIONAL_ADMINISTRATOR), other.person(UserRole.OFFICER)
    asked = request_approval(installation, alone, replace(PLAN, kind=Kind.POLICY), "our law").approval
    assert not list_duty(installation, theirs).requests
    for nobody in (uuid4(), elsewhere.user, alone.user):
        with pytest.raises(UnknownRecord):
            name_second(installation, alone, Kind.POLICY, nobody)
    name_second(installation, alone, Kind.POLICY, theirs.user)
    for side in (alone, theirs):
        assert [(one.country, one.user) for one in list_duty(installation, side).seconds] == [
            (bureau.country, theirs.user)
        ]
    (seen,) = list_duty(installation, theirs).requests
    assert (seen.approval, seen.kind, seen.reason, seen.counts) == (asked, Kind.POLICY, "our law", PLAN.counts)
    assert (seen.subject, seen.requested_by) == (None, None)
    with theirs.acting(utc_now()):
        assert not Approval.objects.filter(pk=asked).exists()
    decide_request(installation, theirs, asked, approved=True, words="seen")
    assert use(installation, alone, replace(PLAN, kind=Kind.POLICY)) == asked
    assert end_second(installation, alone, Kind.POLICY, theirs.user)
    again = request_approval(installation, alone, replace(PLAN, kind=Kind.POLICY), "once more").approval
    with pytest.raises(UnknownRecord):
        decide_request(installation, theirs, again, approved=True, words="yes")


@pytest.mark.parametrize("lost", ["role", "bureau"])
def test_a_second_who_does_not_decide_it_at_home_any_more_decides_it_nowhere(
    installation: Installation, bureau: Bureau, other: Bureau, lost: str
) -> None:
    alone = bureau.person(UserRole.NATIONAL_ADMINISTRATOR)
    other.person(UserRole.NATIONAL_ADMINISTRATOR)  # one stays
    theirs = other.person(UserRole.NATIONAL_ADMINISTRATOR, UserRole.SUPERVISOR)
    name_second(installation, alone, Kind.POLICY, theirs.user)
    asked = request_approval(installation, alone, replace(PLAN, kind=Kind.POLICY), "our law").approval
    if lost == "role":
        Grant.objects.using(OWNER).filter(user_id=theirs.user, role="NATIONAL-ADMINISTRATOR").update(
            revoked_at=utc_now()
        )
    else:
        Unit.objects.using(OWNER).filter(pk=theirs.unit).update(is_bureau=False)
    theirs = other.again(theirs)
    assert not list_duty(installation, theirs).requests
    with pytest.raises(UnknownRecord):
        decide_request(installation, theirs, asked, approved=True, words="yes")
    with theirs.acting(utc_now()):  # nor by way of the database
        assert fresh_rows("select decide_approval(%s, true, 'yes', now())", [asked]) == [(False,)]


def test_a_second_is_not_needed_where_there_are_two(installation: Installation, bureau: Bureau, other: Bureau) -> None:
    alone, theirs = bureau.person(UserRole.NATIONAL_ADMINISTRATOR), other.person(UserRole.NATIONAL_ADMINISTRATOR)
    name_second(installation, alone, Kind.KEY, theirs.user)
    asked = request_approval(installation, alone, replace(PLAN, kind=Kind.KEY), "a new key").approval
    bureau.person(UserRole.NATIONAL_ADMINISTRATOR)
    with pytest.raises(NotAllowed, match="enough of its own by now"):
        decide_request(installation, theirs, asked, approved=True, words="yes")
    with pytest.raises(NotAllowed, match="two people or more"):
        name_second(installation, alone, Kind.POLICY, theirs.user)


def test_a_policy_is_changed_by_two(installation: Installation, bureau: Bureau) -> None:
    administrator = bureau.person(UserRole.NATIONAL_ADMINISTRATOR)
    with pytest.raises(NoReason):
        set_participation(installation, administrator, Participation.READ_ONLY)
    for _ in range(2):
        with pytest.raises(ApprovalAwaited, match="waits for one"):
            set_participation(installation, administrator, Participation.READ_ONLY, "our law")
    assert len(list_duty(installation, administrator).requests) == 1


# ---- what the database holds without the actions -----------------------------------------------------------------------------


def test_the_database_refuses_what_the_rules_refuse(installation: Installation, bureau: Bureau, other: Bureau) -> None:
    officer, mate = seated(bureau.person(UserRole.SUPERVISOR)), bureau.person(UserRole.SUPERVISOR)
    asked = request_approval(installation, officer, PLAN, "a reason").approval
    now = installation.clock()

    def decided(actor: Actor, when: datetime = now) -> bool:
        with actor.acting(now):
            ((done,),) = fresh_rows("select decide_approval(%s, true, 'yes', %s)", [asked, when])
        return bool(done)

    assert not decided(officer)
    assert not decided(replace(mate, session=officer.session))
    assert not decided(bureau.person(UserRole.OFFICER))
    assert not decided(bureau.person(UserRole.SUPERVISOR, unit="South"))
    assert not decided(other.person(UserRole.SUPERVISOR, UserRole.NATIONAL_ADMINISTRATOR))
    assert not decided(mate, now + timedelta(minutes=31))
    assert not decided(mate, now - timedelta(minutes=1))
    assert decided(mate)
    assert not decided(mate)
    for minutes, actor in ((31, officer), (0, mate), (0, replace(officer, session=mate.seat))):
        with actor.acting(now):
            values = [PLAN.kind, b"", now + timedelta(minutes=minutes)]
            values[1] = Approval.objects.get(pk=asked).subject_sha256
            assert fresh_rows("select use_approval(%s, %s, %s)", values) == [(None,)]


@pytest.mark.parametrize(
    "change",
    [
        "decided_by_id = requested_by_id, decided_seat = gen_random_uuid(), decided_at = requested_at, approved = true",
        "decided_by_id = {mate}, decided_seat = requested_seat, decided_at = requested_at, approved = true",
        "decided_by_id = {mate}, decided_seat = SEAT, approved = true, decided_at = requested_at + interval '31 min'",
        "decided_by_id = {mate}",
        "used_at = now()",
        "subject = 'something else'",
        "reason = 'another'",
    ],
)
def test_no_row_breaks_the_rules_whoever_writes_it(installation: Installation, bureau: Bureau, change: str) -> None:
    """Not even the owner of the tables."""
    officer, mate = bureau.person(UserRole.OFFICER), bureau.person(UserRole.SUPERVISOR)
    asked = request_approval(installation, officer, PLAN, "a reason").approval
    set_to = change.replace("{mate}", f"'{mate.user}'").replace("SEAT", "gen_random_uuid()")
    statement = f"update approval set {set_to} where id = '{asked}'"
    with pytest.raises(IntegrityError), transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(ProgrammingError, match="permission denied"), officer.acting(utc_now()):
        fresh_rows(statement, [])


@pytest.mark.parametrize("statement", ["delete from approval where id = %s", "truncate approval"])
def test_nobody_deletes_a_request(installation: Installation, bureau: Bureau, statement: str) -> None:
    asked = request_approval(installation, bureau.person(UserRole.OFFICER), PLAN, "a reason").approval
    values = [asked] if "%s" in statement else []
    with pytest.raises(IntegrityError, match="rows stay"), transaction.atomic(using=OWNER):
        connections[OWNER].cursor().execute(statement, values)


# ---- races ----------------------------------------------------------------------------------------------------------------


def together(*attempts: Callable[[], object]) -> list[object]:
    """Each in a thread with a connection of its own, begun together; what each gave, or the error it ended with."""
    begin = threading.Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> object:
        try:
            begin.wait()
            return attempt()
        except ConcordError as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def test_of_two_who_decide_at_once_one_decides(installation: Installation, bureau: Bureau) -> None:
    officer = bureau.person(UserRole.OFFICER)
    one, two = (bureau.person(UserRole.SUPERVISOR) for _ in range(2))
    asked = request_approval(installation, officer, PLAN, "a reason").approval
    done = together(
        lambda: decide_request(installation, one, asked, approved=True, words="yes"),
        lambda: decide_request(installation, two, asked, approved=False, words="no"),
    )
    assert sorted(done, key=str) == [DecidedAlready, None]


def test_of_two_acts_at_once_one_uses_the_approval(installation: Installation, bureau: Bureau) -> None:
    officer, supervisor = bureau.person(UserRole.OFFICER), bureau.person(UserRole.SUPERVISOR)
    asked = request_approval(installation, officer, PLAN, "a reason").approval
    decide_request(installation, supervisor, asked, approved=True, words="yes")
    done = together(*[lambda: use(installation, officer)] * 2)
    assert sorted(done, key=str) == sorted([ApprovalNeeded, asked], key=str)


# ---- a state machine ----------------------------------------------------------------------------------------------------------


@dataclass
class Asked:
    """A request as the machine remembers it: plainly, with times in minutes."""

    approval: UUID
    by: int
    seat: UUID
    kind: Kind
    text: str
    at: int
    approver: UUID | None = None  # his seat
    approved_at: int | None = None
    over: bool = False  # refused or used


@dataclass
class World:
    installation: Installation
    people: list[tuple[Actor, frozenset[UserRole]]]
    foreigner: Actor
    minute: int = 0
    named: set[Kind] = field(default_factory=set)
    requests: list[Asked] = field(default_factory=list)


PEOPLE = (
    {UserRole.OFFICER}, {UserRole.SUPERVISOR}, {UserRole.NATIONAL_ADMINISTRATOR, UserRole.SUPERVISOR},
    {UserRole.DATA_PROTECTION},
)  # fmt: skip
LOCAL = {  # who of PEOPLE decides what, written out
    Kind.EXPORT: {1, 2}, Kind.REVEAL: {1, 2}, Kind.ERASE: {1, 2, 3}, Kind.POLICY: {2}, Kind.KEY: {2},
}  # fmt: skip
SEATS, TEXTS = [UUID(int=7), UUID(int=8)], ["this", "that"]


class Duties:
    """Requests, decisions, uses, seconds, the clock: every outcome is foretold by a plain model.

    A walk of its own, from a seed: what Hypothesis draws for so long a chain mostly leads nowhere (of 1,000 steps 16 used an
    approval).
    """

    def __init__(self, installation: Installation, seed: int) -> None:
        home, abroad = Bureau(fresh_code()), Bureau(fresh_code())
        people = [(home.person(*roles), frozenset(roles)) for roles in PEOPLE]
        self.start, self.chance = utc_now(), Random(seed)
        self.world = World(installation, people, abroad.person(UserRole.NATIONAL_ADMINISTRATOR))

    def step(self) -> None:
        ways = [self.ask] * 3 + [self.time_passes] * 2 + [self.second]
        if self.world.requests:
            ways += [self.decide] * 4 + [self.act] * 4
        self.chance.choice(ways)()

    def now(self) -> Installation:
        moment = self.start + timedelta(minutes=self.world.minute)
        return replace(self.world.installation, clock=lambda: moment)

    def sits(self, number: int, seat: UUID) -> Actor:
        return replace(self.world.people[number][0], session=seat, is_local=False)

    def time_passes(self) -> None:
        self.world.minute += self.chance.choice([1, 2, 5, 14, 31])

    def good(self, one: Asked, number: int, seat: UUID, kind: Kind, text: str) -> bool:
        """An approval that may be used."""
        fresh = one.approved_at is not None and self.world.minute - one.approved_at <= 30
        return fresh and not one.over and (one.by, one.kind, one.text) == (number, kind, text) and one.approver != seat

    def stands(self, one: Asked) -> bool:
        since = one.at if one.approved_at is None else one.approved_at
        return not one.over and self.world.minute - since <= 30

    def ask(self) -> None:
        number, seat, kind, text = (
            self.chance.randrange(4),
            self.chance.choice(SEATS),
            self.chance.choice(list(Kind)),
            self.chance.choice(TEXTS),
        )
        before = [one for one in self.world.requests if (one.by, one.kind, one.text) == (number, kind, text)]
        got = request_approval(self.now(), self.sits(number, seat), Plan(kind, text, "1"), "a reason")
        standing = {one.approval for one in before if self.stands(one)}
        assert (got.approval in standing) is bool(standing)
        if not standing:
            self.world.requests.append(Asked(got.approval, number, seat, kind, text, self.world.minute))

    def decide(self) -> None:
        """Mostly somebody who may, so that the machine gets on; else anybody."""
        one = self.chance.choice(self.world.requests[-4:])
        others = sorted(LOCAL[one.kind] - {one.by})
        fit = self.chance.random() < 0.7
        seat = self.chance.choice([other for other in SEATS if other != one.seat] if fit else SEATS)
        number = self.chance.choice(others if fit and others else range(4))
        abroad = not others if fit else self.chance.random() < 0.3
        approve = self.chance.random() < 0.8
        actor = replace(self.world.foreigner, session=seat, is_local=False) if abroad else self.sits(number, seat)
        too_few = one.kind in self.world.named and len(LOCAL[one.kind]) < 2
        entitled = too_few if abroad else number in LOCAL[one.kind]
        waits = one.approved_at is None and not one.over and self.world.minute - one.at <= 30
        right = entitled and waits and (abroad or number != one.by) and seat != one.seat
        try:
            decide_request(self.now(), actor, one.approval, approve, "a word")
        except (NotAllowed, UnknownRecord, DecidedAlready):
            assert not right
            return
        assert right
        one.over = not approve
        one.approver, one.approved_at = seat, self.world.minute

    def act(self) -> None:
        """What was asked for, or nearly that."""
        approved = [one for one in self.world.requests if one.approved_at is not None]
        fresh = [one for one in approved if self.stands(one)]
        one = self.chance.choice((fresh if self.chance.random() < 0.6 else approved[-4:]) or self.world.requests[-4:])
        change = self.chance.choice(["", "", "who", "who", "seat", "kind", "text"])
        number = (one.by + self.chance.randrange(1, 4)) % 4 if change == "who" else one.by
        seat = (one.approver or one.seat) if change == "seat" else one.seat
        kind = self.chance.choice(list(Kind)) if change == "kind" else one.kind
        text = self.chance.choice(TEXTS) if change == "text" else one.text
        good = {one.approval: one for one in self.world.requests if self.good(one, number, seat, kind, text)}
        try:
            used = use(self.now(), self.sits(number, seat), Plan(kind, text, "1"))
        except ApprovalNeeded:
            assert not good
            return
        assert used in good
        good[used].over = True

    def second(self) -> None:
        kind, end = self.chance.choice(list(Kind)), self.chance.random() < 0.3
        administrator, foreigner = self.world.people[2][0], self.world.foreigner.user
        if end:
            assert end_second(self.now(), administrator, kind, foreigner) is (kind in self.world.named)
            self.world.named.discard(kind)
            return
        try:
            name_second(self.now(), administrator, kind, foreigner)
        except (NotAllowed, UnknownRecord):
            assert len(LOCAL[kind]) >= 2
            return
        assert len(LOCAL[kind]) < 2
        self.world.named.add(kind)


def run_machine(installation: Installation, worlds: int, steps: int) -> None:
    for seed in range(worlds):
        duties = Duties(installation, seed)
        for _ in range(steps):
            duties.step()


def test_requests_decisions_clocks_and_sessions(installation: Installation) -> None:
    run_machine(installation, worlds=10, steps=200)


@pytest.mark.long
def test_requests_decisions_clocks_and_sessions_at_length(installation: Installation) -> None:
    run_machine(installation, worlds=50, steps=1000)


@contextmanager
def planted(function: str, right: str, wrong: str) -> Iterator[None]:
    """A fault in one of the database's functions, for as long as the block lasts."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute("select pg_get_functiondef(oid) from pg_proc where proname = %s", [function])
        (whole,) = cursor.fetchone()
        assert right in whole
        cursor.execute(whole.replace(right, wrong).replace("%", "%%"), [])
        try:
            yield
        finally:
            cursor.execute(whole.replace("%", "%%"), [])


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    [
        ("use_approval", "set used_at = at", "set used_at = null"),  # used again and again
        ("use_approval", "and at between a.decided_at and a.decided_at + interval '30 minutes'", ""),
        ("use_approval", "and a.subject_sha256 = its_digest", ""),
        ("use_approval", "and a.decided_seat <> acting_seat()", ""),
        ("use_approval", "a.requested_by_id = acting_user() and", ""),
        ("duty_roles", "when 'ERASE' then array['SUPERVISOR'", "when 'ERASE' then array['NATIONAL-ADMINISTRATOR'"),
    ],
)
def test_the_machine_finds_a_planted_fault(installation: Installation, function: str, right: str, wrong: str) -> None:
    with planted(function, right, wrong), pytest.raises((AssertionError, DatabaseError)):
        run_machine(installation, worlds=5, steps=400)
