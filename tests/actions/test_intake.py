"""Intakes: what is kept of a seizure, for whom, how long; and that only what is chosen leaves them."""

import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connections
from msgspec.structs import replace as replaced
from PIL import Image

from concord.access.audit import AuditEntry
from concord.actions import erase_intake as erasing
from concord.actions.ask_intake import Change, ask_intake
from concord.actions.enter import Entered, Terms
from concord.actions.enter_intake import enter_intake
from concord.actions.erase_intake import erase_intake, erase_overdue, watch_intakes
from concord.actions.open_intake import fill_intake, open_intake
from concord.actions.ordinary import add_ordinary
from concord.actions.show_intake import ShownItem, list_intakes, show_items, summarise_intake
from concord.database.acting import acting
from concord.errors import NoSuchFile, NothingSelected, TooManyDays, UnknownRecord, UnreadableFile
from concord.records.answer import Fault
from concord.records.material import Instance
from concord.records.seizure import ItemState
from concord.records.selection import selection
from concord.values import Category
from tests.database.processes import wait_until
from tests.desk import Desk, Desks
from tests.pictures import encoded, jpeg, picture


def opened(
    desk: Desk, source: Path | None = None, ordinary: Sequence[str] | None = None, days: int | None = None
) -> UUID:
    """A folder, looked at to its end."""
    made = open_intake(desk.installation, desk.actor, desk.case, source or desk.folder, days)
    list(fill_intake(desk.installation, desk.actor, made, ordinary))
    return made


def shown(desk: Desk, intake: UUID, state: ItemState | None = None) -> dict[str, ShownItem]:
    """By name."""
    found = show_items(desk.installation, desk.actor, intake, state, 0, 10_000)
    return {os.path.relpath(item.item, desk.folder): item for item in found}


def states(desk: Desk, intake: UUID) -> dict[str, str]:
    return {name: item.state.value for name, item in shown(desk, intake).items()}


def asked_again(desk: Desk, intake: UUID) -> list[Change]:
    return list(ask_intake(desk.installation, desk.actor, intake))


def entered(desk: Desk, intake: UUID, *chosen: str, items: Sequence[str] = (), **terms: object) -> list[Entered]:
    given = Terms(**{"case": "", "category": Category.CATEGORY_1, **terms})  # type: ignore[arg-type]
    return list(enter_intake(desk.installation, desk.actor, intake, selection(chosen, items), given))


def held(intake: UUID) -> int:
    """How many rows of it there are, whoever may see them."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("select count(*) from intake where id = %s", [intake])
        ((intakes,),) = cursor.fetchall()
        cursor.execute("select count(*) from intake_item where intake_id = %s", [intake])
        ((items,),) = cursor.fetchall()
    return int(intakes + items)


@contextmanager
def kept_from_erasure(intake: UUID) -> Iterator[None]:
    """A server that runs beside looks when it likes: what is locked it leaves to the next look."""
    with closing(connections.create_connection("owner")) as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("select 1 from intake where id = %s for key share", [intake])
        yield
        other.rollback()


def let_expire(intake: UUID) -> None:
    """A server that runs beside may be the one that erases it, a moment later."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("update intake set expires_at = now() - interval '1 second' where id = %s", [intake])


# ---- what is kept ---------------------------------------------------------------------------------------------------


def test_every_file_is_an_item_with_its_digests_and_its_answer(desk: Desk) -> None:
    known = desk.picture("known.jpg")
    desk.enter(known)
    copy = desk.folder / "deep" / "copy.jpg"
    copy.parent.mkdir()
    copy.write_bytes(known.read_bytes())
    desk.picture("new.jpg")
    (desk.folder / "note.jpg").write_text(f"no picture {uuid4()}")
    (desk.folder / "empty.jpg").touch()
    intake = opened(desk)
    assert states(desk, intake) == {
        "deep/copy.jpg": "KNOWN", "empty.jpg": "FAILED", "known.jpg": "KNOWN", "new.jpg": "NEW", "note.jpg": "NEW",
    }  # fmt: skip
    found = shown(desk, intake)
    status = known.stat()
    one = found["known.jpg"]
    assert one.sha256 == found["deep/copy.jpg"].sha256 == desk.ask(known)[0].sha256
    assert (one.size_bytes, one.modified_ns, one.match) == (status.st_size, status.st_mtime_ns, "exact")
    assert one.sha1 and one.md5
    assert (found["new.jpg"].not_compared, found["new.jpg"].error, found["new.jpg"].format) == (None, None, "jpeg")
    assert found["note.jpg"].not_compared == "undecodable"
    assert found["note.jpg"].error and found["note.jpg"].error.code == "not_a_picture"
    assert found["empty.jpg"].error and found["empty.jpg"].error.code == "empty_file"
    assert found["empty.jpg"].sha256 is None
    summary = summarise_intake(desk.installation, desk.actor, intake)
    assert summary.items == {ItemState.NEW: 2, ItemState.KNOWN: 2, ItemState.FAILED: 1}
    assert (summary.by_digest_only, summary.with_errors, summary.state) == (3, 2, "FILLED")


def test_nothing_of_an_intake_is_entered_or_stored(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    path = ours.picture("a.jpg")
    opened(ours)
    assert ours.ask(path)[0].answer == theirs.ask(path)[0].answer == "NEW"
    digest = bytes.fromhex(ours.ask(path)[0].sha256 or "")
    assert not ours.installation.vault.holds(digest, ours.actor.country)


def test_ordinary_files_drop_out_before_anything_is_asked(desk: Desk) -> None:
    wall, other = desk.picture("wall.jpg"), desk.picture("other.jpg")
    desk.enter(wall)
    listing = desk.folder.parent / f"{desk.folder.name}.txt"
    listing.write_text(f"{shown(desk, opened(desk))['wall.jpg'].md5}\n")
    add_ordinary(desk.installation, desk.actor, "system", listing)
    wall.write_bytes(wall.read_bytes())
    os.utime(wall, ns=(0, 0))  # looked at again
    os.utime(other, ns=(0, 0))
    found = shown(desk, opened(desk))
    assert (found["wall.jpg"].state, found["wall.jpg"].ordinary) == ("ORDINARY", "system")
    assert (found["wall.jpg"].match, found["wall.jpg"].format) == (None, None)
    assert found["other.jpg"].state == "NEW"
    os.utime(wall, ns=(1, 1))
    assert states(desk, opened(desk, ordinary=[]))["wall.jpg"] == "KNOWN"


def test_a_list_that_is_added_later_sets_aside_what_was_seen_before(desk: Desk) -> None:
    system = desk.picture("system.jpg")
    desk.picture("kept.jpg")
    zipped(desk.folder / "seized.zip", system=system.read_bytes())
    intake = opened(desk)
    before = shown(desk, intake)
    listing = desk.folder.parent / f"{desk.folder.name}.txt"
    listing.write_text(f"{before['system.jpg'].md5}\n")
    add_ordinary(desk.installation, desk.actor, "system", listing)
    opened(desk, ordinary=[])
    assert shown(desk, intake) == before
    opened(desk)
    found = shown(desk, intake)
    assert [name for name, one in found.items() if one.ordinary == "system"] == [
        "seized.zip!/in/system.jpg",
        "system.jpg",
    ]
    assert found["kept.jpg"] == before["kept.jpg"]
    fresh = shown(desk, opened(desk, system))["system.jpg"]  # as if the list had been there
    assert replaced(found["system.jpg"], position=1, asked_at=fresh.asked_at) == fresh


def test_a_list_that_is_not_there_is_named_before_a_file_is_looked_at(desk: Desk) -> None:
    desk.picture("a.jpg")
    with pytest.raises(UnknownRecord, match="ordinary list nowhere"):
        opened(desk, ordinary=["nowhere"])


def test_a_list_of_files_is_a_source(desk: Desk) -> None:
    desk.picture("a.jpg")
    desk.picture("b.jpg")
    (desk.folder / "list.txt").write_text("b.jpg\nmissing.jpg\nb.jpg\n")
    intake = opened(desk, desk.folder / "list.txt")
    assert states(desk, intake) == {"b.jpg": "NEW", "missing.jpg": "FAILED"}


def test_a_file_whose_name_is_not_utf8_is_kept_and_entered(desk: Desk) -> None:
    path = desk.folder / os.fsdecode(b"caf\xe9.jpg")
    path.write_bytes(desk.picture("a.jpg").read_bytes())
    intake = opened(desk)
    assert states(desk, intake) == {"a.jpg": "NEW", "caf\\xe9.jpg": "NEW"}
    (line,) = entered(desk, intake, "caf*")
    assert (line.result, line.item) == ("entered", str(desk.folder / "caf\\xe9.jpg"))


def test_a_source_whose_name_is_not_utf8_is_looked_at_and_gone_on_with(desk: Desk) -> None:
    source = desk.folder / os.fsdecode(b"disk\xe9")
    source.mkdir()
    desk.picture("a.jpg").rename(source / "a.jpg")
    intake = opened(desk, source)
    assert states(desk, intake) == {"disk\\xe9/a.jpg": "NEW"}
    assert opened(desk, source) == intake
    (line,) = entered(desk, intake, "a.jpg")
    assert line.result == "entered"


def test_a_list_that_names_what_no_file_is_called_costs_that_line(desk: Desk) -> None:
    desk.picture("a.jpg")
    (desk.folder / "all.txt").write_bytes(b"a\0.jpg\na.jpg\n")
    assert states(desk, opened(desk, desk.folder / "all.txt")) == {"a\\x00.jpg": "FAILED", "a.jpg": "NEW"}


def test_a_source_that_is_shown_as_another_one_is_refused(desk: Desk) -> None:
    for name in (b"disk\xe9", b"disk\\xe9"):
        (desk.folder / os.fsdecode(name)).mkdir()
    with pytest.raises(UnreadableFile, match="another"):
        open_intake(desk.installation, desk.actor, desk.case, desk.folder / "disk\\xe9")


def test_a_source_that_is_not_there_or_a_case_that_is_not_known_makes_no_intake(desk: Desk) -> None:
    with pytest.raises(NoSuchFile):
        open_intake(desk.installation, desk.actor, desk.case, desk.folder / "missing")
    with pytest.raises(UnknownRecord, match="case C-404"):
        open_intake(desk.installation, desk.actor, "C-404", desk.folder)
    assert list_intakes(desk.installation, desk.actor) == []


# ---- going on ---------------------------------------------------------------------------------------------------------


def test_opening_again_goes_on_and_repeats_nothing(desk: Desk) -> None:
    for number in range(5):
        desk.picture(f"{number}.jpg")
    intake = open_intake(desk.installation, desk.actor, desk.case, desk.folder)
    first = fill_intake(desk.installation, desk.actor, intake)
    next(first)
    first.close()
    assert summarise_intake(desk.installation, desk.actor, intake).state == "FILLING"
    before = shown(desk, intake)
    assert before
    assert opened(desk) == intake
    after = shown(desk, intake)
    assert len(after) == 5
    assert before.items() <= after.items()  # the time of the answer as well: they were not asked again
    assert opened(desk) == intake
    assert shown(desk, intake) == after


def test_a_file_that_has_changed_is_looked_at_again_and_keeps_its_place(desk: Desk) -> None:
    changed = desk.picture("changed.jpg")
    desk.picture("same.jpg")
    intake = opened(desk)
    before = shown(desk, intake)
    changed.write_bytes(jpeg(987_654) + b"more")
    assert opened(desk) == intake
    after = shown(desk, intake)
    assert after["same.jpg"] == before["same.jpg"]
    assert after["changed.jpg"].position == before["changed.jpg"].position
    assert after["changed.jpg"].sha256 != before["changed.jpg"].sha256


def test_what_is_gone_from_its_source_is_told_and_stays_as_it_was_found(desk: Desk) -> None:
    desk.picture("here.jpg")
    gone, packed, aside = desk.picture("gone.jpg"), desk.folder / "seized.zip", desk.folder.parent / "aside.jpg"
    zipped(packed, a=b"a", b=b"b")
    intake = opened(desk)
    gone.rename(aside)
    os.utime(zipped(packed, a=b"a"), ns=(1, 1))
    opened(desk)
    assert _missing(desk, intake) == ["gone.jpg", "seized.zip!/in/b.jpg"]
    one = shown(desk, intake)["gone.jpg"]
    assert (one.state, one.error) == ("NEW", Fault("no_such_file", f"{gone}: no such file or folder."))
    aside.rename(gone)
    opened(desk)
    assert _missing(desk, intake) == ["seized.zip!/in/b.jpg"]
    packed.unlink()
    opened(desk)
    assert _missing(desk, intake) == ["seized.zip", "seized.zip!/in/a.jpg", "seized.zip!/in/b.jpg"]


def _missing(desk: Desk, intake: UUID) -> list[str]:
    return sorted(name for name, one in shown(desk, intake).items() if one.missing)


def test_another_case_or_folder_is_another_intake(desk: Desk) -> None:
    (desk.folder / "a").mkdir()
    assert opened(desk) != opened(desk, desk.folder / "a")


def test_what_is_listed_is_paged_in_the_order_in_which_it_was_found(desk: Desk) -> None:
    for number in range(5):
        (desk.folder / f"{number}.txt").write_text(f"{uuid4()}")
    intake = opened(desk)
    seen: list[str] = []
    after = 0
    while found := list(show_items(desk.installation, desk.actor, intake, None, after, 2)):
        assert len(found) <= 2
        seen += [Path(item.item).name for item in found]
        after = found[-1].position
    assert seen == [f"{number}.txt" for number in range(5)]


# ---- asking again -----------------------------------------------------------------------------------------------------


def test_asking_again_tells_what_has_become_known_by_digest_and_by_picture_without_the_files(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    ours.picture("same.jpg", seed=5001)
    ours.picture("near.jpg", seed=5002, quality=40)
    ours.picture("other.jpg")
    (ours.folder / "note.jpg").write_text(f"no picture {uuid4()}")
    intake = opened(ours)
    assert asked_again(ours, intake) == []
    theirs.enter(theirs.picture("x.jpg", seed=5001), theirs.picture("y.jpg", seed=5002))
    for path in ours.folder.iterdir():
        path.unlink()
    changes = {Path(change.answer.item).name: change for change in asked_again(ours, intake)}
    assert {name: (change.before, change.answer.answer, change.answer.match) for name, change in changes.items()} == {
        "same.jpg": ("NEW", "KNOWN", "exact"), "near.jpg": ("NEW", "KNOWN", "near"),
    }  # fmt: skip
    assert changes["near.jpg"].answer.qualifiers == ("UNCONFIRMED",)
    found = shown(ours, intake)
    assert (found["near.jpg"].state, list(found["near.jpg"].qualifiers)) == ("KNOWN", ["UNCONFIRMED"])
    assert found["note.jpg"].not_compared == "undecodable"
    assert asked_again(ours, intake) == []


def test_a_turned_copy_is_found_again_without_its_file(desk: Desk) -> None:
    upright = picture(6001, 1024, 768)
    path = desk.folder / "turned.png"
    path.write_bytes(encoded(upright.transpose(Image.Transpose.ROTATE_90), "PNG"))  # Pillow turns anticlockwise
    intake = opened(desk)
    path.unlink()
    original = desk.folder / "upright.jpg"
    original.write_bytes(encoded(upright, "JPEG"))
    desk.enter(original)
    (change,) = asked_again(desk, intake)
    assert (change.answer.match, change.answer.transform) == ("near", "rotate-90")


def test_what_was_not_decoded_says_so_when_its_digest_is_known_no_longer(desks: Desks) -> None:
    desk = desks.of("XA")
    desk.enter(desk.picture("a.jpg"))
    intake = opened(desk)
    assert shown(desk, intake)["a.jpg"].not_compared == "digest_known"
    assert asked_again(desk, intake) == []
    assert shown(desk, intake)["a.jpg"].not_compared == "digest_was_known"


# ---- entering ---------------------------------------------------------------------------------------------------------


def test_only_what_is_chosen_is_entered_in_the_case_of_the_intake(desk: Desk) -> None:
    for name in ("a.jpg", "b.jpg", "c.png"):
        desk.picture(name)
    intake = opened(desk)
    lines = entered(desk, intake, "*.jpg", category=Category.CONTEXT)
    assert [(Path(line.item).name, line.result) for line in lines] == [("a.jpg", "entered"), ("b.jpg", "entered")]
    rows = Instance.objects.using("owner").filter(owner_unit_id=desk.actor.unit).select_related("case", "contribution")
    assert {Path(row.path).name for row in rows} == {"a.jpg", "b.jpg"}
    assert {(row.case.reference, row.contribution.category) for row in rows} == {("C-1", "CONTEXT")}
    assert (
        b"".join(desk.installation.vault.read(bytes.fromhex(lines[0].sha256 or ""), desk.actor.country))
        == (desk.folder / "a.jpg").read_bytes()
    )
    assert [line.result for line in entered(desk, intake, "*.jpg", category=Category.CONTEXT)] == ["duplicate"] * 2


def test_a_selection_by_answer_takes_the_answer_as_it_was(desk: Desk) -> None:
    desk.enter(desk.picture("known.jpg"))
    desk.picture("new.jpg")
    intake = opened(desk)
    assert [Path(line.item).name for line in entered(desk, intake, "NEW")] == ["new.jpg"]


def test_a_file_that_is_another_now_is_not_entered(desk: Desk) -> None:
    desk.picture("changed.jpg")
    gone = desk.picture("gone.jpg")
    desk.picture("same.jpg")
    intake = opened(desk)
    desk.picture("changed.jpg")
    gone.unlink()
    lines = {Path(line.item).name: line for line in entered(desk, intake, "*")}
    assert {name: line.error.code if line.error else line.result.value for name, line in lines.items()} == {
        "changed.jpg": "other_content", "gone.jpg": "no_such_file", "same.jpg": "entered",
    }  # fmt: skip
    assert Instance.objects.using("owner").filter(owner_unit_id=desk.actor.unit).count() == 1


def test_what_is_named_and_not_there_fails_and_the_rest_is_entered(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    intake = opened(desk)
    lines = entered(desk, intake, items=[str(path), str(desk.folder / "b.jpg")])
    assert [(line.result, line.error and line.error.code) for line in lines] == [
        ("entered", None), ("failed", "not_in_intake"),
    ]  # fmt: skip


def test_a_selection_of_nothing_is_said(desk: Desk) -> None:
    desk.picture("a.jpg")
    with pytest.raises(NothingSelected):
        entered(desk, opened(desk), "*.png")


# ---- for whom, and how long -------------------------------------------------------------------------------------------


def test_another_unit_even_of_the_same_country_is_told_what_it_would_be_told_of_no_intake(desks: Desks) -> None:
    ours, colleague, theirs = desks.of("XA"), desks.of("XA"), desks.of("XB")
    ours.picture("a.jpg")
    intake, never = opened(ours), uuid4()
    for desk in (colleague, theirs):
        assert list_intakes(desk.installation, desk.actor) == []
        for look in (
            lambda one, desk=desk: summarise_intake(desk.installation, desk.actor, one),
            lambda one, desk=desk: list(show_items(desk.installation, desk.actor, one, None, 0, 10)),
            lambda one, desk=desk: list(fill_intake(desk.installation, desk.actor, one)),
            lambda one, desk=desk: asked_again(desk, one),
            lambda one, desk=desk: entered(desk, one, "*"),
            lambda one, desk=desk: erase_intake(desk.installation, desk.actor, one),
        ):
            told = []
            for one in (intake, never):
                with pytest.raises(UnknownRecord) as error:
                    look(one)
                told.append(str(error.value).replace(str(one), "ID"))
            assert told[0] == told[1]
    assert len(shown(ours, intake)) == 1


def test_an_intake_lasts_as_long_as_was_said_and_no_longer_than_the_most_days(desk: Desk) -> None:
    limits = desk.installation.config.limits
    made = opened(desk)
    (summary,) = list_intakes(desk.installation, desk.actor)
    assert summary.expires_at - summary.opened_at == timedelta(days=limits.intake_days)
    assert opened(desk, days=3) == made
    (summary,) = list_intakes(desk.installation, desk.actor)
    assert timedelta(days=3) <= summary.expires_at - summary.opened_at < timedelta(days=4)
    with pytest.raises(TooManyDays, match=str(limits.intake_most_days)):
        opened(desk, days=limits.intake_most_days + 1)


def test_when_its_time_is_over_nobody_sees_it_even_before_it_is_erased(desk: Desk) -> None:
    desk.picture("a.jpg")
    intake, actor = opened(desk), desk.actor
    with kept_from_erasure(intake):
        let_expire(intake)
        erase_overdue()
        with acting(actor.country, actor.unit, actor.user), connections["default"].cursor() as cursor:
            for table in ("intake", "intake_item"):
                cursor.execute(f"select count(*) from {table}")
                assert cursor.fetchone() == (0,)
        assert held(intake) == 2


def test_the_next_command_of_anybody_erases_it_and_an_entry_proves_it(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    ours.picture("a.jpg")
    intake = opened(ours)
    let_expire(intake)
    assert list_intakes(theirs.installation, theirs.actor) == []
    wait_until(lambda: held(intake) == 0)
    (entry,) = AuditEntry.objects.using("owner").filter(verb="ERASE-INTAKE", items=[str(intake)])
    assert (entry.owner_country, entry.unit, entry.user) == ("XA", ours.actor.unit, ours.actor.user)
    assert (entry.outcome, entry.reason) == ("DONE", "expired")


def test_a_server_erases_it_though_nobody_comes_by(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.picture("a.jpg")
    due, other = opened(desk), opened(desk, desk.picture("b.jpg"))
    let_expire(due)
    monkeypatch.setattr(erasing, "Watch", lambda look, *_: look())
    watch_intakes()
    wait_until(lambda: held(due) == 0)
    assert held(other) == 2
    entry = AuditEntry.objects.using("owner").get(items=[str(due)], verb="ERASE-INTAKE")
    assert (entry.user, entry.reason) == (desk.actor.user, "expired")


def test_a_clock_that_runs_out_at_once_leaves_nothing(desk: Desk) -> None:
    desk.picture("a.jpg")
    longer = timedelta(days=desk.installation.config.limits.intake_days, seconds=1)
    early = replace(desk.installation, clock=lambda: desk.installation.clock() - longer)
    made = open_intake(early, desk.actor, desk.case, desk.folder)
    with pytest.raises(UnknownRecord):
        list(fill_intake(early, desk.actor, made))
    erase_overdue()
    wait_until(lambda: held(made) == 0)
    assert opened(desk) != made


def test_erasing_takes_every_row_and_what_was_entered_stays(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    desk.picture("b.jpg")
    intake = opened(desk)
    entered(desk, intake, "a.jpg")
    assert held(intake) == 3
    erase_intake(desk.installation, desk.actor, intake)
    assert held(intake) == 0
    assert desk.ask(path)[0].answer == "KNOWN"
    with pytest.raises(UnknownRecord):
        erase_intake(desk.installation, desk.actor, intake)


def test_one_who_is_erased_while_it_is_filled_takes_no_more(desk: Desk) -> None:
    for number in range(3):
        desk.picture(f"{number}.jpg")
    intake = open_intake(desk.installation, desk.actor, desk.case, desk.folder)
    filling = fill_intake(desk.installation, desk.actor, intake)
    next(filling)
    erase_intake(desk.installation, desk.actor, intake)
    with pytest.raises(UnknownRecord):
        list(filling)
    assert held(intake) == 0


@pytest.mark.parametrize("verb", ["OPEN-INTAKE", "FILL-INTAKE", "SHOW-INTAKE", "LIST-INTAKES", "ASK-INTAKE"])
def test_every_look_has_its_entry(desk: Desk, verb: str) -> None:
    desk.picture("a.jpg")
    intake = opened(desk)
    list_intakes(desk.installation, desk.actor)
    shown(desk, intake)
    asked_again(desk, intake)
    entries = AuditEntry.objects.using("owner").filter(unit=desk.actor.unit, verb=verb, items__contains=[str(intake)])
    assert entries
    assert all(entry.purpose == "TRAINING" for entry in entries)


def test_a_refused_look_has_its_entry_too(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    intake = opened(ours)
    with pytest.raises(UnknownRecord):
        summarise_intake(theirs.installation, theirs.actor, intake)
    (entry,) = AuditEntry.objects.using("owner").filter(unit=theirs.actor.unit, verb="SHOW-INTAKE")
    assert (entry.outcome, entry.items) == ("REFUSED", [str(intake)])


# ---- archives -----------------------------------------------------------------------------------------------------------


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"in/{name}.jpg", data)
    return path


def test_the_members_of_an_archive_are_items_with_their_parent_and_are_entered_out_of_it(desk: Desk) -> None:
    one, other = jpeg(8001), jpeg(8002)
    zipped(desk.folder / "outer.zip", one=one, other=other, note=uuid4().bytes)
    desk.picture("plain.jpg")
    intake = opened(desk)
    found = shown(desk, intake)
    names = ["outer.zip!/in/one.jpg", "outer.zip!/in/other.jpg", "outer.zip!/in/note.jpg", "outer.zip", "plain.jpg"]
    assert list(found) == names  # the archive after its members: what stands there is there whole
    assert {found[name].parent for name in names[:3]} == {str(desk.folder / "outer.zip")}
    assert found["outer.zip"].parent is None
    lines = entered(desk, intake, "outer.zip!/in/o*.jpg")
    assert [(line.item, line.result) for line in lines] == [(str(desk.folder / name), "entered") for name in names[:2]]
    digest = bytes.fromhex(lines[0].sha256 or "")
    assert b"".join(desk.installation.vault.read(digest, desk.actor.country)) == one
    rows = Instance.objects.using("owner").filter(owner_unit_id=desk.actor.unit).order_by("path")
    assert [row.path for row in rows] == [str(desk.folder / name) for name in names[:2]]
    changes = asked_again(desk, intake)
    assert [Path(change.answer.item).name for change in changes] == ["one.jpg", "other.jpg"]
    assert opened(desk) == intake
    assert len(shown(desk, intake)) == len(names)


def test_an_archive_is_a_source_and_a_pattern_is_for_the_way_within(desk: Desk) -> None:
    source = zipped(desk.folder / "outer.zip", one=jpeg(8003))
    intake = opened(desk, source)
    assert list(states(desk, intake)) == ["outer.zip!/in/one.jpg", "outer.zip"]
    assert [line.result for line in entered(desk, intake, "in/*.jpg")] == ["entered"]


def test_a_member_that_is_another_now_or_gone_is_not_entered(desk: Desk) -> None:
    source = zipped(desk.folder / "outer.zip", changed=jpeg(8004), gone=jpeg(8005), same=jpeg(8006))
    intake = opened(desk, source)
    zipped(source, changed=jpeg(8007), same=jpeg(8006))
    lines = {Path(line.item).stem: line for line in entered(desk, intake, "*.jpg")}
    assert {name: line.error.code if line.error else line.result.value for name, line in lines.items()} == {
        "changed": "other_content", "gone": "no_such_file", "same": "entered",
    }  # fmt: skip
    source.unlink()
    assert {line.error.code for line in entered(desk, intake, "*.jpg") if line.error} == {"no_such_file"}
