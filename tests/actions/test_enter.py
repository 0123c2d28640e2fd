"""Entering: once, whole, and never seen by those it is not for."""

import os
from pathlib import Path

import pytest

from concord.actions.enter import Terms, enter_digests, enter_files
from concord.actions.say import open_series
from concord.database.acting import acting
from concord.errors import NotAllowed, UnknownRecord
from concord.records.case import Contribution
from concord.records.material import Instance, material_id
from concord.values import Category
from tests.desk import Desk, Desks
from tests.officers import Officers
from tests.pictures import jpeg


def test_entering_twice_changes_nothing(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    (first,), (second,) = desk.enter(path), desk.enter(path)
    assert (first.result, first.answer_before) == ("entered", "NEW")
    assert (second.result, second.answer_before) == ("duplicate", "KNOWN")
    assert first.material == second.material
    assert len(_instances(desk)) == 1


def test_the_same_content_found_elsewhere_is_one_more_instance(desk: Desk) -> None:
    path = desk.picture("a.jpg", seed=11)
    other = desk.picture("b.jpg", seed=11)
    results = [line.result for line in desk.enter(path, other)]
    assert results == ["entered", "duplicate"]
    assert {Path(one.path).name for one in _instances(desk)} == {"a.jpg", "b.jpg"}


def test_material_has_a_keyed_id(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    (line,) = desk.enter(path)
    assert line.material and line.sha256
    assert line.material == material_id(bytes.fromhex(line.sha256), desk.installation.keys.identity)
    assert line.material != material_id(bytes.fromhex(line.sha256), b"another installation's".ljust(32))
    assert line.material.bytes.hex() not in line.sha256


def test_entered_bytes_are_in_the_vault(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    (line,) = desk.enter(path)
    assert line.sha256
    stored = b"".join(desk.installation.vault.read(bytes.fromhex(line.sha256), desk.actor.country))
    assert stored == path.read_bytes()


def test_what_cannot_be_decoded_is_entered_with_its_error(desk: Desk) -> None:
    path = desk.folder / "note.jpg"
    path.write_text("no picture")
    (line,) = desk.enter(path)
    assert line.result == "entered"
    assert line.error and line.error.code == "not_a_picture"
    assert desk.ask(path)[0].answer == "KNOWN"


def test_what_cannot_be_read_fails_and_leaves_nothing(desk: Desk) -> None:
    (desk.folder / "empty.jpg").touch()
    good = desk.picture("good.jpg")
    lines = {Path(line.item).name: line for line in desk.enter(desk.folder)}
    assert lines["empty.jpg"].result == "failed"
    assert lines["empty.jpg"].error and lines["empty.jpg"].error.code == "empty_file"
    assert lines["good.jpg"].result == "entered"
    assert [one.path for one in _instances(desk)] == [str(good)]


def test_a_folder_of_nothing_but_failures_makes_no_contribution(desk: Desk) -> None:
    (desk.folder / "empty.jpg").touch()
    desk.enter(desk.folder)
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        assert not Contribution.objects.filter(owner_unit_id=desk.actor.unit).exists()


def test_an_unknown_case_is_refused_before_anything_is_stored(desk: Desk) -> None:
    before = _objects(desk)
    with pytest.raises(UnknownRecord, match="C-404"):
        desk.enter(desk.picture("a.jpg"), case="C-404")
    assert _objects(desk) == before


def test_another_units_case_is_as_unknown_as_none(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    from concord.actions.say import open_case

    open_case(ours.installation, ours.actor, "C-ours")
    with pytest.raises(UnknownRecord):
        theirs.enter(theirs.picture("a.jpg"), case="C-ours")


def test_without_a_legal_basis_nothing_is_entered(desk: Desk, officers: Officers) -> None:
    from dataclasses import replace

    baseless = replace(desk.actor, basis=None)
    with pytest.raises(NotAllowed, match="legal basis"):
        list(enter_files(desk.installation, baseless, [desk.picture("a.jpg")], Terms("C-1", Category.CATEGORY_1)))


def test_a_series_shows_in_the_answer(desk: Desk) -> None:
    open_series(desk.installation, desk.actor, "S-7")
    path = desk.picture("a.jpg")
    desk.enter(path, series="S-7")
    desk.enter(path, series="S-7")
    assert list(desk.ask(path)[0].matches[0].series) == ["S-7"]


def test_material_called_not_relevant_by_all_is_not_relevant(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    path = ours.picture("a.jpg")
    ours.enter(path, category=Category.NOT_RELEVANT)
    assert theirs.ask(path)[0].answer == "NOT_RELEVANT"
    theirs.enter(path)
    assert ours.ask(path)[0].answer == "KNOWN"


def test_entering_by_digest_needs_a_sha256(desk: Desk) -> None:
    lines = enter_digests(desk.installation, desk.actor, ["ab" * 16, "cd" * 32, "x"], Terms("C-1", Category.CATEGORY_1))
    assert [(line.result, line.error and line.error.code) for line in lines] == [
        ("failed", "needs_sha256"),
        ("entered", None),
        ("failed", "malformed_digest"),
    ]


# ---- own country only ---------------------------------------------------------------------------------------------------


def test_what_is_restricted_is_known_at_home_only(desks: Desks) -> None:
    ours, colleagues, theirs = desks.of("XA"), desks.of("XA"), desks.of("XB")
    path = ours.picture("a.jpg", seed=21)
    copy = ours.picture("copy.jpg", seed=21, quality=30)
    ours.enter(path, own_country_only="a running operation")
    assert [answer.answer for answer in colleagues.ask(path, copy)] == ["KNOWN", "KNOWN"]
    assert [answer.answer for answer in theirs.ask(path, copy)] == ["NEW", "NEW"]


def test_entering_what_another_country_hides_tells_nothing(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    hidden = ours.picture("a.jpg")
    ours.enter(hidden, own_country_only="a running operation")
    (line,) = theirs.enter(hidden)
    assert (line.result, line.answer_before) == ("entered", "NEW")
    (answer,) = theirs.ask(hidden)
    assert [match.owner.country for match in answer.matches] == ["XB"]
    (ours_again,) = ours.ask(hidden)
    assert {match.owner.country for match in ours_again.matches} == {"XA", "XB"}


def test_bytes_that_are_hidden_do_not_make_anothers_digest_findable_by_picture(desks: Desks) -> None:
    ours, theirs, third = desks.of("XA"), desks.of("XB"), desks.of("XC")
    path = ours.picture("a.jpg", seed=22)
    copy = ours.picture("copy.jpg", seed=22, quality=30)
    (line,) = ours.enter(path, own_country_only="a running operation")
    assert line.sha256
    enter_digests(theirs.installation, theirs.actor, [line.sha256], Terms("C-1", Category.CATEGORY_1))
    assert third.ask(path)[0].match == "exact"
    assert third.ask(copy)[0].answer == "NEW"


def test_a_file_that_is_exchanged_while_it_is_entered_is_not_entered(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    examine = desk.installation.examiner.examine

    class Exchanging:
        def examine_all(self, files):  # type: ignore[no-untyped-def]
            for item, given in files:
                found = examine(given, item)
                os.truncate(given, 0)
                given.write_bytes(jpeg(31))
                yield item, given, found

    from dataclasses import replace

    exchanging = replace(desk.installation, examiner=Exchanging())  # type: ignore[arg-type]
    (line,) = enter_files(exchanging, desk.actor, [path], Terms("C-1", Category.CATEGORY_1))
    assert line.result == "failed"
    assert line.error and line.error.code == "file_changed"
    assert _instances(desk) == []


def _instances(desk: Desk) -> list[Instance]:
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        return list(Instance.objects.filter(owner_unit_id=desk.actor.unit))


def _objects(desk: Desk) -> set[Path]:
    return {path for path in desk.installation.config.objects.rglob("*") if path.is_file()}


def test_entering_again_on_other_terms_is_refused_by_name_and_changes_nothing(desks: Desks) -> None:
    """Taken for accepted, a restriction that is not made would be the worst of errors."""
    ours, theirs = desks.of("XA"), desks.of("XB")
    shared, hidden, fresh = (ours.picture(f"{name}.jpg") for name in "abc")
    ours.enter(shared)
    ours.enter(hidden, own_country_only="a running operation")
    again = ours.enter(shared, fresh, own_country_only="a running operation")
    assert [(line.result, line.error and line.error.code) for line in again] == [
        ("failed", "other_terms"),
        ("entered", None),
    ]
    assert again[0].error and "case C-1 on other terms (category 1, shared with all)" in again[0].error.message
    assert [line.result for line in ours.enter(hidden)] == ["failed"]
    assert [line.result for line in ours.enter(shared, category=Category.NOT_RELEVANT)] == ["failed"]
    assert [answer.answer for answer in theirs.ask(shared, hidden, fresh)] == ["KNOWN", "NEW", "NEW"]
    assert len(_instances(ours)) == 3


def test_a_series_added_later_hides_what_is_hidden(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    open_series(ours.installation, ours.actor, "S-9")
    path = ours.picture("a.jpg")
    ours.enter(path, own_country_only="a running operation")
    (line,) = ours.enter(path, own_country_only="a running operation", series="S-9")
    assert line.result == "duplicate"
    theirs.enter(path)
    assert theirs.ask(path)[0].matches[0].series == ()
    assert list(ours.ask(path)[0].matches[0].series) == ["S-9"]


def test_a_damaged_stored_copy_fails_its_item_and_no_other(desk: Desk) -> None:
    bad, good = desk.picture("a.jpg"), desk.picture("b.jpg")
    before = _objects(desk)
    desk.enter(bad)
    for path in _objects(desk) - before:
        if path.parent.parent.name == "objects":
            path.write_bytes(b"")
    lines = desk.enter(bad, good)
    assert [(line.result, line.error and line.error.code) for line in lines] == [
        ("failed", "damaged_copy"),
        ("entered", None),
    ]
    assert lines[0].error and str(bad) in lines[0].error.message
