"""Uploads in parts: resumed after any break, unreadable on the disk, invisible to other units, gone when their time is over."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.config import Limits
from concord.errors import DamagedUpload, TooLarge, TooManyUploads, UnknownRecord
from concord.values import CountryCode
from concord.vault.keys import Keys
from concord.vault.parts import Owner, Parts, Upload

XA = CountryCode("XA")
OURS, THEIRS = Owner(XA, UUID(int=1)), Owner(XA, UUID(int=2))
LIMITS = replace(Limits(), upload_bytes=10_000, upload_unit_bytes=15_000, upload_part_bytes=1_000, upload_seconds=3600)
DATA = Random(1).randbytes(2_500)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def parts_in(keys: Keys, clock: Clock) -> Callable[[Path], Parts]:
    return lambda folder: Parts(folder, keys, LIMITS, clock)


@pytest.fixture
def parts(parts_in: Callable[[Path], Parts], tmp_path: Path) -> Parts:
    return parts_in(tmp_path / "uploads")


def begun(parts: Parts, data: bytes = DATA, owner: Owner = OURS) -> Upload:
    return parts.begin(owner, hashlib.sha256(data).digest(), len(data))


def whole(parts: Parts, data: bytes = DATA, owner: Owner = OURS) -> Upload:
    upload = begun(parts, data, owner)
    while upload.received_bytes < len(data):
        start = upload.received_bytes
        upload = parts.add(owner, upload.id, start, data[start : start + 1_000])
    return upload


def test_what_came_in_parts_is_read_whole(parts: Parts) -> None:
    assert parts.read(OURS, whole(parts).id) == DATA


def test_another_process_goes_on_where_the_first_was_killed(
    parts: Parts, parts_in: Callable[[Path], Parts], tmp_path: Path
) -> None:
    parts.add(OURS, begun(parts).id, 0, DATA[:700])
    later = parts_in(tmp_path / "uploads")
    assert begun(later).received_bytes == 700
    assert later.read(OURS, whole(later).id) == DATA


def test_what_does_not_continue_changes_nothing_and_is_told_where_it_stands(parts: Parts) -> None:
    upload = begun(parts)
    parts.add(OURS, upload.id, 0, DATA[:700])
    for start in (0, 699, 701, 5_000):
        assert parts.add(OURS, upload.id, start, b"x" * 10).received_bytes == 700
    assert parts.read(OURS, whole(parts).id) == DATA


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=8), st.integers(0, 7))
def test_in_parts_of_any_sizes_sent_twice_or_not(
    keys: Keys, tmp_path_factory: pytest.TempPathFactory, sizes: list[int], twice: int
) -> None:
    data = Random(2).randbytes(sum(sizes))
    parts = Parts(tmp_path_factory.mktemp("uploads"), keys, LIMITS, Clock())
    upload = begun(parts, data)
    start = 0
    for number, size in enumerate(sizes):
        for _ in range(1 + (number == twice)):
            upload = parts.add(OURS, upload.id, start, data[start : start + size])
        start += size
    assert parts.read(OURS, upload.id) == data


def test_another_unit_finds_nothing_of_it(parts: Parts) -> None:
    upload = whole(parts)
    for attempt in (parts.find, parts.read, lambda owner, name: parts.add(owner, name, 0, b"x")):
        with pytest.raises(UnknownRecord):
            attempt(THEIRS, upload.id)
    parts.erase(THEIRS, upload.id)
    assert begun(parts, owner=THEIRS).id != upload.id
    assert begun(parts, owner=THEIRS).received_bytes == 0
    assert parts.read(OURS, upload.id) == DATA


def test_nothing_on_the_disk_shows_what_it_is(parts: Parts, tmp_path: Path) -> None:
    text = b"a telling text " * 60
    whole(parts, text)
    for path in (tmp_path / "uploads").rglob("*"):
        assert hashlib.sha256(text).hexdigest() not in str(path)
        assert path.stat().st_mode & 0o077 == 0
        if path.is_file():
            assert b"telling" not in path.read_bytes()


@pytest.mark.parametrize("name", ["", "x", "../..", "A" * 64, "0" * 63, "0" * 65, "0" * 63 + "/"])
def test_what_is_no_id_is_unknown(parts: Parts, name: str) -> None:
    with pytest.raises(UnknownRecord):
        parts.find(OURS, name)
    with pytest.raises(UnknownRecord):
        parts.erase(OURS, name)


# ---- damage -----------------------------------------------------------------------------------------------------------


def test_other_bytes_than_announced_are_erased(parts: Parts) -> None:
    upload = begun(parts, DATA[:500])
    parts.add(OURS, upload.id, 0, b"x" * 500)
    with pytest.raises(DamagedUpload, match="SHA-256"):
        parts.read(OURS, upload.id)
    assert begun(parts, DATA[:500]).received_bytes == 0


def test_more_bytes_than_announced_are_erased(parts: Parts) -> None:
    upload = begun(parts, DATA[:500])
    with pytest.raises(DamagedUpload):
        parts.add(OURS, upload.id, 0, DATA[:501])
    with pytest.raises(UnknownRecord):
        parts.find(OURS, upload.id)


def test_one_that_is_not_whole_is_not_read_and_stays(parts: Parts) -> None:
    upload = begun(parts)
    parts.add(OURS, upload.id, 0, DATA[:700])
    with pytest.raises(DamagedUpload, match="700 of 2500"):
        parts.read(OURS, upload.id)
    assert begun(parts).received_bytes == 700


def test_a_changed_byte_on_the_disk_is_noticed(parts: Parts, tmp_path: Path) -> None:
    upload = whole(parts)
    (path,) = (tmp_path / "uploads").rglob("1000.part")
    sealed = bytearray(path.read_bytes())
    sealed[50] ^= 1
    path.write_bytes(sealed)
    with pytest.raises(DamagedUpload):
        parts.read(OURS, upload.id)


def test_a_part_in_the_place_of_another_is_noticed(parts: Parts, tmp_path: Path) -> None:
    upload = whole(parts)
    (first,) = (tmp_path / "uploads").rglob("0.part")
    first.write_bytes(first.with_name("1000.part").read_bytes())
    with pytest.raises(DamagedUpload):
        parts.read(OURS, upload.id)


# ---- limits and the clock -----------------------------------------------------------------------------------------------


def test_files_parts_and_units_have_their_limits(parts: Parts) -> None:
    with pytest.raises(TooLarge):
        parts.begin(OURS, b"x" * 32, 10_001)
    upload = parts.begin(OURS, b"x" * 32, 10_000)
    with pytest.raises(TooLarge):
        parts.add(OURS, upload.id, 0, b"x" * 1_001)
    with pytest.raises(TooManyUploads):
        parts.begin(OURS, b"y" * 32, 5_001)
    parts.begin(OURS, b"y" * 32, 5_000)
    parts.begin(OURS, b"x" * 32, 10_000)  # the same again takes no more room
    parts.begin(THEIRS, b"y" * 32, 10_000)


def test_an_erased_one_leaves_nothing(parts: Parts, tmp_path: Path) -> None:
    upload = whole(parts)
    parts.erase(OURS, upload.id)
    parts.erase(OURS, upload.id)
    assert not list((tmp_path / "uploads").iterdir())
    with pytest.raises(UnknownRecord):
        parts.read(OURS, upload.id)


def test_when_its_time_is_over_it_is_unknown_and_erased(parts: Parts, clock: Clock, tmp_path: Path) -> None:
    upload = whole(parts)
    clock.pass_by(3601)
    with pytest.raises(UnknownRecord):
        parts.read(OURS, upload.id)
    assert parts.erase_overdue() == 1
    assert not list((tmp_path / "uploads").iterdir())


def test_every_part_begins_its_time_anew(parts: Parts, clock: Clock) -> None:
    upload = begun(parts)
    for start in (0, 1_000, 2_000):
        clock.pass_by(3000)
        upload = parts.add(OURS, upload.id, start, DATA[start : start + 1_000])
    assert parts.erase_overdue() == 0
    assert parts.read(OURS, upload.id) == DATA


def test_one_unit_that_begins_erases_what_others_left(parts: Parts, clock: Clock, tmp_path: Path) -> None:
    whole(parts, owner=THEIRS)
    clock.pass_by(3601)
    begun(parts)
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == [str(OURS.unit)]
