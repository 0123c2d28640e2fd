"""An archive on a seized disk, from the first question to the last: what an officer sees of its members."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archives import tarred, zipped
from tests.cli.seized import seeds
from tests.cli.terminal import Clerk
from tests.pictures import jpeg


@pytest.fixture
def seized(tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    pictures = {name: jpeg(next(seeds)) for name in ("inner/name.jpg", "deep.jpg")}
    path = tmp_path / "disk" / "outer.zip"
    path.parent.mkdir()
    packed = tarred({"deep.jpg": pictures["deep.jpg"]}, "w:xz")
    path.write_bytes(zipped({"inner/name.jpg": pictures["inner/name.jpg"], "b.txz": packed}))
    return path, pictures


def test_new_members_are_entered_and_found_by_others_in_another_archive(
    clerk: Clerk, clerk_of: Callable[[str], Clerk], seized: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    path, pictures = seized
    names = [str(path), f"{path}!/inner/name.jpg", f"{path}!/b.txz!/deep.jpg", f"{path}!/b.txz"]
    asked = clerk.ask(str(path))
    assert sorted(line["item"] for line in asked) == sorted(names)
    assert {line["answer"] for line in asked} == {"NEW"}

    entered = clerk.enter(path)
    assert [(line["item"], line["result"]) for line in entered] == [(name, "entered") for name in names]

    other = tmp_path / "other.tgz"
    other.write_bytes(tarred({"x/" + name: data for name, data in pictures.items()}, "w:gz"))
    found = {line["item"].removeprefix(str(other)): line for line in clerk_of("XB").ask(str(other))}
    assert found[""]["answer"] == "NEW"
    assert found[""]["error"] is None
    for name in ("!/x/inner/name.jpg", "!/x/deep.jpg"):
        assert (found[name]["answer"], found[name]["match"]) == ("KNOWN", "exact")


def test_in_a_folder_members_are_asked_about_too(clerk: Clerk, seized: tuple[Path, dict[str, bytes]]) -> None:
    path, _ = seized
    clerk.enter(path)
    asked = {line["item"].removeprefix(str(path)): line for line in clerk.ask(str(path.parent))}
    assert set(asked) == {"", "!/inner/name.jpg", "!/b.txz!/deep.jpg", "!/b.txz"}
    assert {line["answer"] for line in asked.values()} == {"KNOWN"}


def test_a_cut_archive_fails_by_name_and_what_was_read_is_answered(clerk: Clerk, tmp_path: Path) -> None:
    path = tmp_path / "cut.tar"
    path.write_bytes(tarred({"a.jpg": jpeg(next(seeds)), "b.jpg": jpeg(next(seeds))})[:20_000])
    said = clerk.run("ask", path, "--json")
    lines = {line["item"].removeprefix(str(path)): line for line in said.objects}
    assert said.status == 3
    assert lines["!/a.jpg"]["answer"] == "NEW"
    assert lines["!/b.jpg"]["error"]["code"] == "damaged_member"
    assert lines["!/"]["error"]["code"] == "damaged_archive"
