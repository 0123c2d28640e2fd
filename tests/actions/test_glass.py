"""Break-glass: it shows what a restriction hides, to whoever opened it, there, for an hour; and it is reviewed."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from django.db.utils import ProgrammingError

from concord.access.actor import Actor
from concord.access.glass import Emergency, Finding, Glass, GlassState, Side
from concord.actions.enrol import OWNER
from concord.actions.glass import Breaking, Broken, close_glass, list_glass, open_glass, review_glass
from concord.actions.restrict import Bounds, restrict
from concord.actions.say import add_appearance, add_person
from concord.database.acting import fresh_rows
from concord.errors import (
    MalformedDigest,
    MalformedRequest,
    NoReason,
    NotAllowed,
    OutOfScope,
    RoleNeeded,
    UnknownCode,
    UnknownRecord,
)
from concord.records.answer import State
from concord.records.material import Instance
from concord.records.person import Role
from concord.records.suspension import Subject
from concord.records.user import Grant, User, UserRole
from concord.values import utc_now
from tests import people
from tests.desk import Desk, Desks

WHY = "a child is in danger"


@dataclass
class Held:
    """What XA holds, two pictures in one restricted contribution, one of a person; and XB asks."""

    ours: Desk
    theirs: Desk
    digests: list[str]
    materials: list[UUID]

    def restrict(self, **bounds: object) -> UUID:
        given = Bounds(**{"reason": "an operation", "countries": ["XA"], **bounds})  # type: ignore[arg-type]
        with self.ours.actor.acting(utc_now()):
            contribution = Instance.objects.get(
                material_id=self.materials[0], owner_unit_id=self.ours.actor.unit
            ).contribution_id
        return restrict(self.ours.installation, self.ours.actor, Subject.CONTRIBUTION, contribution, given)

    def states(self, desk: Desk | None = None) -> list[State | None]:
        return [one.answer for one in (desk or self.theirs).ask_texts(self.digests)]

    def open(self, **more: str) -> Broken:
        given = Breaking(**{"country": "XA", "emergency": "DANGER", "reason": WHY, **more})  # type: ignore[arg-type]
        return open_glass(self.theirs.installation, self.theirs.actor, given)


KNOWN, NEW = State.KNOWN, State.NEW


@pytest.fixture
def held(desks: Desks) -> Held:
    ours, theirs = desks.of("XA"), desks.of("XB")
    lines = ours.enter(ours.picture("a.jpg"), ours.picture("b.jpg"))
    held = Held(ours, theirs, [str(one.sha256) for one in lines], [one.material for one in lines if one.material])
    person = add_person(ours.installation, ours.actor, Role.VICTIM, "P-1")
    for material in held.materials:
        add_appearance(ours.installation, ours.actor, person, material)
    held.restrict()
    restrict(ours.installation, ours.actor, Subject.PERSON, person, Bounds("an operation", countries=["XA"]))
    return held


def past(glass: UUID, seconds: int) -> None:
    """Time that passed: its clock is set back, as only whoever switches the trigger off can."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("alter table glass disable trigger changes")
        back = "opened_at = opened_at - %s * interval '1 second', expires_at = expires_at - %s * interval '1 second'"
        cursor.execute(f"update glass set {back} where id = %s", [seconds, seconds, glass])
        cursor.execute("alter table glass enable trigger changes")


def test_it_shows_what_is_restricted_until_it_is_closed(held: Held) -> None:
    assert held.states() == [NEW, NEW]
    opened = held.open()
    assert held.states() == [KNOWN, KNOWN]
    assert [one.victims.recorded for one in held.theirs.ask_texts(held.digests)] == [1, 1]
    close_glass(held.theirs.installation, held.theirs.actor, opened.glass)
    assert held.states() == [NEW, NEW]
    with pytest.raises(UnknownRecord):
        close_glass(held.theirs.installation, held.theirs.actor, opened.glass)


def test_it_closes_itself_within_the_hour(held: Held) -> None:
    opened = held.open()
    past(opened.glass, 3590)
    assert held.states() == [KNOWN, KNOWN]
    past(opened.glass, 10)
    assert held.states() == [NEW, NEW]


def test_it_is_open_where_it_was_opened_and_nowhere_else(held: Held, desks: Desks) -> None:
    held.open()
    elsewhere = replace(held.theirs, actor=replace(held.theirs.actor, session=uuid4()))
    assert held.states(elsewhere) == [NEW, NEW]
    assert held.states(desks.of("XB")) == [NEW, NEW]


def test_for_one_material_it_shows_that_one_only(held: Held) -> None:
    """Though both stand in one contribution, and the same person is in both."""
    for given in (str(held.materials[0]), held.digests[0]):
        opened = held.open(material=given)
        assert held.states() == [KNOWN, NEW]
        assert [one.victims.recorded for one in held.theirs.ask_texts(held.digests)] == [1, 0]
        close_glass(held.theirs.installation, held.theirs.actor, opened.glass)


def test_for_a_case_it_shows_what_is_in_that(held: Held) -> None:
    copy = held.theirs.folder / "copy.jpg"
    copy.write_bytes((held.ours.folder / "b.jpg").read_bytes())
    held.theirs.enter(copy)
    assert [len(one.matches) for one in held.theirs.ask_texts(held.digests)] == [0, 1]
    held.open(case=held.theirs.case)
    assert [len(one.matches) for one in held.theirs.ask_texts(held.digests)] == [0, 2]
    with pytest.raises(UnknownRecord):
        held.open(case="C-9")


def test_another_country_stays_closed(held: Held, desks: Desks) -> None:
    desks.of("XC")
    held.open(country="XC")
    assert held.states() == [NEW, NEW]


def test_what_is_silent_stays_silent_and_what_is_suspended_hidden(held: Held) -> None:
    held.open()
    held.restrict(silent=True)
    assert held.states() == [NEW, NEW]
    assert [one.qualifiers for one in held.theirs.ask_texts(held.digests)] == [(), ()]
    held.restrict()
    assert held.states() == [KNOWN, KNOWN]
    Instance.objects.using(OWNER).filter(owner_unit_id=held.ours.actor.unit).update(suspended=True)
    assert held.states() == [NEW, NEW]


def test_bounds_by_use_and_handling_code_hold(held: Held) -> None:
    held.open()
    held.restrict(purposes=["MISSING"])
    assert held.states() == [NEW, NEW]
    held.restrict(handling="CONFIDENTIAL")
    assert held.states() == [NEW, NEW]
    User.objects.using(OWNER).filter(pk=held.theirs.actor.user).update(clearance="CONFIDENTIAL")
    assert held.states() == [KNOWN, KNOWN]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"emergency": "CURIOSITY"}, UnknownCode),
        ({"reason": " "}, NoReason),
        ({"country": "ZZ"}, UnknownRecord),
        ({"material": "no id"}, MalformedDigest),
        ({"material": "ab" * 20}, MalformedRequest),
        ({"material": "ab" * 32, "case": "C-1"}, MalformedRequest),
    ],
)
def test_what_does_not_say_enough_opens_nothing(held: Held, change: dict[str, str], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        held.open(**change)
    assert held.states() == [NEW, NEW]


def test_whoever_only_oversees_opens_none_and_a_token_only_by_name(held: Held) -> None:
    theirs = held.theirs
    for actor, kind in (
        (colleague(theirs, UserRole.DATA_PROTECTION), RoleNeeded),
        (replace(theirs.actor, token=uuid4(), is_local=False), OutOfScope),
    ):
        with pytest.raises(kind):
            open_glass(theirs.installation, actor, Breaking("XA", "DANGER", WHY))


# ---- the review -----------------------------------------------------------------------------------------------------------


def with_roles(actor: Actor, *roles: UserRole) -> Actor:
    for role in roles:
        Grant.objects.using(OWNER).get_or_create(
            user_id=actor.user, role=role, revoked_at=None, defaults={"granted_at": utc_now()}
        )
    return replace(actor, roles=frozenset(roles))


def colleague(desk: Desk, *roles: UserRole) -> Actor:
    """Another of the same unit."""
    return people.colleague(desk.actor, *roles)


def test_the_owner_sees_it_at_once_and_both_sides_close_its_review(held: Held, desks: Desks) -> None:
    installation = held.ours.installation
    opened = held.open()
    owner, supervisor = with_roles(held.ours.actor, UserRole.SUPERVISOR), colleague(held.theirs, UserRole.SUPERVISOR)
    stranger = with_roles(desks.of("XC").actor, UserRole.SUPERVISOR, UserRole.DATA_PROTECTION)
    for somebody in (owner, supervisor, held.theirs.actor):
        (told,) = [one for one in list_glass(installation, somebody) if one.glass == opened.glass]
        assert (told.state, told.reason, told.emergency) == (GlassState.OPEN, WHY, Emergency.DANGER)
    assert opened.glass not in {one.glass for one in list_glass(installation, stranger, every=True)}
    words = "it was so"
    with pytest.raises(NotAllowed, match="open still"):
        review_glass(installation, supervisor, opened.glass, Finding.JUSTIFIED, words)
    close_glass(installation, held.theirs.actor, opened.glass)
    with pytest.raises(UnknownRecord):
        review_glass(installation, stranger, opened.glass, Finding.JUSTIFIED, words)
    opener = with_roles(held.theirs.actor, UserRole.SUPERVISOR)
    with pytest.raises(NotAllowed, match="by neither twice"):
        review_glass(installation, opener, opened.glass, Finding.JUSTIFIED, words)
    with pytest.raises(NoReason):
        review_glass(installation, supervisor, opened.glass, Finding.JUSTIFIED, "")
    assert review_glass(installation, supervisor, opened.glass, Finding.JUSTIFIED, words) is Side.OPENER
    with pytest.raises(NotAllowed):
        review_glass(installation, supervisor, opened.glass, Finding.NOT_JUSTIFIED, words)
    assert opened.glass in {one.glass for one in list_glass(installation, owner)}
    assert review_glass(installation, owner, opened.glass, Finding.NOT_JUSTIFIED, words) is Side.OWNER
    assert not [one for one in list_glass(installation, owner) if one.glass == opened.glass]
    (over,) = [one for one in list_glass(installation, owner, every=True) if one.glass == opened.glass]
    assert (over.state, over.supervisor_finding, over.owner_finding) == (
        GlassState.REVIEWED,
        "JUSTIFIED",
        "NOT-JUSTIFIED",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "delete from glass where id = '{glass}'",
        "truncate glass",
        "update glass set expires_at = expires_at + interval '1 minute' where id = '{glass}'",
        "update glass set opened_at = opened_at + interval '1 minute' where id = '{glass}'",
        "update glass set reason = 'none' where id = '{glass}'",
        "update glass set owner_country = 'XC' where id = '{glass}'",
        "update glass set (answered_by_id, answered_at, owner_finding, owner_words)=(opened_by_id, now(), 'JUSTIFIED', '')",
        "update glass set supervisor_finding = 'JUSTIFIED' where id = '{glass}'",
    ],
)
def test_nobody_deletes_or_bends_a_review(held: Held, statement: str) -> None:
    """Neither the program nor the owner of the tables."""
    made = statement.format(glass=held.open().glass)
    with pytest.raises(ProgrammingError, match="permission denied"), held.theirs.actor.acting(utc_now()):
        fresh_rows(made, [])
    with pytest.raises(IntegrityError), transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(made)


def test_a_finding_stays(held: Held) -> None:
    opened = held.open()
    close_glass(held.theirs.installation, held.theirs.actor, opened.glass)
    supervisor = colleague(held.theirs, UserRole.SUPERVISOR)
    review_glass(held.theirs.installation, supervisor, opened.glass, Finding.NOT_JUSTIFIED, "curiosity")
    with pytest.raises(IntegrityError, match="not changed"):
        Glass.objects.using(OWNER).filter(pk=opened.glass).update(supervisor_finding="JUSTIFIED")
    with pytest.raises(IntegrityError, match="not changed"):
        Glass.objects.using(OWNER).filter(pk=opened.glass).update(closed_at=utc_now() + timedelta(hours=1))


def test_no_glass_is_open_longer_than_an_hour_whatever_is_written(held: Held) -> None:
    opened = held.open()
    assert timedelta(0) < opened.expires_at - utc_now() <= timedelta(hours=1)
    with pytest.raises(IntegrityError, match="glass_within_an_hour"), transaction.atomic(using=OWNER):
        row = Glass.objects.using(OWNER).get(pk=opened.glass)
        row.id, row.expires_at = uuid4(), row.opened_at + timedelta(minutes=61)
        row.save(using=OWNER, force_insert=True)
