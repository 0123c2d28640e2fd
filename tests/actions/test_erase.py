"""A unit takes back what it entered: all of it, and nothing of others; nobody who enters meanwhile loses anything."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections

from concord.access.actor import Actor
from concord.access.audit import AuditEntry
from concord.access.removal import Removal, gone_meanwhile
from concord.actions.approve import Awaited, decide_request
from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_ready, store
from concord.actions.erase import Erased, erase_records, finish_removals
from concord.actions.restrict import Bounds, restrict
from concord.actions.say import add_appearance, add_person, open_case, open_series
from concord.errors import NeedsStepUp, NoReason, NotAllowed, UnknownRecord, VaultUnavailable
from concord.media.opening import open_file
from concord.records.answer import State
from concord.records.fingerprint import Fingerprint, FingerprintRemoval
from concord.records.material import Instance, Material
from concord.records.person import Appearance, Role
from concord.records.restriction import Restriction
from concord.records.series import Membership
from concord.records.statement import Statement
from concord.records.suspension import Subject
from concord.records.user import UserRole
from concord.values import Category, utc_now
from tests.desk import Desk, Desks
from tests.people import colleague


def supervisor_of(desk: Desk) -> Actor:
    """Another of the same unit."""
    return colleague(desk.actor, UserRole.SUPERVISOR)


def erase(desk: Desk, *records: UUID | None) -> Erased:
    """With the word of a second person."""
    named = [one for one in records if one]
    asked = erase_records(desk.installation, desk.actor, named, "a court says so")
    assert isinstance(asked, Awaited)
    decide_request(desk.installation, supervisor_of(desk), asked.approval, approved=True, words="yes")
    done = erase_records(desk.installation, desk.actor, named)
    assert isinstance(done, Erased)
    return done


def same_file(desk: Desk, path: Path, name: str = "same.jpg") -> Path:
    copy = desk.folder / name
    copy.write_bytes(path.read_bytes())
    return copy


def held_bytes(desk: Desk, sha256: str | None) -> bool:
    return desk.installation.vault.holds(bytes.fromhex(str(sha256)), desk.actor.country)


def test_what_one_unit_alone_holds_is_gone_for_good(desk: Desk) -> None:
    installation, actor = desk.installation, desk.actor
    open_series(installation, actor, "S-1")
    picture, near = desk.picture("a.jpg", seed := uuid4().int % 10**6), desk.picture("near.jpg", seed, quality=35)
    (line,) = desk.enter(picture, series="S-1", own_country_only="an operation")
    assert line.material
    person = add_person(installation, actor, Role.VICTIM, "P-1")
    add_appearance(installation, actor, person, line.material)
    numbers = set(Fingerprint.objects.using(OWNER).filter(material_id=line.material).values_list("number", flat=True))
    assert desk.ask(near)[0].answer is State.KNOWN
    done = erase(desk, line.material)
    assert {what: done.counts[what] for what in ("instances", "appearances", "memberships", "contributions")} == {
        "instances": 1, "appearances": 1, "memberships": 1, "contributions": 1,
    }  # fmt: skip
    assert [one.answer for one in desk.ask(str(line.sha256), near)] == [State.NEW, State.NEW]
    for model in (Instance, Statement, Appearance, Membership, Fingerprint):
        assert not model._default_manager.using(OWNER).filter(material_id=line.material).exists()
    assert not Material.objects.using(OWNER).filter(pk=line.material).exists()
    assert not Restriction.objects.using(OWNER).filter(owner_unit_id=actor.unit).exists()
    assert numbers <= set(FingerprintRemoval.objects.using(OWNER).values_list("number", flat=True))
    assert not held_bytes(desk, line.sha256)
    entry = AuditEntry.objects.using(OWNER).get(verb="ERASE", user=actor.user, outcome="DONE")
    assert entry.items == [str(line.material), str(done.approval)]
    (again,) = desk.enter(picture)  # it can be entered anew
    assert (again.material, desk.ask(near)[0].answer) == (line.material, State.KNOWN)
    assert held_bytes(desk, line.sha256)


def test_what_others_hold_and_say_stays(desks: Desks) -> None:
    ours, mate, theirs = desks.of("XA"), desks.of("XA"), desks.of("XB")
    picture = ours.picture("a.jpg")
    (line,) = ours.enter(picture)
    mate.enter(same_file(mate, picture))
    theirs.enter(same_file(theirs, picture))
    person = add_person(theirs.installation, theirs.actor, Role.VICTIM, "P-1")
    assert line.material
    add_appearance(theirs.installation, theirs.actor, person, line.material)
    before = theirs.ask(str(line.sha256))[0].victims
    erase(ours, line.material)
    assert held_bytes(ours, line.sha256)  # a unit of the country has it still
    erase(mate, line.material)
    assert (held_bytes(ours, line.sha256), held_bytes(theirs, line.sha256)) == (False, True)
    assert (
        b"".join(theirs.installation.vault.read(bytes.fromhex(str(line.sha256)), theirs.actor.country))
        == picture.read_bytes()
    )
    (answer,) = theirs.ask(str(line.sha256))
    assert (answer.victims, [one.owner.unit for one in answer.matches]) == (before, [theirs.actor.unit_name])
    assert Fingerprint.objects.using(OWNER).filter(material_id=line.material).exists()


def test_what_erasing_tells_is_the_same_whether_others_hold_it_in_silence(desks: Desks) -> None:
    """Else whoever enters a file and takes it back would learn who else has it."""

    def told(holders: list[Desk]) -> dict[str, int]:
        desk = desks.of("XB")
        picture = desk.picture("a.jpg")
        for holder in holders:
            holder.enter(same_file(holder, picture), own_country_only="an operation")
        (line,) = desk.enter(picture)
        return erase(desk, line.material).counts

    mate = desks.of("XB")
    assert told([]) == told([desks.of("XA")]) == told([mate]) == told([desks.of("XC"), mate])


def test_of_two_contributions_one_is_erased_and_what_is_said_stays_with_the_other(desk: Desk) -> None:
    picture = desk.picture("a.jpg")
    (line,) = desk.enter(picture)
    open_case(desk.installation, desk.actor, "C-2")
    desk.enter(picture, case="C-2")
    person = add_person(desk.installation, desk.actor, Role.VICTIM, "P-1")
    assert line.material
    add_appearance(desk.installation, desk.actor, person, line.material)
    with desk.actor.acting(utc_now()):
        first = Instance.objects.filter(material_id=line.material).order_by("recorded_at")[0].contribution_id
    counts = erase(desk, first).counts
    assert (counts["instances"], counts["contributions"], counts["appearances"]) == (1, 1, 0)
    assert Fingerprint.objects.using(OWNER).filter(material_id=line.material).exists()
    assert desk.ask(str(line.sha256))[0].victims.recorded == 1


def test_only_what_was_approved_is_erased_by_whom_it_belongs_to(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    picture = ours.picture("a.jpg")
    (line,) = ours.enter(picture)
    assert line.material
    installation = ours.installation
    with pytest.raises(NoReason):
        erase_records(installation, ours.actor, [line.material])
    with pytest.raises(NotAllowed, match="not your unit's"):
        erase_records(installation, theirs.actor, [line.material], "a reason")
    with pytest.raises(UnknownRecord):
        erase_records(installation, ours.actor, [line.material, uuid4()], "a reason")
    asked = erase_records(installation, ours.actor, [line.material], "a reason")
    assert isinstance(asked, Awaited)
    assert asked.counts == "instances: 1, materials: 1"
    decide_request(installation, supervisor_of(ours), asked.approval, approved=True, words="yes")
    ours.enter(same_file(ours, picture, "once-more.jpg"))  # another instance: not what was approved
    with pytest.raises(NoReason):
        erase_records(installation, ours.actor, [line.material])
    assert len(ours.ask(str(line.sha256))[0].matches) == 1


def test_a_session_steps_up_first_and_a_token_never_does(desk: Desk) -> None:
    """To ask for it needs none; what is refused for want of it uses up no approval."""
    (line,) = desk.enter(desk.picture("a.jpg"))
    assert line.material
    now = desk.installation.clock()
    late = replace(desk.actor, is_local=False, session=uuid4(), stepped_up_at=now - timedelta(minutes=6))
    machine = replace(late, session=None, token=uuid4())
    asked = erase_records(desk.installation, machine, [line.material], "a reason")
    assert isinstance(asked, Awaited)
    decide_request(desk.installation, supervisor_of(desk), asked.approval, approved=True, words="yes")
    for actor in (late, replace(late, stepped_up_at=None), machine):
        with pytest.raises(NeedsStepUp):
            erase_records(desk.installation, actor, [line.material])
    assert desk.ask(str(line.sha256))[0].answer is State.KNOWN
    assert isinstance(erase_records(desk.installation, replace(late, stepped_up_at=now), [line.material]), Erased)


def test_restricted_or_not_it_goes_and_an_unused_restriction_with_it(desk: Desk) -> None:
    one, other = desk.enter(desk.picture("a.jpg"), desk.picture("b.jpg"))
    with desk.actor.acting(utc_now()):
        contribution = Instance.objects.get(material_id=one.material, owner_unit_id=desk.actor.unit).contribution_id
    restrict(desk.installation, desk.actor, Subject.CONTRIBUTION, contribution, Bounds("an operation", countries=[]))
    erase(desk, one.material)
    assert Restriction.objects.using(OWNER).filter(owner_unit_id=desk.actor.unit).count() == 1
    erase(desk, other.material)
    assert not Restriction.objects.using(OWNER).filter(owner_unit_id=desk.actor.unit).exists()


# ---- the vault, and whoever enters meanwhile ----------------------------------------------------------------------------------


class Unreachable:
    """A vault that cannot be reached when something is to be taken out of it."""

    def __init__(self, desk: Desk) -> None:
        self._vault = desk.installation.vault

    def __getattr__(self, name: str) -> object:
        return getattr(self._vault, name)

    def forget(self, name: str, owner: str) -> bool:
        raise VaultUnavailable(cause="a test")


def test_what_could_not_be_taken_out_at_once_is_taken_out_later(desk: Desk) -> None:
    (line,) = desk.enter(desk.picture("a.jpg"))
    failing = replace(desk, installation=replace(desk.installation, vault=Unreachable(desk)))  # type: ignore[arg-type]
    erase(failing, line.material)
    assert desk.ask(str(line.sha256))[0].answer is State.NEW
    assert held_bytes(desk, line.sha256)
    assert finish_removals(desk.installation) == 1
    assert not held_bytes(desk, line.sha256)
    assert finish_removals(desk.installation) == 0
    (left,) = Removal.objects.using(OWNER).filter(material=line.material)
    assert str(line.sha256) not in f"{left.object_name} {left.material.hex}"


def test_what_is_entered_again_before_it_is_taken_out_stays(desk: Desk) -> None:
    picture = desk.picture("a.jpg")
    (line,) = desk.enter(picture)
    erase(replace(desk, installation=replace(desk.installation, vault=Unreachable(desk))), line.material)  # type: ignore[arg-type]
    desk.enter(picture)
    assert finish_removals(desk.installation) == 0
    assert held_bytes(desk, line.sha256)
    assert (
        b"".join(desk.installation.vault.read(bytes.fromhex(str(line.sha256)), desk.actor.country))
        == picture.read_bytes()
    )


def test_what_went_after_it_was_stored_is_not_entered_without_its_bytes(desks: Desks) -> None:
    """Stored by the one while the other still held it, and entered after the other erased it."""
    ours, theirs = desks.of("XA"), desks.of("XA")
    picture = ours.picture("a.jpg")
    (line,) = ours.enter(picture)
    installation, copy = theirs.installation, same_file(theirs, picture)
    with open_file(copy, str(copy)) as file:
        ready = store(installation, theirs.actor, str(copy), file, installation.examiner.examine_file(file, str(copy)))
    erase(ours, line.material)
    terms = Terms(theirs.case, Category.CATEGORY_1)
    (entered,) = enter_ready(installation, theirs.actor, [ready], terms)
    assert entered.error is not None
    assert (entered.result, entered.error.code) == ("failed", "not_kept")
    assert not Instance.objects.using(OWNER).filter(material_id=line.material).exists()
    (entered,) = theirs.enter(copy)
    assert (entered.result, held_bytes(theirs, line.sha256)) == ("entered", True)


def test_erasing_waits_for_whoever_is_entering_the_same_material(desks: Desks) -> None:
    """Else the fingerprint would go that his instance needs. Two connections; the one is seen to wait for the other."""
    ours, theirs = desks.of("XA"), desks.of("XB")
    picture = ours.picture("a.jpg")
    (line,) = ours.enter(picture)
    copy = same_file(theirs, picture)
    assert line.material
    asked = erase_records(ours.installation, ours.actor, [line.material], "a reason")
    assert isinstance(asked, Awaited)
    decide_request(ours.installation, supervisor_of(ours), asked.approval, approved=True, words="yes")
    begun, go_on = threading.Event(), threading.Event()

    def entering() -> None:
        with theirs.actor.acting(utc_now()):
            gone_meanwhile([line.material])  # type: ignore[list-item]
            begun.set()
            go_on.wait()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_closing, entering)
        begun.wait()
        second = pool.submit(_closing, lambda: erase_records(ours.installation, ours.actor, [line.material]))  # type: ignore[list-item]
        while not _somebody_waits() and not second.done():
            pass
        waited = not second.done()
        go_on.set()
        first.result()
        assert isinstance(second.result(), Erased)
    assert waited
    theirs.enter(copy)
    assert theirs.ask(copy)[0].answer is State.KNOWN


def _closing(do: Callable[[], object]) -> object:
    try:
        return do()
    finally:
        connection.close()


def _somebody_waits() -> bool:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where locktype = 'advisory' and classid = 1129203283 and not granted)"
        )
        return bool(cursor.fetchone()[0])


def test_nothing_is_erased_by_one_alone(desk: Desk) -> None:
    (line,) = desk.enter(desk.picture("a.jpg"))
    assert line.material
    asked = erase_records(desk.installation, desk.actor, [line.material], "a reason")
    assert isinstance(asked, Awaited)
    with pytest.raises(NotAllowed):
        decide_request(
            desk.installation, replace(desk.actor, roles=frozenset({UserRole.SUPERVISOR})), asked.approval, True, "yes"
        )
    assert erase_records(desk.installation, desk.actor, [line.material]) == asked
    assert desk.ask(str(line.sha256))[0].answer is State.KNOWN
