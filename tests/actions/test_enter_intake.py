"""What is chosen out of archives in an intake: members, archives in archives themselves, and what is none."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from concord.actions.enter import Entered, Terms
from concord.actions.enter_intake import enter_intake
from concord.actions.open_intake import fill_intake, open_intake
from concord.records.selection import selection
from concord.values import Category
from tests.archives import tarred, zipped
from tests.desk import Desk


def opened(desk: Desk, source: Path) -> UUID:
    intake = open_intake(desk.installation, desk.actor, desk.case, source, None)
    list(fill_intake(desk.installation, desk.actor, intake, []))
    return intake


def entered(desk: Desk, intake: UUID, source: Path, members: Sequence[str]) -> dict[str, Entered]:
    terms = Terms(case="", category=Category.CATEGORY_1)
    chosen = selection((), [f"{source}{member}" for member in members])
    lines = enter_intake(desk.installation, desk.actor, intake, chosen, terms)
    return {line.item.removeprefix(str(source)): line for line in lines}


def vaulted(desk: Desk, line: Entered) -> bytes:
    return b"".join(desk.installation.vault.read(bytes.fromhex(line.sha256 or ""), desk.actor.country))


def test_archives_in_an_archive_are_entered_with_their_bytes_alone_and_with_their_members(desk: Desk) -> None:
    words = b"words"
    inner = tarred({"a": words}, "w:gz")
    middle = tarred({"inner.tgz": inner, "note": b"note"})
    nested = zipped({"b": b"more"})
    source = desk.folder / "outer.zip"
    source.write_bytes(zipped({"middle.tar": middle, "nested.zip": nested}))
    intake = opened(desk, source)
    expected = {
        "!/middle.tar": middle,
        "!/middle.tar!/inner.tgz": inner,
        "!/middle.tar!/inner.tgz!/a": words,
        "!/nested.zip": nested,
    }
    alone = entered(desk, intake, source, ["!/middle.tar"])
    assert {name: vaulted(desk, line) for name, line in alone.items()} == {"!/middle.tar": middle}
    lines = entered(desk, intake, source, list(expected))
    assert {name: line.error for name, line in lines.items() if line.result == "failed"} == {}
    assert {name: vaulted(desk, line) for name, line in lines.items()} == expected


def test_what_stands_for_the_rest_of_an_archive_is_no_member_and_says_what_was_wrong(desk: Desk) -> None:
    archive = b"words"
    for _ in range(9):
        archive = zipped({"x": archive})
    source = desk.folder / "deep.zip"
    source.write_bytes(archive)
    rest = "!/x" * 8 + "!/"
    (line,) = entered(desk, opened(desk, source), source, [rest]).values()
    assert line.error
    assert line.error.code == "no_member"
    assert "archive_depth" in line.error.message
    assert line.error.message.count(str(source)) == 1


def test_what_lies_behind_damage_is_not_said_to_be_missing(desk: Desk) -> None:
    source = desk.folder / "outer.tar"
    whole = tarred({"in.tar": tarred({"a": b"a" * 600, "b": b"b" * 600}), "c": b"c"})
    source.write_bytes(whole)
    intake = opened(desk, source)
    source.write_bytes(whole[:2300])
    lines = entered(desk, intake, source, ["!/in.tar!/b", "!/c"])
    assert {name: line.error and line.error.code for name, line in lines.items()} == {
        "!/in.tar!/b": "damaged_archive",
        "!/c": "damaged_archive",
    }
