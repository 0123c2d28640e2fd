import hashlib
import io
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from concord.config import Limits
from concord.errors import (
    DamagedPicture,
    DecodingOverran,
    EmptyFile,
    FileChanged,
    ItemError,
    NoSuchFile,
    NotAFile,
    NotAPicture,
)
from concord.jail.cell import Cell, Patience
from concord.jail.errand import Answered
from concord.jail.findings import PictureFindings
from concord.jail.messages import Fault
from concord.jail.pool import Jail
from concord.media import Examination, Examiner, fingerprint, walk
from concord.media.examine import OpenFile
from concord.media.opening import open_descriptor, open_file
from concord.values import Digests
from tests.jail.golden import golden_files


def picture(seed: int = 1, file_format: str = "JPEG") -> bytes:
    blobs = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(blobs).resize((160, 120), Image.Resampling.BICUBIC).save(file, file_format)
    return file.getvalue()


@pytest.fixture(scope="module")
def jail() -> Iterator[Jail]:
    with Jail(workers=2) as made:
        yield made


@pytest.fixture
def examiner(jail: Jail) -> Examiner:
    return Examiner(jail)


def test_a_picture_has_digests_sides_and_fingerprints(examiner: Examiner, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture(file_format="PNG"))
    found = examiner.examine(tmp_path / "a.png", "a.png")
    assert found.digests.sha256 == hashlib.sha256(picture(file_format="PNG")).digest()
    assert (found.format, found.width_pixels, found.height_pixels) == ("png", 160, 120)
    assert {(one.kind, len(one.value)) for one in found.fingerprints} == {("pdq", 32)}
    assert found.fault is None


def test_every_format_is_decoded_behind_the_walls(examiner: Examiner) -> None:
    for name, data in golden_files():
        found = examiner.examine_bytes(data, name)
        assert (found.format, found.fault) == (name.split()[0], None)
        assert found.frames == (3 if "three" in name else 1)
        assert found.fingerprints


def test_a_text_named_jpg_is_no_picture_but_has_digests(examiner: Examiner, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("words")
    found = examiner.examine(tmp_path / "a.jpg", "a.jpg")
    assert isinstance(found.fault, NotAPicture)
    assert found.fault.facts["item"] == "a.jpg"
    assert (found.fingerprints, found.size_bytes) == ((), 5)
    assert found.digests.md5 == hashlib.md5(b"words").digest()


def test_a_truncated_picture_has_digests(examiner: Examiner) -> None:
    data = picture()[:-200]
    found = examiner.examine_bytes(data, "cut.jpg")
    assert isinstance(found.fault, DamagedPicture)
    assert found.digests.sha1 == hashlib.sha1(data).digest()


def test_files_that_cannot_be_read_are_refused_by_name(examiner: Examiner, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, kind in (("empty", EmptyFile), ("pipe", NotAFile), ("missing", NoSuchFile)):
        with pytest.raises(kind, match=name):
            examiner.examine(tmp_path / name, name)
    with pytest.raises(EmptyFile):
        examiner.examine_bytes(b"", "upload")


def test_bytes_and_file_give_the_same(examiner: Examiner, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(picture())
    assert examiner.examine(tmp_path / "a", "a") == examiner.examine_bytes(picture(), "a")


def test_the_very_bytes_that_were_examined_can_be_read_afterwards(examiner: Examiner, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(picture())
    with open_file(path, "a") as file:
        path.unlink()
        path.write_bytes(b"something else under the same name")
        found = examiner.examine_file(file, "a")
        assert hashlib.sha256(file.read()).digest() == found.digests.sha256


def test_a_file_that_changes_meanwhile_is_refused(
    examiner: Examiner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(picture())
    examine = Examiner._examine

    def grow(self: Examiner, descriptor: int, item: str, *wanted: Any) -> Examination:
        found = examine(self, descriptor, item, *wanted)
        with path.open("ab") as file:
            file.write(b"more")
        return found

    monkeypatch.setattr(Examiner, "_examine", grow)
    with pytest.raises(FileChanged, match="a:"):
        examiner.examine(path, "a")


def test_a_worker_killed_at_its_item_leaves_the_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    with Jail(workers=1, limits=Limits(decode_seconds=1)) as jail:
        examiner = Examiner(jail)
        expected = examiner.examine(tmp_path / "a.jpg", "a.jpg")
        os.kill(jail.process_ids[0], signal.SIGSTOP)
        found = examiner.examine(tmp_path / "a.jpg", "a.jpg")
        assert isinstance(found.fault, DecodingOverran)
        assert (found.digests, found.size_bytes, found.format) == (expected.digests, expected.size_bytes, "jpeg")
        assert found.fingerprints == ()
        assert examiner.examine(tmp_path / "a.jpg", "a.jpg") == expected


def comparable(found: Examination | ItemError) -> tuple[Examination, str]:
    """Errors are alike only if they are the same one."""
    assert isinstance(found, Examination)
    return replace(found, fault=None), str(found.fault)


def test_each_of_many_opened_files_is_examined_as_if_alone(examiner: Examiner, tmp_path: Path) -> None:
    contents = {"a.jpg": picture(1), "words": b"words", "cut.jpg": picture(2)[:-200], "b.png": picture(3, "PNG")}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    alone = [examiner.examine(tmp_path / name, name) for name in contents]
    missing = NoSuchFile(item="missing")
    files: list[OpenFile | ItemError] = [OpenFile(*open_descriptor(tmp_path / name, name), name) for name in contents]
    first, *found, last = examiner.examine_each([missing, *files, missing])
    assert first is last is missing
    assert [comparable(one) for one in found] == [comparable(one) for one in alone]
    for file in files:
        assert isinstance(file, OpenFile)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(file.descriptor)


def test_of_many_opened_files_those_not_taken_stay_and_those_taken_are_closed_when_the_reader_leaves(
    examiner: Examiner, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(picture())
    taken: list[int] = []

    def files() -> Iterator[OpenFile]:
        while True:
            taken.append(open_descriptor(tmp_path / "a", "a")[0])
            yield OpenFile(taken[-1], os.fstat(taken[-1]), "a")

    with closing(examiner.examine_each(files())) as found:
        assert next(found)
    assert len(taken) == 2
    for descriptor in taken:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)


def test_of_many_opened_files_one_that_changes_or_kills_its_worker_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = Cell.next

    def disturb(self: Cell, patience: Patience, item: str) -> Any:
        if item == "killing":
            self.end()
        if item == "growing":
            with (tmp_path / item).open("ab") as file:
                file.write(b"more")
        return following(self, patience, item)

    names = ["a", "killing", "b", "growing", "c"]
    for name in names:
        (tmp_path / name).write_bytes(picture())
    with Jail(workers=1) as jail:
        examiner = Examiner(jail)
        expected = examiner.examine(tmp_path / "a", "a")
        monkeypatch.setattr(Cell, "next", disturb)
        files = [OpenFile(*open_descriptor(tmp_path / name, name), name) for name in names]
        first, killed, second, grown, third = examiner.examine_each(files)
    assert first == second == third == expected
    assert isinstance(killed, Examination)
    assert isinstance(killed.fault, DecodingOverran)
    assert (killed.digests, killed.fingerprints) == (expected.digests, ())
    assert isinstance(grown, FileChanged)


def test_a_worker_that_blames_the_file_itself_is_not_believed(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lying:
        def answer(self, *_: object) -> object:
            digests = Digests(b"", b"", b"")
            found = PictureFindings(digests, len(picture()), None, None, None, (), Fault(NoSuchFile.code, {}))
            return Answered(found, ())

    monkeypatch.setattr(examiner, "_jail", Lying())
    assert isinstance(examiner.examine_bytes(picture(), "a").fault, DecodingOverran)


def test_many_are_examined_in_order_and_the_bad_ones_stop_nobody(examiner: Examiner, tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:02}.jpg").write_bytes(b"" if number % 10 == 3 else picture(number))
    (tmp_path / "99 round").symlink_to(tmp_path)
    outcomes = list(examiner.examine_all(walk([tmp_path])))
    assert [Path(item).name for item, _, _ in outcomes] == [f"{number:02}.jpg" for number in range(60)] + ["99 round"]
    for number, (_, path, outcome) in enumerate(outcomes[:60]):
        assert path == tmp_path / f"{number:02}.jpg"
        if number % 10 == 3:
            assert isinstance(outcome, EmptyFile)
        else:
            assert isinstance(outcome, Examination)
            assert outcome.digests.md5 == hashlib.md5(picture(number)).digest()
    assert outcomes[60][1] is None
    assert isinstance(outcomes[60][2], ItemError)


def test_a_worker_killed_among_many_costs_at_most_its_item(tmp_path: Path) -> None:
    data = picture()
    for number in range(300):
        (tmp_path / f"{number:03}").write_bytes(data)
    with Jail(workers=2) as jail:
        outcomes = []
        for position, outcome in enumerate(Examiner(jail).examine_all(walk([tmp_path]))):
            outcomes.append(outcome[2])
            if position == 20:
                os.kill(jail.process_ids[0], signal.SIGKILL)
    examinations = [one for one in outcomes if isinstance(one, Examination)]
    assert len(examinations) == 300
    assert len({one.digests for one in examinations}) == 1
    assert len([one for one in examinations if one.fault]) <= 1


def test_one_call_fingerprints_one_file_and_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    before = {process.pid for process in psutil.Process().children()}
    assert fingerprint(tmp_path / "a.jpg").fingerprints == fingerprint(str(tmp_path / "a.jpg")).fingerprints != ()
    assert {process.pid for process in psutil.Process().children()} <= before
