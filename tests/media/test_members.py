import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from concord.config import Limits
from concord.errors import (
    ArchiveLimit,
    DamagedArchive,
    EmptyFile,
    FileChanged,
    ItemError,
    NoSuchFile,
    NotAPicture,
    TooManyBytes,
    UnreadArchive,
)
from concord.jail.archive_findings import MemberFound, Piece
from concord.jail.errand import Answered
from concord.jail.messages import Job
from concord.jail.pool import Jail
from concord.media import Examination, Examiner, is_archive, members, open_member, open_members
from concord.media.held import Held
from concord.values import Digests
from tests.archives import tarred, zipped
from tests.jail.scenes import greedy_png
from tests.pictures import jpeg

MODULE = sys.modules["concord.media.members"]  # its name in the package is that of its function
PICTURES = [jpeg(seed) for seed in range(4)]
INNER = zipped({"b.jpg": PICTURES[1]})
TAR = tarred({"c.jpg": PICTURES[2]}, "w:gz")
MEMBERS = {"a.jpg": PICTURES[0], "b.zip": INNER, "c.tgz": TAR, "empty": b"", "text": b"words"}


@pytest.fixture(scope="module")
def jail() -> Iterator[Jail]:
    with Jail(workers=2) as made:
        yield made


@pytest.fixture
def examiner(jail: Jail) -> Examiner:
    return Examiner(jail)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "outer.zip"
    path.write_bytes(zipped(MEMBERS))
    return path


def found_in(examiner: Examiner, path: Path) -> dict[str, Examination | ItemError]:
    return dict(members(examiner, path, path.name))


def test_members_are_examined_as_files_are(examiner: Examiner, archive: Path) -> None:
    found = found_in(examiner, archive)
    assert list(found) == [
        *("outer.zip!/a.jpg", "outer.zip!/b.zip", "outer.zip!/b.zip!/b.jpg", "outer.zip!/c.tgz!/c.jpg"),
        *("outer.zip!/c.tgz", "outer.zip!/empty", "outer.zip!/text"),
    ]
    for name, picture in (("a.jpg", 0), ("b.zip!/b.jpg", 1), ("c.tgz!/c.jpg", 2)):
        item = f"outer.zip!/{name}"
        assert found[item] == examiner.examine_bytes(PICTURES[picture], item)
    assert isinstance(found["outer.zip!/empty"], EmptyFile)
    text = found["outer.zip!/text"]
    assert isinstance(text, Examination)
    assert isinstance(text.fault, NotAPicture)
    assert (text.digests, text.size_bytes) == (examiner.examine_bytes(b"words", "x").digests, 5)
    inner = found["outer.zip!/c.tgz"]
    assert is_archive(inner)
    assert isinstance(inner, Examination)
    assert inner.digests.sha256 == hashlib.sha256(TAR).digest()


def test_what_is_known_is_not_decoded(examiner: Examiner, archive: Path) -> None:
    known = {hashlib.sha256(PICTURES[0]).digest(), hashlib.sha256(b"words").digest()}
    asked: list[Digests] = []

    def is_known(digests: Sequence[Digests]) -> list[bool]:
        asked.extend(digests)
        return [one.sha256 in known for one in digests]

    found = dict(members(examiner, archive, "x", known=is_known))
    assert len(asked) == 6
    first, text, other = (found[f"x!/{name}"] for name in ("a.jpg", "text", "b.zip!/b.jpg"))
    assert isinstance(first, Examination)
    assert isinstance(text, Examination)
    assert isinstance(other, Examination)
    assert (first.fingerprints, first.fault, first.format, first.size_bytes) == ((), None, "jpeg", len(PICTURES[0]))
    assert text.fault is None
    assert other.fingerprints


def test_many_members_keep_their_order_in_batches(
    examiner: Examiner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "BATCH_MEMBERS", 7)
    (tmp_path / "t").write_bytes(tarred({f"{number:03}": bytes([number]) for number in range(60)}, "w:xz"))
    assert list(found_in(examiner, tmp_path / "t")) == [f"t!/{number:03}" for number in range(60)]
    monkeypatch.setattr(MODULE, "BATCH_MEMBERS", 1000)
    monkeypatch.setattr(MODULE, "BATCH_BYTES", 10_000)
    (tmp_path / "p").write_bytes(tarred({f"{number:03}": PICTURES[0] for number in range(9)}))
    assert list(found_in(examiner, tmp_path / "p")) == [f"p!/{number:03}" for number in range(9)]


def test_a_picture_that_stops_its_worker_costs_only_itself(tmp_path: Path) -> None:
    limits = replace(Limits(), decode_memory_bytes=400 << 20)
    (tmp_path / "z").write_bytes(zipped({"a": PICTURES[0], "greedy": greedy_png(), "b": PICTURES[1]}))
    with Jail(workers=1, limits=limits) as jail:
        found = found_in(Examiner(jail), tmp_path / "z")
    good = [one for one in found.values() if isinstance(one, Examination) and one.fingerprints]
    greedy = found["z!/greedy"]
    assert len(good) == 2
    assert isinstance(greedy, Examination)
    assert greedy.fault
    assert greedy.digests.sha256 == hashlib.sha256(greedy_png()).digest()


def test_a_bomb_leaves_what_came_before_it(tmp_path: Path) -> None:
    limits = Limits(archive_ratio_from_bytes=1 << 20)
    (tmp_path / "z").write_bytes(zipped({"a": PICTURES[0], "bomb": bytes(20 << 20), "b": PICTURES[1]}))
    with Jail(workers=1, limits=limits) as jail:
        found = found_in(Examiner(jail), tmp_path / "z")
    assert list(found) == ["z!/a", "z!/"]
    assert isinstance(found["z!/"], ArchiveLimit)
    assert "archive_ratio" in str(found["z!/"])


def test_a_picture_too_large_to_be_decoded_has_its_digests(tmp_path: Path) -> None:
    with Jail(workers=1, limits=Limits(picture_bytes=1000)) as jail:
        (tmp_path / "z").write_bytes(zipped({"a": PICTURES[0]}))
        found = found_in(Examiner(jail), tmp_path / "z")["z!/a"]
    assert isinstance(found, Examination)
    assert isinstance(found.fault, TooManyBytes)
    assert found.digests.sha256 == hashlib.sha256(PICTURES[0]).digest()


def test_a_cut_archive_says_so_after_its_members(examiner: Examiner, tmp_path: Path) -> None:
    whole = tarred({"a": b"1", "b": b"2" * 3000})
    (tmp_path / "t").write_bytes(whole[:2000])
    found = found_in(examiner, tmp_path / "t")
    assert list(found) == ["t!/a", "t!/b", "t!/"]
    assert isinstance(found["t!/"], DamagedArchive)


@pytest.mark.parametrize(("head", "name"), [(b"Rar!\x1a\x07\1\0", "rar"), (b"\x28\xb5\x2f\xfd", "zstandard")])
def test_an_archive_that_is_not_read_is_named_with_the_way_out(examiner: Examiner, head: bytes, name: str) -> None:
    found = examiner.examine_bytes(head + bytes(100), "item")
    assert isinstance(found.fault, UnreadArchive)
    assert f"format {name} " in str(found.fault)
    assert "Unpack it" in str(found.fault)
    assert not is_archive(found)


def test_an_archive_that_changes_meanwhile_says_so(
    examiner: Examiner, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "BATCH_MEMBERS", 1)
    looking = members(examiner, archive, "x")
    first = next(looking)
    with archive.open("ab") as file:
        file.write(b"more")
    assert first[0] == "x!/a.jpg"
    assert isinstance(dict(looking)["x!/"], FileChanged)


def test_whoever_leaves_early_leaves_no_worker_at_it(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(tarred({str(number): PICTURES[0] for number in range(300)}))
    with Jail(workers=1) as jail:
        looking = open_members(Examiner(jail), tmp_path / "t", "t")
        next(looking)
        assert len(jail.process_ids) == 2
        looking.close()  # type: ignore[attr-defined]
        assert len(jail.process_ids) == 1  # which examined the first


# ---- bytes --------------------------------------------------------------------------------------------------------


def test_members_are_given_with_their_bytes(examiner: Examiner, archive: Path) -> None:
    given = {one.item: one.file.read() if one.file else None for one in open_members(examiner, archive, "outer.zip")}
    assert given == {
        "outer.zip!/a.jpg": PICTURES[0],
        "outer.zip!/b.zip": INNER,
        "outer.zip!/b.zip!/b.jpg": PICTURES[1],
        "outer.zip!/c.tgz!/c.jpg": PICTURES[2],
        "outer.zip!/c.tgz": None,
        "outer.zip!/empty": None,
        "outer.zip!/text": b"words",
    }


def test_only_those_that_are_wanted_are_given(examiner: Examiner, archive: Path) -> None:
    wanted = ["outer.zip!/text", "outer.zip!/b.zip!/b.jpg"]
    given = [one.item for one in open_members(examiner, archive, "outer.zip", wanted)]
    assert sorted(given) == sorted(wanted)


def test_one_member_is_opened_by_its_name_and_can_only_be_read(examiner: Examiner, archive: Path) -> None:
    with open_member(examiner, archive, "outer.zip", "outer.zip!/c.tgz!/c.jpg") as file:
        assert file.read() == PICTURES[2]
        with pytest.raises(OSError):
            os.pwrite(file.fileno(), b"x", 0)
    with pytest.raises(NoSuchFile, match="nothing"):
        open_member(examiner, archive, "outer.zip", "outer.zip!/nothing")
    with pytest.raises(EmptyFile):
        open_member(examiner, archive, "outer.zip", "outer.zip!/empty")


def test_what_is_held_moves_out_of_memory_when_it_grows() -> None:
    held = Held(in_memory_bytes=10)
    for piece in (b"first", b"second", b"third"):
        held.write(piece)
    with held.file() as file:
        assert file.read() == b"firstsecondthird"


# ---- a worker that was taken over ---------------------------------------------------------------------------------


class Lying:
    """A jail whose worker says these things."""

    limits = Limits(picture_bytes=10)
    workers = 1

    def __init__(self, *said: object) -> None:
        self.said = said

    def answers(self, _job: Job[object], _source: int, _item: str, **_: object) -> Iterator[Answered[object]]:
        for one in self.said:
            yield Answered(one, ())

    def map(self, task: object, inputs: Iterator[object]) -> Iterator[object]:
        return map(task, inputs)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    "said",
    [
        [Piece(b"x" * 11), Piece(b"x" * 11)],
        [Piece(b"xx"), MemberFound("!/a", Digests(b"", b"", b""), 3, "jpeg", None, True)],
        [MemberFound("!/a", Digests(b"", b"", b""), 3, "jpeg", None, True)],
        [MemberFound("!/a", Digests(b"", b"", b""), 3, "jpeg", None, False)],
    ],
)
def test_a_worker_that_lies_is_not_believed(archive: Path, said: list[object]) -> None:
    found = dict(members(Examiner(Lying(*said)), archive, "x"))  # type: ignore[arg-type]
    assert len(found) == 1
    assert "no proper answer" in str([getattr(one, "fault", None) or one for one in found.values()])
