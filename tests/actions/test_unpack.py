"""Archives are asked about and entered member by member."""

from pathlib import Path

import pytest

from concord.actions.ask import ask_bytes
from concord.actions.unpack import unpack
from concord.errors import NoSuchFile
from concord.media import is_archive
from concord.records.material import Instance
from concord.values import Digests
from tests.archives import tarred, zipped
from tests.desk import Desk, seeds
from tests.pictures import jpeg


def archive(desk: Desk, *pictures: bytes) -> Path:
    path = desk.folder / "outer.zip"
    inner = tarred({"deep.jpg": pictures[1]}, "w:gz")
    path.write_bytes(zipped({"inner/a.jpg": pictures[0], "b.tgz": inner, "empty": b""}))
    return path


def new() -> bytes:
    return jpeg(next(seeds))


def test_each_member_is_answered_and_the_archive_by_its_digest(desk: Desk) -> None:
    known, unknown = desk.picture("known.jpg"), new()
    desk.enter(known)
    path = archive(desk, known.read_bytes(), unknown)
    answers = {one.item.removeprefix(str(path)): one for one in desk.ask(path)}
    assert list(answers) == ["", "!/inner/a.jpg", "!/b.tgz!/deep.jpg", "!/b.tgz", "!/empty"]
    said = {name: (one.answer, [why.reason for why in one.not_compared]) for name, one in answers.items()}
    assert said[""] == said["!/b.tgz"] == ("NEW", ["archive"])
    assert said["!/inner/a.jpg"] == ("KNOWN", [])
    assert said["!/b.tgz!/deep.jpg"] == ("NEW", [])
    assert said["!/empty"][0] is None
    assert answers[""].error is None


def test_another_copy_of_a_known_picture_is_found_in_an_archive(desk: Desk) -> None:
    seed = next(seeds)
    desk.enter(desk.picture("known.jpg", seed))
    path = archive(desk, jpeg(seed, 60), new())
    found = {one.item.removeprefix(str(path)): one for one in desk.ask(path)}["!/inner/a.jpg"]
    assert (found.answer, found.match) == ("KNOWN", "near")


def test_members_are_entered_under_the_path_that_they_have_in_the_archive(desk: Desk) -> None:
    first, second = new(), new()
    path = archive(desk, first, second)
    entered = {one.item.removeprefix(str(path)): one.result for one in desk.enter(path)}
    assert entered == {
        "": "entered",
        "!/inner/a.jpg": "entered",
        "!/b.tgz!/deep.jpg": "entered",
        "!/b.tgz": "entered",
        "!/empty": "failed",
    }
    assert {one.result for one in desk.enter(path)} == {"duplicate", "failed"}
    paths = Instance.objects.using("owner").filter(path__startswith=str(path)).values_list("path", "has_bytes")
    assert dict(paths) == {
        str(path): True,
        f"{path}!/inner/a.jpg": True,
        f"{path}!/b.tgz!/deep.jpg": True,
        f"{path}!/b.tgz": False,  # its bytes are those within the outer one
    }
    (answer,) = [one for one in desk.ask(path) if one.item.endswith("deep.jpg")]
    assert (answer.answer, answer.match) == ("KNOWN", "exact")


def test_the_bytes_of_a_member_can_be_read_from_the_vault(desk: Desk) -> None:
    first, second = new(), new()
    desk.enter(archive(desk, first, second))
    (found,) = Instance.objects.using("owner").filter(path=f"{desk.folder / 'outer.zip'}!/b.tgz!/deep.jpg")
    assert b"".join(desk.installation.vault.read(bytes(found.sha256), desk.actor.country)) == second


def test_an_uploaded_archive_is_not_looked_into_and_says_so(desk: Desk) -> None:
    answer = ask_bytes(desk.installation, desk.actor, "a.zip", zipped({"a.jpg": new()}))
    assert [why.reason for why in answer.not_compared] == ["archive_unopened"]
    assert answer.error is None
    assert "not looked into" in " ".join(answer.reasons)


def test_what_a_digest_tells_is_not_decoded_unless_it_is_wanted(desk: Desk) -> None:
    known = desk.picture("known.jpg")
    desk.enter(known)
    path = archive(desk, known.read_bytes(), new())

    def reasons(thorough: bool) -> list[str]:
        asked = [one for part in unpack(desk.installation, desk.actor, path, "x", thorough=thorough) for one in part]
        (one,) = [one for one in asked if one.item == "x!/inner/a.jpg"]
        assert one.answer
        assert one.answer.answer == "KNOWN"
        return [why.reason for why in one.answer.not_compared]

    assert (reasons(thorough=False), reasons(thorough=True)) == (["digest_known"], [])


def test_an_archive_that_went_away_is_one_failed_member(desk: Desk) -> None:
    ((one,),) = unpack(desk.installation, desk.actor, desk.folder / "missing.zip", "x")
    assert one.item == "x!/"
    assert isinstance(one.found, NoSuchFile)
    assert not is_archive(one.found)


@pytest.mark.parametrize("thorough", [True, False])
def test_ordinary_members_are_set_aside(desk: Desk, thorough: bool) -> None:
    path = archive(desk, new(), new())

    def ordinary(digests: object) -> list[str | None]:
        assert isinstance(digests, list)
        return ["list" if isinstance(one, Digests) else None for one in digests]

    asked = [one for part in unpack(desk.installation, desk.actor, path, "x", ordinary=ordinary) for one in part]  # type: ignore[arg-type]
    assert {(one.ordinary, one.answer is None) for one in asked} == {("list", True), (None, False)}  # one has no digest
