"""Sweeping: the answers of asking, in the order of the walk, with less work; and nothing left behind."""

import hashlib
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concord.access.audit import AuditEntry
from concord.actions import sweep as module
from concord.actions.ask import ask
from concord.actions.enter import Terms, enter_digests
from concord.actions.sweep import Manner, Swept, parts, sweep
from concord.actions.underway import Underway
from concord.database.acting import acting
from concord.errors import ItemError, NoPurpose, UnreadableFile
from concord.media import walk, walk_names
from concord.media.examine import OpenFile
from concord.records.answer import Answer
from concord.values import Category, Digests
from tests.cli.seized import bad_files
from tests.desk import Desk, Desks, seeds
from tests.officers import Officers
from tests.pictures import jpeg


def swept(desk: Desk, *paths: Path, **options: object) -> list[Swept]:
    return list(sweep(desk.installation, desk.actor, walk(paths), **options))  # type: ignore[arg-type]


def answers(found: Sequence[Swept]) -> list[Answer]:
    return [one.answer for one in found if one.answer]


def small_batches(monkeypatch: pytest.MonkeyPatch, items: int) -> None:
    monkeypatch.setattr(module, "FIRST_BATCH_ITEMS", 1)
    monkeypatch.setattr(module, "BATCH_ITEMS", items)
    monkeypatch.setattr(module, "DIGESTED_ITEMS", items)
    monkeypatch.setattr(module, "AHEAD_ITEMS", 2 * items)
    monkeypatch.setattr(module, "CHUNK_ITEMS", 2)


@pytest.fixture
def seizure(desk: Desk) -> Path:
    """Known and unknown ones, copies of known ones, and every bad one, some levels deep."""
    folder = desk.folder / "seized"
    (folder / "deep" / "er").mkdir(parents=True)
    for number in range(12):
        place = [folder, folder / "deep", folder / "deep" / "er"][number % 3]
        (place / f"{number:02}.jpg").write_bytes(jpeg(7000 + number))
        if number % 4 == 0:
            desk.enter(place / f"{number:02}.jpg")
            (place / f"{number:02}-copy.jpg").write_bytes(jpeg(7000 + number, quality=30))
    (folder / "deep" / "minutes.txt").write_text("minutes of a meeting")
    bad = folder / "bad"
    bad.mkdir()
    bad_files(bad)
    return folder


@pytest.mark.parametrize("items", [1, 3, 1024])
def test_thorough_answers_are_those_of_asking(
    desk: Desk, seizure: Path, monkeypatch: pytest.MonkeyPatch, items: int
) -> None:
    small_batches(monkeypatch, items)
    found = answers(swept(desk, seizure, thorough=True))
    assert msgspec.json.encode(found) == msgspec.json.encode(list(ask(desk.installation, desk.actor, [seizure])))


@pytest.mark.parametrize("items", [1, 3, 1024])
def test_digests_first_changes_only_what_a_known_digest_spares(
    desk: Desk, seizure: Path, monkeypatch: pytest.MonkeyPatch, items: int
) -> None:
    small_batches(monkeypatch, items)
    found = answers(swept(desk, seizure))
    asked = list(ask(desk.installation, desk.actor, [seizure]))
    assert [one.item for one in found] == [one.item for one in asked]
    for ours, theirs in zip(found, asked, strict=True):
        if theirs.match == "exact":
            assert [(one.what, one.reason) for one in ours.not_compared] == [("near", "digest_known")]
            assert list(ours.compared) == ["digest"]
            assert (ours.answer, ours.match, ours.contact) == (theirs.answer, theirs.match, theirs.contact)
        else:
            assert msgspec.json.encode(ours) == msgspec.json.encode(theirs)


def test_the_order_is_the_same_every_time(desk: Desk, seizure: Path) -> None:
    wanted = [item for item, _ in walk([seizure])]
    for _ in range(3):
        assert [one.item for one in swept(desk, seizure)] == wanted


def test_what_is_known_is_never_examined(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = desk.folder / "known"
    folder.mkdir()
    texts = []
    for number in range(30):
        (folder / f"{number:02}").write_text(f"{desk.actor.unit} {number}")
        texts.append(hashlib.sha256(f"{desk.actor.unit} {number}".encode()).hexdigest())
    enter_digests(desk.installation, desk.actor, texts, Terms("C-1", Category.CATEGORY_1))
    monkeypatch.setattr(module._Sweep, "_examine", None)
    found = swept(desk, folder)
    assert [one.answer.answer if one.answer else None for one in found] == ["KNOWN"] * 30
    assert [one.digests.sha256.hex() for one in found if one.digests] == texts
    assert all(one.examination is None for one in found)
    assert all(one.size_bytes and one.modified_ns == Path(one.item).stat().st_mtime_ns for one in found)


def test_what_another_country_hides_is_examined_as_if_nobody_held_it(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    folder = theirs.folder / "seized"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg(7100))
    before = swept(theirs, folder)
    ours.enter(folder / "a.jpg", own_country_only="a running operation")
    (again,) = swept(theirs, folder)
    assert again == before[0]
    assert again.examination is not None
    assert swept(ours, folder)[0].examination is None


def test_an_examination_keeps_the_digest_that_was_made_before(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    (one,) = swept(desk, path)
    assert one.examination is not None
    assert one.digests == one.examination.digests
    assert one.digests.sha256 == hashlib.sha256(path.read_bytes()).digest()
    assert one.examination.fingerprints


def test_a_file_that_changed_after_it_was_digested_is_answered_as_it_is_now(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.picture("a.jpg")
    opened = module._Sweep._opened

    def change_first(self: module._Sweep, line: Underway) -> OpenFile | ItemError:
        path.write_bytes(jpeg(7200, quality=77))
        return opened(self, line)

    monkeypatch.setattr(module._Sweep, "_opened", change_first)
    (one,) = swept(desk, path)
    assert one.answer is not None
    assert one.answer.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (one.size_bytes, one.modified_ns) == (path.stat().st_size, path.stat().st_mtime_ns)


def test_ordinary_files_are_neither_asked_nor_examined(desk: Desk) -> None:
    ordinary = {hashlib.sha256(desk.picture(f"{number}.jpg").read_bytes()).digest() for number in range(0, 6, 2)}
    for number in range(1, 6, 2):
        desk.picture(f"{number}.jpg")
    asked: list[Digests] = []

    def named(digests: Sequence[Digests]) -> list[str | None]:
        asked.extend(digests)
        return ["system files" if one.sha256 in ordinary else None for one in digests]

    found = swept(desk, desk.folder, ordinary=named)
    assert [one.ordinary for one in found] == ["system files", None] * 3
    assert [one.answer is None for one in found] == [True, False] * 3
    assert all(one.md5 and one.sha1 for one in asked)
    assert all(one.digests and one.digests.md5 for one in found)
    named_in_audit = {name for entry in _entries(desk) for name in entry.items}
    assert not named_in_audit & {digest.hex() for digest in ordinary}


def test_every_item_stands_in_the_audit_and_no_entry_is_longer_than_a_batch(
    desk: Desk, seizure: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch, 5)
    found = swept(desk, seizure)
    entries = _entries(desk)
    assert max(entry.item_count for entry in entries) <= 5
    named = {name for entry in entries for name in entry.items}
    for one in found:
        assert (one.digests.sha256.hex() if one.digests else repr(one.item[:200])) in named


def test_without_a_purpose_no_file_is_opened(desk: Desk, officers: Officers) -> None:
    nobody = officers.of("XA", purpose=None)

    def files() -> Iterator[tuple[str, Path]]:
        raise AssertionError("it was looked at")
        yield

    with pytest.raises(NoPurpose):
        list(sweep(desk.installation, nobody, files()))


def test_whoever_leaves_early_leaves_no_process_and_no_thread(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch, 4)
    for number in range(40):
        desk.picture(f"{number:02}.jpg")
    jailed = set(desk.installation.jail.process_ids)
    before = {one.pid for one in psutil.Process().children()} | jailed
    running = parts(desk.installation, desk.actor, walk_names([desk.folder]), Manner())
    assert next(running)
    running.close()
    left = {one.pid for one in psutil.Process().children()} - before - set(desk.installation.jail.process_ids)
    assert left == set()


def test_files_are_read_ahead_by_a_bounded_number_only(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch, 4)
    path, taken = desk.picture("a.jpg"), 0

    def files() -> Iterator[tuple[str, Path]]:
        nonlocal taken
        for number in range(500):
            taken += 1
            yield f"{number}", path

    running = parts(desk.installation, desk.actor, files(), Manner())
    given = 0
    for part in running:
        given += len(part)
        # Digested by each worker and one more, looked up and waiting, and in this part.
        assert taken - given <= 4 * (desk.installation.config.workers + 2) + 2 * 4 + 4
    assert given == 500


def test_threads_take_quick_turns_only_as_long_as_it_runs(desk: Desk) -> None:
    before = sys.getswitchinterval()
    desk.picture("a.jpg")
    running = parts(desk.installation, desk.actor, walk_names([desk.folder]), Manner())
    assert next(running)
    assert sys.getswitchinterval() < before
    running.close()
    assert sys.getswitchinterval() == before


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("thorough", [False, True])
def test_the_members_of_an_archive_come_after_it_and_known_ones_are_not_examined(desk: Desk, thorough: bool) -> None:
    known, new = jpeg(next(seeds)), jpeg(next(seeds))
    (desk.folder / "known.jpg").write_bytes(known)
    desk.enter(desk.folder / "known.jpg")
    folder = desk.folder / "seized"
    folder.mkdir()
    desk.picture("seized/a.jpg")
    zipped(folder / "b.zip", {"known.jpg": known, "deep/new.jpg": new, "words.txt": b"words %d" % next(seeds)})
    desk.picture("seized/c.jpg")
    found = swept(desk, folder, thorough=thorough)
    outer = str(folder / "b.zip")
    assert [one.item.removeprefix(outer) for one in found[1:5]] == ["", "!/known.jpg", "!/deep/new.jpg", "!/words.txt"]
    assert [one.parent for one in found] == [None, None, outer, outer, outer, None]
    assert [one.members_follow for one in found] == [False, True, False, False, False, False]
    assert [one.answer.answer if one.answer else None for one in found[2:4]] == ["KNOWN", "NEW"]
    assert [one.examination is None for one in found[2:5]] == [not thorough, False, False]
    assert all(one.modified_ns == found[1].modified_ns for one in found[2:5])
    if thorough:
        asked = list(ask(desk.installation, desk.actor, [folder]))
        assert msgspec.json.encode(answers(found)) == msgspec.json.encode(asked)


def test_a_known_archive_is_looked_into_as_well_and_an_ordinary_one_is_not(desk: Desk) -> None:
    path = zipped(desk.folder / "a.zip", {"new.jpg": jpeg(next(seeds))})
    digest = hashlib.sha256(path.read_bytes())
    enter_digests(desk.installation, desk.actor, [digest.hexdigest()], Terms("C-1", Category.CATEGORY_1))
    found = swept(desk, path)
    assert [one.answer.answer if one.answer else None for one in found] == ["KNOWN", "NEW"]
    (ordinary,) = swept(desk, path, ordinary=lambda digests: ["system files"] * len(digests))
    assert (ordinary.ordinary, ordinary.members_follow) == ("system files", False)


def test_ordinary_members_are_set_aside(desk: Desk) -> None:
    path = zipped(desk.folder / "a.zip", {"system.dll": b"system", "new.jpg": jpeg(next(seeds))})
    system = hashlib.sha256(b"system").digest()
    named = lambda digests: ["system files" if one.sha256 == system else None for one in digests]  # noqa: E731
    found = swept(desk, path, ordinary=named)
    assert [one.ordinary for one in found] == [None, "system files", None]
    assert [one.answer is None for one in found] == [False, True, False]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(["known", "new", "missing", "unlisted"]), max_size=40), items=st.integers(1, 9))
def test_however_it_is_cut_everything_comes_once_and_in_order(desk: Desk, kinds: list[str], items: int) -> None:
    """Files that are known, unknown, unreadable or not even listed, and results that come in any order."""
    folder = desk.folder
    (folder / "known").write_text(f"known to {desk.actor.unit}")
    digest = hashlib.sha256((folder / "known").read_bytes()).hexdigest()
    enter_digests(desk.installation, desk.actor, [digest], Terms("C-1", Category.CATEGORY_1))
    (folder / "new").write_text(f"new to {desk.actor.unit}")
    files = [
        (f"{number} {kind}", UnreadableFile(item="x", cause="y") if kind == "unlisted" else folder / kind)
        for number, kind in enumerate(kinds)
    ]
    with pytest.MonkeyPatch.context() as patch:
        small_batches(patch, items)
        found = list(sweep(desk.installation, desk.actor, files))
    assert [one.item for one in found] == [item for item, _ in files]
    wanted = {"known": "KNOWN", "new": "NEW", "missing": None, "unlisted": None}
    for one in found:
        assert one.answer is not None
        assert one.answer.answer == wanted[one.item.split()[1]]


def _entries(desk: Desk) -> list[AuditEntry]:
    actor = desk.actor
    with acting(actor.country, actor.unit, actor.user):
        return list(AuditEntry.objects.filter(user=actor.user, verb="ASK"))
