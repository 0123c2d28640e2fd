"""The directory itself: who may write, what a reader does when files go while it opens them."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from concord.errors import DamagedIndex, IndexBusy
from concord.matching import HammingIndex, disk, segment
from concord.matching.engines import best
from concord.matching.segment import Segment, Spool
from concord.matching.store import Store
from concord.values import utc_now

from .engines import SEGMENT_ENGINES, as_array, native, relatives


def add(index: HammingIndex, *ids: int) -> None:
    index.add(np.array(ids, np.uint64), as_array([0] * len(ids)))


@pytest.fixture
def index(tmp_path: Path) -> HammingIndex:
    made = HammingIndex.open(tmp_path)
    add(made, 1, 2)
    made.seal()
    return made


def test_who_opens_while_the_files_are_replaced_gets_the_new_ones(
    index: HammingIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest was read, and the segments it names are swept before they are opened."""
    opened = Segment.open
    interrupted = list[Path]()

    def open_late(path: Path) -> Segment:
        if not interrupted:
            interrupted.append(path)
            index.remove(np.array([1], np.uint64))
            index.compact()
        return opened(path)

    monkeypatch.setattr(Segment, "open", open_late)
    late = HammingIndex.open(tmp_path)
    assert not interrupted[0].exists()
    assert late.search(as_array([0])).ids.tolist() == [2]


def test_a_segment_that_is_gone_without_a_newer_manifest_is_damage(index: HammingIndex, tmp_path: Path) -> None:
    (gone,) = tmp_path.glob("*.segment")
    gone.unlink()
    with pytest.raises(DamagedIndex, match=f"{gone.name} is gone"):
        HammingIndex.open(tmp_path)
    assert index.search(as_array([0])).ids.tolist() == [1, 2], "who has it open goes on"


def test_a_segment_in_place_of_another_is_damage_though_both_are_whole_and_as_large(tmp_path: Path) -> None:
    index = HammingIndex.open(tmp_path)
    add(index, *range(100))
    index.seal()
    (first,) = tmp_path.glob("*.segment")
    add(index, *range(100, 120))
    index.seal()
    (second,) = set(tmp_path.glob("*.segment")) - {first}
    other = HammingIndex.open(tmp_path / "other")
    add(other, *range(200, 220))
    other.seal()
    (foreign,) = (tmp_path / "other").glob("*.segment")
    assert foreign.stat().st_size == second.stat().st_size
    second.write_bytes(foreign.read_bytes())
    with pytest.raises(DamagedIndex, match=f"{second.name}: it is another segment"):
        HammingIndex.open(tmp_path)


def test_files_of_others_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    """Whoever opens an index in a folder of his own by mistake must not lose it."""
    theirs = {"thesis.txt", ".profile", "road.segment", "manifest.json"}
    for name in theirs:
        (tmp_path / name).write_text(name)
    index = HammingIndex.open(tmp_path)
    add(index, 1)
    index.compact()
    assert theirs <= {path.name for path in tmp_path.iterdir()}


def test_an_index_whose_manifest_is_gone_is_not_an_empty_one(index: HammingIndex, tmp_path: Path) -> None:
    (tmp_path / "manifest").unlink()
    with pytest.raises(DamagedIndex, match="manifest is gone"):
        index.search(as_array([0]))


@pytest.mark.parametrize("fails", ["sync", "remove"])
def test_what_goes_wrong_after_publishing_leaves_no_entry_twice_and_hides_none(
    index: HammingIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    index.remove(np.array([2], np.uint64))
    add(index, 2, 3)
    replaced, step = disk.replace, getattr(disk, fails)

    def replace(draft: Path, path: Path) -> None:
        replaced(draft, path)
        monkeypatch.setattr(disk, fails, fail)

    def fail(path: Path) -> None:
        monkeypatch.setattr(disk, fails, step)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "replace", replace)
    if fails == "remove":  # something to sweep that is not there before
        monkeypatch.setattr(disk, "sync", lambda path: (tmp_path / f"{0:016x}.segment").touch())
    with pytest.raises(OSError, match="Input/output"):
        index.seal()
    monkeypatch.undo()
    assert index.search(as_array([0])).ids.tolist() == [1, 2, 3]
    index.seal()
    assert HammingIndex.open(tmp_path).search(as_array([0])).ids.tolist() == [1, 2, 3]


def test_segments_that_stay_are_not_opened_again(index: HammingIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    (held,) = index._view.base.segments
    add(index, 3)
    index.seal()
    assert index._view.base.segments[0] is held


def test_one_writes_at_a_time_and_others_wait_or_are_told(tmp_path: Path) -> None:
    store, other = Store(tmp_path, best), Store(tmp_path, best)
    order = list[str]()

    def wait() -> None:
        with other.locked():
            order.append("other")

    waiter = threading.Thread(target=wait)
    with store.locked():
        waiter.start()
        with pytest.raises(IndexBusy, match="Try again"), other.locked(wait=False):
            order.append("never")
        order.append("first")
    waiter.join()
    assert order == ["first", "other"]
    with other.locked(wait=False):
        order.append("free again")


@pytest.mark.parametrize("wait", [True, False])
def test_a_process_that_is_forked_while_the_lock_is_held_does_not_keep_it(tmp_path: Path, wait: bool) -> None:
    store = Store(tmp_path, best)
    stays, ends = os.pipe()
    with store.locked(wait=wait):
        child = os.fork()
        if child == 0:
            os.close(ends)
            os.read(stays, 1)
            os._exit(0)
    try:
        with store.locked(wait=False):
            pass
    finally:
        os.close(ends)
        os.waitpid(child, 0)
        os.close(stays)


@native
def test_what_was_written_without_a_compiler_gets_tables_from_whoever_has_one(tmp_path: Path) -> None:
    values, ids = relatives(20_000, 1), np.arange(20_000, dtype=np.uint64)
    poor = HammingIndex.open(tmp_path, engine=SEGMENT_ENGINES["rows"])
    poor.add(ids, values)
    poor.seal()
    expected = poor.search(values[:50]).ids.tolist()
    rich = Store(tmp_path, SEGMENT_ENGINES["native"])
    (made,) = rich.newest().segments
    assert (made.chunks, rich.could_be_better(made)) == (0, True)
    with rich.locked():
        assert rich.compact(utc_now())
        assert not rich.compact(utc_now()), "there is nothing left to do"
    (made,) = rich.newest().segments
    assert (made.chunks > 0, rich.could_be_better(made)) == (True, False)
    assert poor.search(values[:50]).ids.tolist() == expected


def test_an_index_whose_entries_are_all_removed_has_no_files_of_them(index: HammingIndex, tmp_path: Path) -> None:
    index.remove(np.array([1, 2], np.uint64))
    index.compact()
    assert list(tmp_path.glob("*.segment*")) == []
    add(index, 5)
    index.seal()
    assert len(HammingIndex.open(tmp_path)) == 1


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    HammingIndex.open(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_what_a_crash_left_behind_is_swept_by_the_next_who_takes_the_lock(index: HammingIndex, tmp_path: Path) -> None:
    """Before it makes something of its own: half-made files of one that is killed again and again must not add up."""
    before = {path.name for path in tmp_path.iterdir()}
    for name in (f"{15:016x}.segment", f"{15:016x}.segment.verified", "manifest.draft"):
        (tmp_path / name).write_bytes(b"left")
    (tmp_path / "folder").mkdir()
    with Store(tmp_path, best).locked(wait=False):
        assert {path.name for path in tmp_path.iterdir()} == before | {"folder"}
    assert len(index) == 2


def test_memory_of_a_spool_is_given_back_while_others_still_refer_to_it() -> None:
    spool = Spool(1_000_000)
    spool.ids[:] = 7
    spool.hashes[:] = 7
    held = spool.ids
    filled = resident_bytes()
    spool.release()
    assert filled - resident_bytes() > 30_000_000
    assert held[0] == 0


def resident_bytes() -> int:
    return psutil.Process().memory_info().rss


def test_a_segment_is_verified_before_it_is_published_so_that_no_reader_waits_for_it(
    index: HammingIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = HammingIndex.open(tmp_path)
    add(index, 3)
    published = (tmp_path / "manifest").read_bytes()
    seen = list[bool]()
    verify = segment._is_intact

    def watched(*arguments: Any) -> bool:
        seen.append((tmp_path / "manifest").read_bytes() == published)
        return verify(*arguments)

    monkeypatch.setattr(segment, "_is_intact", watched)
    index.seal()
    assert seen == [True]
    assert reader.search(as_array([0])).ids.tolist() == [1, 2, 3]
    assert seen == [True]


def test_a_segment_that_the_disk_did_not_keep_is_never_published(
    index: HammingIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(segment.HEADER_BYTES)
            file.write(b"?")

    monkeypatch.setattr(disk, "forget", forgetful)
    add(index, 3)
    with pytest.raises(DamagedIndex, match="its rows"):
        index.seal()
    monkeypatch.undo()
    assert HammingIndex.open(tmp_path).search(as_array([0])).ids.tolist() == [1, 2]
    assert index.search(as_array([0])).ids.tolist() == [1, 2, 3]
    index.seal()
    assert HammingIndex.open(tmp_path).search(as_array([0])).ids.tolist() == [1, 2, 3]
