"""`concord ordinary`: what it prints, and that a bad list is named."""

from hashlib import md5
from pathlib import Path
from uuid import uuid4

from tests.cli.terminal import Clerk


def test_a_list_is_added_listed_and_removed(clerk: Clerk, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{md5(b'a').hexdigest()}\n{md5(b'b').hexdigest()}\n")
    (added,) = clerk.run("ordinary", "add", "system", tmp_path / "list.txt", "--json").objects
    assert list(added) == ["name", "digests", "added_at"]
    assert (added["name"], added["digests"]) == ("system", 2)
    assert clerk.run("ordinary", "list").out.startswith("system: 2 files, added ")
    assert clerk.run("ordinary", "remove", "system").status == 0
    assert clerk.run("ordinary", "list").out == ""


def test_a_bad_list_is_named_with_the_line_and_nothing_is_added(clerk: Clerk, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{md5(b'a').hexdigest()}\nwhat\n")
    said = clerk.run("ordinary", "add", "system", tmp_path / "list.txt")
    assert said.status == 2
    assert "line 2: 'what' is no digest" in said.complaint
    assert clerk.run("ordinary", "list").out == ""


def test_a_missing_list_is_named(clerk: Clerk, tmp_path: Path) -> None:
    said = clerk.run("ordinary", "add", "system", tmp_path / "missing")
    assert said.status == 3
    assert "no such file" in said.complaint


def test_ordinary_files_are_shown_as_such_and_counted_apart(clerk: Clerk, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    part = uuid4().bytes
    (folder / "a.dll").write_bytes(part)
    (tmp_path / "list.txt").write_text(md5(part).hexdigest())
    clerk.run("ordinary", "add", "system", tmp_path / "list.txt")
    said = clerk.run("intake", "open", folder, "--case", "C-1", "--json")
    assert (said.status, said.objects[0]["items"]) == (0, {"ORDINARY": 1})
    shown = clerk.run("intake", "show", said.objects[0]["intake"])
    assert f". ordinary, on system  {folder}/a.dll\n" in shown.out
    nothing = clerk.run("intake", "open", folder, "--case", "C-1", "--no-ordinary", "--json")
    assert nothing.objects[0]["items"] == {"ORDINARY": 1}  # seen already
