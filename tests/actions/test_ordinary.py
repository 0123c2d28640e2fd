"""Lists of ordinary files: whole or not at all, a unit's own, and what they name is found by any digest."""

import json
from hashlib import md5, sha1, sha256
from pathlib import Path

import pytest
from django.db import connections

from concord.access.audit import AuditEntry
from concord.actions.ordinary import add_ordinary, list_ordinary, naming, own_lists, remove_ordinary
from concord.database.acting import acting
from concord.errors import AlreadyThere, TooLong, UnfitList, UnfitName, UnknownRecord
from concord.values import Digests
from tests.desk import Desk, Desks


def written(desk: Desk, *lines: str) -> Path:
    path = desk.folder / "list"
    path.write_text("\n".join(lines))
    return path


def digests_of(content: bytes) -> Digests:
    return Digests(md5(content).digest(), sha1(content).digest(), sha256(content).digest())


def names(desk: Desk, *contents: bytes, lists: list[str] | None = None) -> list[str | None]:
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        ids = own_lists(lists)
    return naming(desk.installation, desk.actor, ids)([digests_of(content) for content in contents])


def added(desk: Desk, name: str, *lines: str) -> int:
    return add_ordinary(desk.installation, desk.actor, name, written(desk, *lines)).digests


def test_a_file_is_named_by_whichever_digest_the_list_has(desk: Desk) -> None:
    assert added(desk, "one", md5(b"a").hexdigest(), sha1(b"b").hexdigest(), sha256(b"c").hexdigest()) == 3
    assert names(desk, b"a", b"b", b"c", b"d") == ["one", "one", "one", None]


def test_only_the_lists_that_are_wanted_are_asked(desk: Desk) -> None:
    added(desk, "one", md5(b"a").hexdigest())
    added(desk, "two", md5(b"a").hexdigest(), md5(b"b").hexdigest())
    assert names(desk, b"a", b"b") == ["one", "two"]
    assert names(desk, b"a", b"b", lists=["two"]) == ["two", "two"]
    assert names(desk, b"a", b"b", lists=[]) == [None, None]


def test_what_is_named_twice_counts_once(desk: Desk) -> None:
    assert added(desk, "one", md5(b"a").hexdigest(), md5(b"a").hexdigest().upper()) == 1


def test_a_list_that_is_not_whole_leaves_nothing(desk: Desk) -> None:
    with pytest.raises(UnfitList, match="line 20,001"):
        added(desk, "one", *(md5(str(number).encode()).hexdigest() for number in range(20_000)), "nonsense")
    assert list_ordinary(desk.installation, desk.actor) == []
    assert added(desk, "one", md5(b"a").hexdigest()) == 1


def test_a_name_is_given_once_in_a_unit(desks: Desks) -> None:
    ours, colleague = desks.of("XA"), desks.of("XA")
    added(ours, "one", md5(b"a").hexdigest())
    with pytest.raises(AlreadyThere, match="ordinary list one"):
        added(ours, "one", md5(b"b").hexdigest())
    assert added(colleague, "one", md5(b"b").hexdigest()) == 1


@pytest.mark.parametrize(("name", "error"), [("", UnfitName), ("a\nb", UnfitName), ("x" * 201, TooLong)])
def test_a_list_needs_a_readable_name(desk: Desk, name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        added(desk, name, md5(b"a").hexdigest())


def test_another_unit_neither_sees_nor_removes_nor_uses_a_list(desks: Desks) -> None:
    ours, colleague = desks.of("XA"), desks.of("XA")
    added(ours, "one", md5(b"a").hexdigest())
    assert list_ordinary(colleague.installation, colleague.actor) == []
    assert names(colleague, b"a") == [None]
    with acting(ours.actor.country, ours.actor.unit, ours.actor.user):
        ids = own_lists(None)
    assert naming(colleague.installation, colleague.actor, ids)([digests_of(b"a")]) == [None]
    with pytest.raises(UnknownRecord, match="ordinary list one"):
        remove_ordinary(colleague.installation, colleague.actor, "one")
    assert names(ours, b"a") == ["one"]


def test_a_removed_list_is_gone_with_every_digest(desk: Desk) -> None:
    added(desk, "one", md5(b"only here").hexdigest())
    assert remove_ordinary(desk.installation, desk.actor, "one").name == "one"
    assert names(desk, b"only here") == [None]
    with connections["owner"].cursor() as cursor:
        cursor.execute("select count(*) from ordinary_digest where digest = %s", [md5(b"only here").digest()])
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("verb", ["ADD-ORDINARY", "LIST-ORDINARY", "REMOVE-ORDINARY"])
def test_every_act_has_its_entry(desk: Desk, verb: str) -> None:
    added(desk, "one", md5(b"a").hexdigest())
    list_ordinary(desk.installation, desk.actor)
    remove_ordinary(desk.installation, desk.actor, "one")
    (entry,) = AuditEntry.objects.using("owner").filter(unit=desk.actor.unit, verb=verb)
    assert (entry.outcome, entry.item_count) == ("DONE", 1)


def test_an_entry_names_the_list_that_was_not_there(desk: Desk) -> None:
    with pytest.raises(UnknownRecord):
        remove_ordinary(desk.installation, desk.actor, "one" * 100)
    (entry,) = AuditEntry.objects.using("owner").filter(unit=desk.actor.unit, verb="REMOVE-ORDINARY")
    assert (entry.outcome, entry.items) == ("REFUSED", [("one" * 100)[:200]])


def test_the_nsrls_lists_are_added_whole(desk: Desk, shared_data: Path) -> None:
    for path in sorted((shared_data / "vics").glob("nsrl-*.json")):
        distinct = {record["SHA1"] for record in json.loads(path.read_text())["value"]}
        assert add_ordinary(desk.installation, desk.actor, path.stem, path).digests == len(distinct)
