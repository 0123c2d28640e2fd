"""An export holds exactly what was approved, never a perceptual value, and ends in the middle where a right ends."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from concord.access.actor import sign_in
from concord.access.approval import Approval
from concord.access.audit import AuditEntry
from concord.access.budget import Meter
from concord.access.meter import Spent, spend
from concord.actions import export as exporting
from concord.actions.approve import decide_request
from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.actions.erase import erase_records
from concord.actions.export import Record, Scope, ask_export, export_records
from concord.actions.installation import Installation
from concord.actions.say import add_appearance, add_person, open_case, open_series
from concord.errors import (
    ApprovalNeeded,
    BudgetSpent,
    ExportChanged,
    NeedsStepUp,
    NotAllowed,
    NotSignedIn,
    UnknownRecord,
)
from concord.records.fingerprint import Fingerprint
from concord.records.material import Instance
from concord.records.person import Role
from concord.records.user import Grant, Profile, UserRole
from concord.values import Basis, Category, Purpose, utc_now
from tests.actions.test_erase import supervisor_of
from tests.desk import Desk, Desks
from tests.officers import Officers
from tests.people import fresh_code


@pytest.fixture
def desk(desks: Desks) -> Desk:
    """With a picture, a person and a series."""
    desk = desks.of("XA")
    open_series(desk.installation, desk.actor, "S-1")
    (line,) = desk.enter(desk.picture("a.jpg"), series="S-1")
    assert line.material
    add_appearance(
        desk.installation, desk.actor, add_person(desk.installation, desk.actor, Role.VICTIM, "P-1"), line.material
    )
    return desk


def approved(desk: Desk, scope: Scope = Scope.UNIT) -> UUID:
    asked = ask_export(desk.installation, desk.actor, scope, "to our court")
    decide_request(desk.installation, supervisor_of(desk), asked.approval, approved=True, words="yes")
    return asked.approval


def taken(desk: Desk, approval: UUID) -> list[Record]:
    return [record for part in export_records(desk.installation, desk.actor, approval).parts for record in part]


def test_it_holds_what_the_unit_recorded_and_nothing_else(desks: Desks, desk: Desk) -> None:
    mate, theirs = desks.of("XA"), desks.of("XB")
    mate.enter(mate.picture("m.jpg"))
    theirs.enter(theirs.picture("t.jpg"))
    made = export_records(desk.installation, desk.actor, approved(desk))
    assert (made.heading.unit, made.heading.reason) == (desk.actor.unit_name, "to our court")
    records = [record for part in made.parts for record in part]
    kinds = [one["record"] for one in records]
    assert {kind: kinds.count(kind) for kind in made.heading.counts} == made.heading.counts
    assert {"case", "series", "person", "contribution", "instance", "appearance", "membership"} <= set(kinds)
    assert {one["unit"] for one in records} == {desk.actor.unit}
    named = AuditEntry.objects.using(OWNER).filter(verb="EXPORT", user=desk.actor.user, outcome="DONE")
    assert {item for entry in named for item in entry.items} >= {str(one["id"]) for one in records}


def test_a_countrys_holds_its_units_and_no_others(desks: Desks, desk: Desk) -> None:
    mate, theirs = desks.of("XA"), desks.of("XB")
    (ours,) = mate.enter(mate.picture("m.jpg"))
    (foreign,) = theirs.enter(theirs.picture("t.jpg"))
    materials = {one.get("material") for one in taken(desk, approved(desk, Scope.COUNTRY))}
    assert ours.material in materials
    assert foreign.material not in materials


def test_no_perceptual_value_is_in_it(desk: Desk) -> None:
    text = msgspec.json.encode(taken(desk, approved(desk))).decode()
    with desk.actor.acting(utc_now()):
        material = Instance.objects.filter(owner_unit_id=desk.actor.unit)[0].material_id
    values = Fingerprint.objects.using(OWNER).filter(material_id=material).values_list("value", flat=True)
    assert values
    assert not [value for value in values if bytes(value).hex() in text]
    assert json.loads(text)
    assert "fingerprint" not in exporting.SHAPES


def test_it_is_taken_once_and_by_whoever_asked(desks: Desks, desk: Desk) -> None:
    asked = ask_export(desk.installation, desk.actor, Scope.UNIT, "a reason")
    with pytest.raises(ApprovalNeeded):
        export_records(desk.installation, desk.actor, asked.approval)
    decide_request(desk.installation, supervisor_of(desk), asked.approval, approved=True, words="yes")
    with pytest.raises(UnknownRecord):
        export_records(desk.installation, supervisor_of(desk), asked.approval)
    late = replace(desk.actor, is_local=False, session=uuid4(), stepped_up_at=utc_now() - timedelta(minutes=6))
    with pytest.raises(NeedsStepUp):
        export_records(desk.installation, late, asked.approval)
    assert taken(desk, asked.approval)
    with pytest.raises(ApprovalNeeded):
        export_records(desk.installation, desk.actor, asked.approval)


def test_what_is_entered_after_it_was_asked_for_is_not_in_it(desk: Desk) -> None:
    approval = approved(desk)
    (line,) = desk.enter(desk.picture("late.jpg"))
    assert line.material not in {one.get("material") for one in taken(desk, approval)}


def test_what_went_since_it_was_asked_for_makes_it_another(desk: Desk) -> None:
    (line,) = desk.enter(desk.picture("b.jpg"))
    assert line.material
    approval = approved(desk)
    erasing = erase_records(desk.installation, desk.actor, [line.material], "a reason")
    decide_request(desk.installation, supervisor_of(desk), erasing.approval, approved=True, words="yes")
    erase_records(desk.installation, desk.actor, [line.material])
    with pytest.raises(ExportChanged):
        export_records(desk.installation, desk.actor, approval)


def test_it_ends_in_the_middle_when_the_role_is_taken_away(desk: Desk) -> None:
    parts = export_records(desk.installation, desk.actor, approved(desk)).parts
    assert next(parts)
    Grant.objects.using(OWNER).filter(user_id=desk.actor.user).update(revoked_at=utc_now())
    with pytest.raises(NotAllowed, match="none of your roles"):
        next(parts)


def test_it_ends_in_the_middle_when_the_profile_is_shut_out(desk: Desk) -> None:
    parts = export_records(desk.installation, desk.actor, approved(desk)).parts
    assert next(parts)
    Profile.objects.using(OWNER).filter(pk=desk.actor.profile).update(active=False)
    with pytest.raises(NotSignedIn):
        next(parts)


def test_what_goes_while_it_is_written_makes_it_invalid(desk: Desk) -> None:
    made = export_records(desk.installation, desk.actor, approved(desk))
    parts = made.parts
    assert next(parts)
    Instance.objects.using(OWNER).filter(owner_unit_id=desk.actor.unit).update(
        recorded_at=utc_now() + timedelta(days=1)
    )
    with pytest.raises(ExportChanged):
        list(parts)


def test_long_ones_come_in_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.enter(*[desk.picture(f"{number}.jpg") for number in range(3)])
    approval = approved(desk)
    monkeypatch.setattr(exporting, "PART_ITEMS", 2)
    parts = list(export_records(desk.installation, desk.actor, approval).parts)
    assert [one["record"] for part in parts for one in part].count("instance") == 4
    assert max(map(len, parts)) == 2


def test_what_other_units_hold_is_spent_from_the_budget_all_or_nothing(
    installation: Installation, officers: Officers
) -> None:
    """A case, two contributions and 97 digests that the own unit does not hold are 100 records."""
    country = fresh_code()
    ours, theirs = (officers.of(country, Purpose.MISSING, Basis.NATIONAL_LAW) for _ in range(2))
    digests = [uuid4().hex + uuid4().hex for _ in range(99)]
    open_case(installation, theirs, "C-1")
    enter_digests(installation, theirs, digests[:98], Terms("C-1", Category.CATEGORY_1))
    open_case(installation, ours, "C-2")
    enter_digests(installation, ours, digests[:1], Terms("C-2", Category.CATEGORY_1))  # held by both: not counted
    enter_digests(installation, theirs, digests[98:], Terms("C-1", Category.CATEGORY_1))  # a contribution more
    with pytest.raises(BudgetSpent, match=r"0 of 100 .* and 101 more"):
        ask_export(installation, ours, Scope.COUNTRY, "to our court")
    assert not Approval.objects.using(OWNER).filter(requested_by_id=ours.user).exists()
    enter_digests(installation, ours, digests[1:2], Terms("C-2", Category.CATEGORY_1))
    asked = ask_export(installation, ours, Scope.COUNTRY, "to our court").approval
    decide_request(installation, supervisor_of(Desk(installation, ours, Path())), asked, approved=True, words="yes")
    with ours.acting(utc_now()):  # asking spent nothing, a view does
        spend(ours, Meter.VIEW, [view := str(uuid4())], installation.config.limits, utc_now())
    with pytest.raises(BudgetSpent, match="1 of 100"):
        export_records(installation, ours, asked)
    refused = AuditEntry.objects.using(OWNER).filter(user=ours.user, verb="EXPORT", reason="budget_spent")
    assert sorted(one.items[-1] for one in refused) == sorted([str(asked), "country"])
    Spent.objects.using(OWNER).get(user_id=ours.user, item=view).delete()
    records = [one for part in export_records(installation, ours, asked).parts for one in part]  # it was not used up
    assert len([one for one in records if one["record"] == "instance"]) == 101
    with ours.acting(utc_now()), pytest.raises(BudgetSpent, match="100 of 100"):
        spend(ours, Meter.VIEW, [view], installation.config.limits, utc_now())


def test_only_some_roles_export(desk: Desk) -> None:
    auditor = replace(sign_in(desk.actor.profile), roles=frozenset({UserRole.AUDITOR}))
    with pytest.raises(NotAllowed):
        ask_export(desk.installation, auditor, Scope.UNIT, "a reason")
