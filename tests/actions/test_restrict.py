"""Who asks learns of a restricted hit whom to contact, of a silent one nothing; its owner alone changes that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connections
from django.db.utils import ProgrammingError

from concord.access.actor import Actor
from concord.access.approval import Approval
from concord.access.audit import AuditEntry, Verb
from concord.actions.alerts import answer_alert, count_overdue, list_alerts, settle
from concord.actions.clear import clear_user
from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.actions.restrict import Bounds, lift, restrict, show_restriction
from concord.actions.say import add_appearance, add_person
from concord.actions.share import list_groups, make_group, take_in, take_out
from concord.actions.suspend import lift_suspension, list_suspensions, suspend
from concord.database.acting import fresh_rows
from concord.errors import (
    AlreadySuspended,
    AlreadyThere,
    ApprovalAwaited,
    ConcordError,
    NoReason,
    NotAllowed,
    OutOfScope,
    RoleNeeded,
    UnknownRecord,
)
from concord.records.alert import Alert
from concord.records.answer import Answer, Kind, Qualifier, State
from concord.records.case import Contribution
from concord.records.country import Unit
from concord.records.material import Instance
from concord.records.person import Appearance, Role
from concord.records.restriction import Restriction
from concord.records.suspension import Subject
from concord.records.user import User, UserRole
from concord.values import Category, utc_now
from tests.desk import Desk, Desks
from tests.people import at_the_hub, colleague, fresh_code, with_second

OPERATION = "a running operation"


class Holding:
    """What XA holds: a picture, its contribution, a near copy that lies with the asker."""

    def __init__(self, ours: Desk, theirs: Desk) -> None:
        self.ours, self.theirs = ours, theirs
        self.picture = ours.picture("held.jpg", seed := uuid4().int % 10**6)
        self.copy = theirs.picture("copy.jpg", seed, quality=35)
        (line,) = ours.enter(self.picture)
        assert line.material
        self.material, self.sha256 = line.material, str(line.sha256)
        with ours.actor.acting(utc_now()):
            self.instance = Instance.objects.get(material_id=line.material, owner_unit_id=ours.actor.unit)

    def restrict(self, **bounds: object) -> UUID:
        given = Bounds(**{"reason": OPERATION, **bounds})  # type: ignore[arg-type]
        contribution = self.instance.contribution_id
        return restrict(self.ours.installation, self.ours.actor, Subject.CONTRIBUTION, contribution, given)

    def asked(self, desk: Desk | None = None) -> list[Answer]:
        """By each digest, and by the near copy."""
        digests = [
            bytes(value).hex() for value in (self.instance.md5, self.instance.sha1, self.instance.sha256) if value
        ]
        return [*(desk or self.theirs).ask_texts(digests), *(desk or self.theirs).ask(self.copy)]


@pytest.fixture
def held(desks: Desks) -> Holding:
    return Holding(desks.of("XA"), desks.of("XB"))


@pytest.fixture
def hub() -> Actor:
    return at_the_hub()


def _bare(answer: Answer, **fields: object) -> Answer:
    """Without the name of what was asked."""
    return msgspec.structs.replace(answer, item="", sha256=None, **fields)


# ---- answers ------------------------------------------------------------------------------------------------------------


def test_a_restricted_hit_tells_only_which_bureau_to_contact(held: Holding) -> None:
    held.restrict(countries=["XA"])
    unknown = held.theirs.ask_texts(["dc" * 16, "dc" * 20, "dc" * 32])
    for answer, without in zip(held.asked(), [*unknown, None], strict=True):
        assert (answer.answer, answer.match, answer.matches) == (State.NEW, Kind.NONE, ())
        assert (answer.distance, answer.band, answer.transform) == (None, None, None)
        assert answer.qualifiers == (Qualifier.RESTRICTED_CONTACT,)
        (bureau,) = answer.restricted
        assert bureau == answer.contact
        with held.ours.actor.acting(utc_now()):
            assert Unit.objects.get(country_id="XA", name=bureau.unit).is_bureau
        if without:  # apart from whom to contact it is as if it were not there
            reasons = tuple(one for one in answer.reasons if "restricted" not in one)
            assert _bare(answer, qualifiers=(), restricted=(), contact={}, reasons=reasons) == _bare(without)


def test_of_a_silent_hit_nothing_is_told_and_its_owner_learns(held: Holding, desks: Desks) -> None:
    before = held.theirs.ask_texts([held.sha256])
    assert before[0].answer is State.KNOWN
    held.restrict(countries=["XA"], silent=True)
    unknown = held.theirs.ask_texts(["dc" * 16, "dc" * 20, "dc" * 32])
    *by_digest, near = held.asked()
    assert [_bare(one) for one in by_digest] == [_bare(one) for one in unknown]
    assert (near.answer, near.qualifiers, near.contact) == (State.NEW, (), {})
    installation, ours = held.ours.installation, held.ours.actor
    (alert,) = list_alerts(installation, ours)
    assert (alert.material, alert.asker.unit, alert.purpose) == (held.material, held.theirs.actor.unit_name, "TRAINING")
    assert alert.times == 2  # two transactions of questions
    assert alert.due_at - alert.at == timedelta(hours=72)
    assert not list_alerts(installation, desks.of("XA").actor)  # of the same country, but not the owner
    assert not list_alerts(installation, held.theirs.actor)
    with pytest.raises(UnknownRecord):
        answer_alert(installation, held.theirs.actor, alert.alert, "mine")
    with pytest.raises(NoReason):
        answer_alert(installation, ours, alert.alert, " ")
    answer_alert(installation, ours, alert.alert, "called them")
    assert not list_alerts(installation, ours)
    assert [one.answered for one in list_alerts(installation, ours, all_of_them=True)] == ["called them"]
    held.asked()  # asked again after it was answered: a new one
    assert len(list_alerts(installation, ours)) == 1


def test_entering_what_another_holds_in_silence_is_as_if_it_were_not_there(held: Holding) -> None:
    held.restrict(countries=["XA"], silent=True)
    copied = held.theirs.folder / "the-very-file.jpg"
    copied.write_bytes(held.picture.read_bytes())
    fresh = held.theirs.picture("fresh.jpg")
    one, other = held.theirs.enter(copied, fresh)
    assert (one.result, one.answer_before, one.error) == (other.result, other.answer_before, other.error)
    assert one.material == held.material  # it is the content's, whoever holds it
    assert [one.answer for one in held.theirs.ask(copied)] == [State.KNOWN]


def test_every_batch_of_questions_leaves_one_trace_whatever_it_meets(held: Holding) -> None:
    """The same statement writes it: silence and absence are the same work. A sequence counts also what is settled since."""
    held.restrict(countries=["XA"], silent=True)
    counts = []
    for text in ("dc" * 32, held.sha256, "dc" * 16):
        held.theirs.ask_texts([text])
        with connections[OWNER].cursor() as cursor:
            cursor.execute("select last_value from ask_trace_number_seq")
            counts.extend(cursor.fetchone())
    assert [count - counts[0] for count in counts] == [0, 1, 2]


# ---- who is admitted, and who changes it ---------------------------------------------------------------------------------


def test_narrowed_widened_lifted_from_the_next_question_on(held: Holding, desks: Desks) -> None:
    third = desks.of("XC")

    def states() -> list[State | None]:
        return [desk.ask_texts([held.sha256])[0].answer for desk in (held.ours, held.theirs, third)]

    known, new = State.KNOWN, State.NEW
    assert states() == [known, known, known]
    first = held.restrict(countries=["XB"])
    assert states() == [known, known, new]
    assert held.restrict(units=[held.theirs.actor.unit], countries=["XB", "XC"]) == first  # changed in place
    assert states() == [known, known, new]
    held.restrict(purposes=["INVESTIGATION"])
    assert states() == [known, new, new]
    held.restrict(countries=[])
    assert states() == [known, new, new]
    actor, contribution = held.ours.actor, held.instance.contribution_id
    assert lift(held.ours.installation, actor, Subject.CONTRIBUTION, contribution)
    assert states() == [known, known, known]
    assert not lift(held.ours.installation, actor, Subject.CONTRIBUTION, contribution)
    assert show_restriction(held.ours.installation, actor, Subject.CONTRIBUTION, contribution).bounds is None
    held.restrict(countries=["XC"])  # once more, after it was lifted
    assert states() == [known, new, known]


def test_own_unit_only_hides_it_from_the_own_country(held: Holding, desks: Desks) -> None:
    colleague = desks.of("XA")
    held.restrict(countries=["XA"])
    assert colleague.ask_texts([held.sha256])[0].answer is State.KNOWN
    held.restrict(units=[])
    (answer,) = colleague.ask_texts([held.sha256])
    assert (answer.answer, [one.country for one in answer.restricted]) == (State.NEW, ["XA"])


@pytest.mark.parametrize("how", ["lifted", "over"])
def test_what_a_colleague_says_of_hidden_material_is_hidden_whatever_stood_on_the_file_before(
    held: Holding, desks: Desks, how: str
) -> None:
    """A colleague of another unit cannot read the restrictions, and what ended of them hides nothing any more."""
    installation, ours, mate = held.ours.installation, held.ours.actor, desks.of("XA").actor
    before = restrict(
        installation, ours, Subject.INSTANCE, held.instance.id, Bounds(reason=OPERATION, countries=["XA"])
    )
    held.restrict(countries=["XA"])
    if how == "lifted":
        assert lift(installation, ours, Subject.INSTANCE, held.instance.id)
    else:
        Restriction.objects.using(OWNER).filter(pk=before).update(until=utc_now())
    held.theirs.enter(held.picture)
    person = add_person(installation, mate, Role.VICTIM, "P")
    appearance = add_appearance(installation, mate, person, held.material)
    for actor, is_known in ((mate, True), (ours, True), (held.theirs.actor, False)):
        with actor.acting(utc_now()):
            assert Appearance.objects.filter(pk=appearance).exists() == is_known


def test_a_group_admits_its_members_until_they_are_taken_out(held: Holding, desks: Desks) -> None:
    installation, ours, theirs = held.ours.installation, held.ours.actor, held.theirs.actor
    make_group(installation, ours, "Harbour")
    with pytest.raises(AlreadyThere):
        make_group(installation, ours, "Harbour")
    held.restrict(groups=["Harbour"])
    assert held.asked()[2].answer is State.NEW
    assert take_in(installation, ours, "Harbour", theirs.unit)
    assert not take_in(installation, ours, "Harbour", theirs.unit)
    assert held.asked()[2].answer is State.KNOWN
    assert [(one.name, one.is_own) for one in list_groups(installation, theirs)] == [("Harbour", False)]
    assert not [one for one in list_groups(installation, desks.of("XC").actor) if one.name == "Harbour"]
    with pytest.raises(UnknownRecord):
        take_in(installation, theirs, "Harbour", "XC")  # a member is not its owner
    assert take_out(installation, ours, "Harbour", theirs.unit)
    assert held.asked()[2].answer is State.NEW
    with pytest.raises(UnknownRecord):
        take_in(installation, ours, "Harbour", "ZZ")


def test_a_handling_code_asks_for_clearance(held: Holding) -> None:
    held.restrict(handling="CONFIDENTIAL")
    assert held.asked()[2].answer is State.NEW
    User.objects.using(OWNER).filter(pk=held.theirs.actor.user).update(clearance="CONFIDENTIAL")
    assert held.asked()[2].answer is State.KNOWN
    with pytest.raises(RoleNeeded):
        clear_user(held.ours.installation, held.ours.actor, held.ours.actor.user, "OFFICIAL")  # type: ignore[arg-type]


def test_nobody_but_the_owner_unit_changes_a_restriction(held: Holding, desks: Desks) -> None:
    installation, contribution = held.ours.installation, held.instance.contribution_id
    for other in (desks.of("XA").actor, held.theirs.actor):
        with pytest.raises(NotAllowed, match="another unit"):
            restrict(installation, other, Subject.CONTRIBUTION, contribution, Bounds(OPERATION))
        with other.acting(utc_now()):
            ((done,),) = fresh_rows("select restrict_record('contribution', %s, %s)", [contribution, uuid4()])
            assert not done
    held.restrict(units=[], silent=True)
    with pytest.raises(UnknownRecord):  # what one may not know of is not there
        restrict(installation, held.theirs.actor, Subject.CONTRIBUTION, contribution, Bounds(OPERATION))


@pytest.mark.parametrize(
    "bounds",
    [
        *(
            {"reason": " "},
            {"countries": ["ZZ"]},
            {"units": [UUID(int=1)]},
            {"groups": ["none"]},
            {"handling": "SECRET"},
        ),
        {"countries": [], "until": datetime(2001, 1, 1, tzinfo=UTC)},  # it would hide nothing
        {"countries": [], "until": datetime(2100, 1, 1)},  # noqa: DTZ001  of whichever time zone
    ],
)
def test_a_bound_that_names_nobody_or_no_time_to_come_is_refused(held: Holding, bounds: dict[str, object]) -> None:
    with pytest.raises(ConcordError):
        held.restrict(**bounds)
    assert held.asked()[2].answer is State.KNOWN


def test_what_a_unit_says_of_restricted_material_goes_with_it(held: Holding) -> None:
    """Also where another shares the same material: the person in it stays hidden."""
    installation, ours = held.ours.installation, held.ours.actor
    person = add_person(installation, ours, Role.VICTIM, "P-1")
    add_appearance(installation, ours, person, held.material)
    copied = held.theirs.folder / "the-very-file.jpg"
    copied.write_bytes(held.picture.read_bytes())
    held.theirs.enter(copied)
    assert held.asked()[2].victims.recorded == 1
    held.restrict(countries=["XA"])
    assert held.asked()[2].victims.recorded == 0
    assert held.asked(held.ours)[2].victims.recorded == 1
    lift(installation, ours, Subject.CONTRIBUTION, held.instance.contribution_id)
    assert held.asked()[2].victims.recorded == 1
    restrict(installation, ours, Subject.PERSON, person, Bounds(OPERATION, countries=[]))
    assert held.asked()[2].victims.recorded == 0  # a chain is as narrow as its narrowest link


# ---- what hides much ------------------------------------------------------------------------------------------------------


class Many:
    """A contribution of so many digests, restricted in silence to the own country."""

    def __init__(self, ours: Desk, count: int) -> None:
        self.installation, self.actor = ours.installation, ours.actor
        self.digests = [uuid4().hex + uuid4().hex for _ in range(count)]
        terms = Terms(ours.case, Category.CATEGORY_1, own_country_only=OPERATION)
        enter_digests(ours.installation, ours.actor, self.digests, terms)
        with ours.actor.acting(utc_now()):
            self.contribution = Contribution.objects.get(owner_unit_id=ours.actor.unit)
        self.second = colleague(ours.actor, UserRole.NATIONAL_ADMINISTRATOR)

    def restrict(self, **bounds: object) -> UUID:
        given = Bounds(**{"reason": OPERATION, **bounds})  # type: ignore[arg-type]
        return restrict(self.installation, self.actor, Subject.CONTRIBUTION, self.contribution.id, given)

    def lift(self) -> bool:
        return lift(self.installation, self.actor, Subject.CONTRIBUTION, self.contribution.id)


def test_what_hides_many_is_widened_by_two_persons_and_exactly_as_was_approved(desks: Desks) -> None:
    desks.of("XC")  # to be named, a country must be there
    ours, theirs = Many(desks.of(fresh_code()), 101), desks.of("XB")
    make_group(ours.installation, ours.actor, "Harbour")
    wider = {
        "countries": ["XC", "XB"], "units": [ours.actor.unit, theirs.actor.unit], "groups": ["Harbour"],
        "purposes": ["TRAINING", "INVESTIGATION"], "handling": "RESTRICTED", "silent": True,
        "until": utc_now() + timedelta(days=3),
    }  # fmt: skip
    with pytest.raises(ApprovalAwaited):
        ours.restrict(**wider)
    decided = with_second(ours.installation, ours.second, lambda: ours.restrict(**wider))
    entry = AuditEntry.objects.using(OWNER).filter(user=ours.actor.user, verb=Verb.RESTRICT, outcome="DONE").get()
    approval = Approval.objects.using(OWNER).get(requested_by_id=ours.actor.user)
    assert str(approval.id) in entry.items
    assert approval.subject.startswith(f"widen restriction {decided}\ncountries XC XB\nunits ")
    assert approval.counts == "a restriction of more than 100 instances is widened: countries, its end"
    stands = show_restriction(ours.installation, ours.actor, Subject.CONTRIBUTION, ours.contribution.id).bounds
    assert stands
    assert (stands.countries, stands.until) == (wider["countries"], wider["until"])
    with pytest.raises(ApprovalAwaited):  # another change, and the approval is used up
        ours.restrict(**{**wider, "silent": False})
    with pytest.raises(ApprovalAwaited):
        take_in(ours.installation, ours.actor, "Harbour", "XB")
    assert with_second(
        ours.installation, ours.second, lambda: take_in(ours.installation, ours.actor, "Harbour", theirs.actor.unit)
    )
    ours.restrict(**{**wider, "countries": ["XC"], "silent": True})  # narrower: no second person
    assert with_second(ours.installation, ours.second, ours.lift)
    assert theirs.ask_texts(ours.digests[:1])[0].answer is State.KNOWN
    assert not ours.lift()
    ours.restrict(countries=[])  # anew


def test_up_to_a_hundred_are_widened_by_one(desks: Desks) -> None:
    ours = Many(desks.of(fresh_code()), 100)
    ours.restrict(countries=["XB"])
    assert ours.lift()


@pytest.mark.parametrize(
    "way",
    [
        "update restriction set lifted_at = now() where id = %(restriction)s",
        "update restriction set countries = null where id = %(restriction)s",
        "update restriction set until = now() where id = %(restriction)s",
        "update restriction set silent = false where id = %(restriction)s",
        "select restrict_record('contribution', %(contribution)s, %(wider)s)",
        "insert into group_member (id, group_id, country_id, since) values (gen_random_uuid(), %(group)s, 'XB', now())",
    ],
)
def test_the_database_lets_nobody_widen_it_alone(desks: Desks, way: str) -> None:
    ours = Many(desks.of(fresh_code()), 101)
    group = make_group(ours.installation, ours.actor, "Harbour")
    ours.restrict(countries=[], groups=["Harbour"], silent=True)
    given = Bounds(OPERATION, countries=["XB"])
    with ours.actor.acting(utc_now()):
        instance = Instance.objects.filter(owner_unit_id=ours.actor.unit)[0].id
    wider = restrict(ours.installation, ours.actor, Subject.INSTANCE, instance, given)
    facts = {
        "restriction": ours.contribution.restriction_id, "contribution": ours.contribution.id, "wider": wider,
        "group": group,
    }  # fmt: skip
    with pytest.raises(ProgrammingError, match="needs a second person"), ours.actor.acting(utc_now()):
        fresh_rows(way, facts)  # type: ignore[arg-type]


# ---- the hub -----------------------------------------------------------------------------------------------------------------


def test_the_hub_suspends_and_only_the_owner_and_the_hub_see_it_marked(held: Holding, hub: Actor, desks: Desks) -> None:
    installation, contribution = held.ours.installation, held.instance.contribution_id
    for other in (held.theirs.actor, held.ours.actor):
        with pytest.raises(NotAllowed, match="only the hub"):
            suspend(installation, other, Subject.CONTRIBUTION, contribution, "a doubt")
        with pytest.raises(ProgrammingError, match="only the hub"), other.acting(utc_now()):
            fresh_rows("select suspend_record('CONTRIBUTION', %s, 'x')", [contribution])
    made = suspend(installation, hub, Subject.CONTRIBUTION, contribution, "a doubt")
    with pytest.raises(AlreadySuspended):
        suspend(installation, hub, Subject.CONTRIBUTION, contribution, "a doubt")
    assert [(one.answer, one.qualifiers) for one in held.asked()[:3]] == [(State.NEW, ())] * 3
    assert held.asked(desks.of("XA"))[2].answer is State.NEW
    (own,) = held.ours.ask_texts([held.sha256])
    assert (own.answer, own.qualifiers) == (State.KNOWN, (Qualifier.SUSPENDED,))
    assert [one.reason for one in list_suspensions(installation, held.ours.actor)] == ["a doubt"]
    assert not list_suspensions(installation, held.theirs.actor)
    lift_suspension(installation, hub, made)
    assert held.asked()[2].answer is State.KNOWN
    with pytest.raises(UnknownRecord):
        lift_suspension(installation, hub, made)


def test_the_hub_counts_what_is_overdue_and_learns_nothing_else(held: Holding, hub: Actor) -> None:
    installation = held.ours.installation
    held.restrict(units=[], silent=True)
    held.asked()
    settle(installation.config)

    def overdue() -> int:
        return next((one.overdue for one in count_overdue(installation, hub) if one.country == "XA"), 0)

    before = overdue()
    mine = Alert.objects.using(OWNER).filter(owner_unit_id=held.ours.actor.unit)
    assert mine.update(due_at=utc_now() - timedelta(seconds=1)) == 1
    assert overdue() == before + 1
    assert not list_alerts(installation, hub)
    with pytest.raises(NotAllowed, match="only the hub"):
        count_overdue(installation, held.ours.actor)


# ---- bare hashes ----------------------------------------------------------------------------------------------------------


def test_a_bare_hash_needs_its_own_right_and_a_token_must_name_it(desk: Desk) -> None:
    bare = "pdq:" + "0f" * 32
    desk.ask_texts([bare])
    officer = replace(desk.actor, roles=frozenset({UserRole.OFFICER}))
    with pytest.raises(RoleNeeded, match="ASK-HASH"):
        replace_desk(desk, officer).ask_texts(["ab" * 32, bare])
    machine = replace(desk.actor, token=uuid4())
    for scopes in (None, frozenset({"ASK"})):
        with pytest.raises(OutOfScope, match="ASK-HASH"):
            replace_desk(desk, replace(machine, scopes=scopes)).ask_texts([bare])
    replace_desk(desk, replace(machine, scopes=frozenset({"ASK-HASH"}))).ask_texts([bare])
    replace_desk(desk, machine).ask_texts(["ab" * 32])
    verbs = AuditEntry.objects.using(OWNER).filter(user=desk.actor.user, verb=Verb.ASK_HASH).order_by("at")
    assert list(verbs.values_list("outcome", flat=True)) == ["DONE", "REFUSED", "REFUSED", "REFUSED", "DONE"]


def replace_desk(desk: Desk, actor: Actor) -> Desk:
    return replace(desk, actor=actor)
