"""What files say of themselves is kept beside them, and read by whoever may know of them."""

from pathlib import Path
from uuid import uuid4

import pytest

from concord.access.audit import AuditEntry
from concord.actions.enter import Terms, enter_digests
from concord.actions.read_statements import Stated, read_statements
from concord.actions.say import open_case
from concord.database.acting import acting
from concord.errors import NeitherIdNorDigest, NoPurpose, UnknownRecord
from concord.fingerprints.digests import digest_stream
from concord.values import Category
from tests.desk import Desk, Desks
from tests.jail.exifs import CAMERA_SAYS, camera_exif
from tests.officers import Officers
from tests.pictures import encoded, picture


def photograph(desk: Desk, seed: int) -> Path:
    path = desk.folder / f"{seed}.jpg"
    path.write_bytes(encoded(picture(seed), "JPEG", quality=90, exif=camera_exif()))
    return path


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return digest_stream(file)[0].sha256.hex()


def read(desk: Desk, name: object) -> list[Stated]:
    return read_statements(desk.installation, desk.actor, str(name))


def test_what_is_entered_says_what_its_file_says(desk: Desk) -> None:
    path = photograph(desk, 610)
    (line,) = desk.enter(path)
    found = read(desk, line.material)
    assert {(one.kind, one.value) for one in found if one.source == "exif"} == CAMERA_SAYS
    assert {one.material for one in found} == {line.material}
    assert {(owner.country, owner.unit) for one in found for owner in one.owners} == {("XA", desk.actor.unit_name)}
    assert read(desk, sha256_of(path)) == found


def test_a_place_is_said_by_the_file_and_not_by_us(desk: Desk) -> None:
    (line,) = desk.enter(photograph(desk, 611))
    (place,) = [one for one in read(desk, line.material) if one.kind == "gps.position"]
    assert place.says == "the file says it was taken at 48.8566000,2.3522111; nobody has checked"


def test_entering_again_changes_nothing(desk: Desk) -> None:
    path = photograph(desk, 612)
    (line,) = desk.enter(path)
    before = read(desk, line.material)
    desk.enter(path)
    assert read(desk, line.material) == before


def test_two_units_that_entered_the_same_file_are_both_named(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    (line,) = ours.enter(photograph(ours, 613))
    theirs.enter(photograph(theirs, 613))
    for desk in (ours, theirs):
        found = read(desk, line.material)
        assert len({(one.kind, one.value, one.source) for one in found}) == len(found)
        assert all([owner.country for owner in one.owners] == ["XA", "XB"] for one in found)


def test_what_another_country_hides_says_nothing(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    path = photograph(ours, 614)
    (line,) = ours.enter(path, own_country_only="a running operation")
    assert read(ours, line.material)
    with pytest.raises(UnknownRecord) as hidden:
        read(theirs, line.material)
    never = uuid4()
    with pytest.raises(UnknownRecord) as missing:
        read(theirs, never)
    assert str(hidden.value).replace(str(line.material), "X") == str(missing.value).replace(str(never), "X")
    theirs.enter(photograph(theirs, 614))
    assert all([owner.country for owner in one.owners] == ["XB"] for one in read(theirs, line.material))


def test_a_file_entered_by_digest_says_nothing(desk: Desk) -> None:
    path = photograph(desk, 615)
    enter_digests(desk.installation, desk.actor, [sha256_of(path)], Terms("C-1", Category.CATEGORY_1))
    assert read(desk, sha256_of(path)) == []


def test_the_same_file_in_another_case_is_not_said_twice(desk: Desk) -> None:
    path = photograph(desk, 616)
    (line,) = desk.enter(path)
    before = read(desk, line.material)
    open_case(desk.installation, desk.actor, "C-2")
    desk.enter(path, case="C-2")
    assert read(desk, line.material) == before


@pytest.mark.parametrize("name", ["", "a.jpg", "ab" * 20, "pdq:" + "ab" * 32])
def test_what_is_neither_an_id_nor_a_digest_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(NeitherIdNorDigest):
        read(desk, name)


def test_every_look_is_in_the_audit_and_so_is_a_refusal(desk: Desk) -> None:
    (line,) = desk.enter(photograph(desk, 617))
    never = uuid4()
    read(desk, line.material)
    with pytest.raises(UnknownRecord):
        read(desk, never)
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        entries = AuditEntry.objects.filter(verb="READ-STATEMENTS", unit=desk.actor.unit).order_by("at")
        assert [(one.outcome, one.reason, one.items) for one in entries] == [
            ("DONE", None, [str(line.material)]),
            ("REFUSED", "unknown_record", [str(never)]),
        ]


def test_nobody_looks_without_a_purpose(desk: Desk, officers: Officers) -> None:
    with pytest.raises(NoPurpose):
        read_statements(desk.installation, officers.of("XA", purpose=None), str(uuid4()))
