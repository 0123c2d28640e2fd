"""Opening records: once under a name, in one's own unit, with a legal basis."""

from dataclasses import replace
from hashlib import sha256

import pytest

from concord.actions.enter import Terms, enter_digests
from concord.actions.restrict import Bounds, lift, restrict
from concord.actions.say import add_appearance, add_person, open_case, open_series
from concord.errors import AlreadyThere, NotAllowed, TooLong, UnfitName
from concord.records.material import Instance
from concord.records.person import Appearance, Role
from concord.records.suspension import Subject
from concord.values import NAME_CHARACTERS, Category, utc_now
from tests.desk import Desk, Desks


def test_a_name_is_taken_once_in_a_unit(desk: Desk) -> None:
    open_series(desk.installation, desk.actor, "S-1")
    with pytest.raises(AlreadyThere, match="series S-1"):
        open_series(desk.installation, desk.actor, "S-1")
    with pytest.raises(AlreadyThere, match="case C-1"):
        open_case(desk.installation, desk.actor, "C-1")


def test_another_unit_may_use_the_same_name(desks: Desks) -> None:
    for country in ("XA", "XA", "XB"):
        desk = desks.of(country)
        open_series(desk.installation, desk.actor, "S-1")


def test_a_name_has_an_end(desk: Desk) -> None:
    open_case(desk.installation, desk.actor, "n" * NAME_CHARACTERS)
    with pytest.raises(TooLong, match="201 characters"):
        open_case(desk.installation, desk.actor, "n" * (NAME_CHARACTERS + 1))


def test_without_a_legal_basis_nothing_is_said(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="legal basis"):
        add_person(desk.installation, replace(desk.actor, basis=None), Role.VICTIM, "P-1")


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[31mb", "two\nlines", "\x00"])
def test_a_name_is_one_line_that_can_be_read(desk: Desk, name: str) -> None:
    with pytest.raises(UnfitName):
        open_case(desk.installation, desk.actor, name)
    with pytest.raises(UnfitName):
        add_person(desk.installation, desk.actor, Role.VICTIM, name)


def test_what_is_said_later_of_a_hidden_material_is_hidden_with_it(desks: Desks) -> None:
    """Also where it is the contribution that was restricted, after it had been entered for all."""
    ours, theirs = desks.of("XA"), desks.of("XB")
    digest = sha256(ours.actor.unit.bytes).hexdigest()
    (line,) = enter_digests(ours.installation, ours.actor, [digest], Terms("C-1", Category.CATEGORY_1))
    enter_digests(theirs.installation, theirs.actor, [digest], Terms("C-1", Category.CATEGORY_1))
    assert line.material
    with ours.actor.acting(utc_now()):
        contribution = Instance.objects.get(material_id=line.material, owner_unit_id=ours.actor.unit).contribution_id
    restrict(ours.installation, ours.actor, Subject.CONTRIBUTION, contribution, Bounds("r", ["XA"], silent=True))
    person = add_person(ours.installation, ours.actor, Role.VICTIM, "P-later")
    appearance = add_appearance(ours.installation, ours.actor, person, line.material)
    with theirs.actor.acting(utc_now()):
        assert not Appearance.objects.filter(pk=appearance).exists()
    lift(ours.installation, ours.actor, Subject.CONTRIBUTION, contribution)
    with theirs.actor.acting(utc_now()):
        assert Appearance.objects.filter(pk=appearance).exists()
