"""`concord intake` and `concord enter --intake`: what scripts rely on."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.seized import bad_files, new_picture
from tests.cli.terminal import Clerk

SUMMARY = ["intake", "case", "source", "opened_at", "expires_at", "state", "items", "by_digest_only", "with_errors"]
ITEM = [
    "position", "item", "parent", "sha256", "sha1", "md5", "size_bytes", "modified_ns", "format", "state", "match",
    "qualifiers", "not_compared", "ordinary", "missing", "asked_at", "error",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "disk"
    made.mkdir()
    for name in ("a.jpg", "b.jpg"):
        new_picture(made / name)
    return made


def opened(clerk: Clerk, source: Path, *options: str, status: int = 0) -> str:
    said = clerk.run("intake", "open", source, "--case", "C-1", *options, "--json")
    assert said.status == status
    (summary,) = said.objects
    return str(summary["intake"])


def test_json_is_the_summary_and_then_an_item_a_line_with_the_keys_of_the_contract(clerk: Clerk, folder: Path) -> None:
    intake = opened(clerk, folder)
    said = clerk.run("intake", "show", intake, "--json")
    assert said.status == 0
    assert [list(line) for line in said.objects] == [SUMMARY, ITEM, ITEM]
    assert said.objects[0]["items"] == {"NEW": 2}
    assert [line["item"] for line in said.objects[1:]] == [str(folder / "a.jpg"), str(folder / "b.jpg")]
    assert clerk.run("intake", "list", "--json").objects == [said.objects[0]]


def test_what_is_shown_goes_on_after_a_position_and_by_answer(clerk: Clerk, folder: Path) -> None:
    clerk.enter(folder / "a.jpg")
    intake = opened(clerk, folder)
    first = clerk.run("intake", "show", intake, "--limit", "1")
    assert "There may be more: --after 1\n" in first.out
    assert "= known  " in first.out
    after = clerk.run("intake", "show", intake, "--after", "1", "--json").objects[1:]
    assert [line["item"] for line in after] == [str(folder / "b.jpg")]
    known = clerk.run("intake", "show", intake, "--answer", "known", "--json").objects[1:]
    assert [line["item"] for line in known] == [str(folder / "a.jpg")]
    assert clerk.run("intake", "show", intake, "--answer", "PERHAPS").status == 2


def test_a_new_file_that_was_not_compared_by_picture_never_reads_as_plainly_new(clerk: Clerk, tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text(f"no picture {uuid4()}")
    intake = opened(clerk, tmp_path, status=3)
    assert "+ new, by digest only  " in clerk.run("intake", "show", intake).out


def test_every_bad_file_keeps_its_error_and_the_others_go_on(clerk: Clerk, folder: Path) -> None:
    bad = bad_files(folder)
    del bad["no_such_file"]
    intake = opened(clerk, folder, status=3)
    lines = {line["item"]: line for line in clerk.run("intake", "show", intake, "--json").objects[1:]}
    assert {code: lines[str(path)]["error"]["code"] for code, path in bad.items()} == {code: code for code in bad}
    assert lines[str(folder / "a.jpg")]["state"] == "NEW"


def test_what_is_missing_is_said_beside_what_it_was(clerk: Clerk, folder: Path) -> None:
    opened(clerk, folder)
    (folder / "b.jpg").unlink()
    intake = opened(clerk, folder, status=3)
    out = clerk.run("intake", "show", intake).out
    assert "2 new, 1 with errors\n" in out
    assert f"+ new, missing  {folder / 'b.jpg'}\n" in out


def test_the_days_are_bounded(clerk: Clerk, folder: Path) -> None:
    said = clerk.run("intake", "open", folder, "--case", "C-1", "--days", "100000")
    assert said.status == 2
    assert "100000 days are too long" in said.complaint
    assert clerk.run("intake", "list").out == "Your unit has no intake open.\n"


def test_an_empty_argument_is_not_the_current_folder(clerk: Clerk) -> None:
    assert "argument is empty" in clerk.run("intake", "open", "", "--case", "C-1").complaint


def test_what_was_chosen_is_entered_and_the_rest_is_not(clerk: Clerk, folder: Path) -> None:
    intake = opened(clerk, folder)
    said = clerk.run("enter", "--intake", intake, "--select", "a.*", "--category", "2", "--json")
    assert said.status == 0
    assert [(line["item"], line["result"]) for line in said.objects] == [(str(folder / "a.jpg"), "entered")]
    assert [line["answer"] for line in clerk.ask(folder)] == ["KNOWN", "NEW"]
    changed = clerk.run("intake", "ask", intake, "--json")
    assert [(line["before"], line["answer"]["answer"]) for line in changed.objects] == [("NEW", "KNOWN")]
    assert clerk.run("intake", "ask", intake).out == "0 changed\n"


def test_a_file_may_list_what_is_chosen(clerk: Clerk, folder: Path, tmp_path: Path) -> None:
    intake = opened(clerk, folder)
    chosen = tmp_path / "chosen"
    chosen.write_text(f"{folder / 'b.jpg'}\n{folder / 'c.jpg'}\n")
    said = clerk.run("enter", "--intake", intake, "--select", f"@{chosen}", "--json")
    assert said.status == 3
    assert [(Path(line["item"]).name, line["result"]) for line in said.objects] == [
        ("b.jpg", "entered"), ("c.jpg", "failed"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ("--intake", str(uuid4())),
        ("--intake", str(uuid4()), "--select", "*", "--case", "C-1"),
        ("--intake", str(uuid4()), "--select", "*", "a.jpg"),
        ("--intake", "nonsense", "--select", "*"),
        ("--select", "*", "--case", "C-1"),
        ("a.jpg",),
        ("--case", "C-1"),
    ],
)
def test_entering_takes_either_items_of_a_case_or_a_selection_from_an_intake(
    clerk: Clerk, arguments: tuple[str, ...]
) -> None:
    assert clerk.run("enter", *arguments).status == 2


def test_closing_asks_first_and_then_nothing_is_left(clerk: Clerk, folder: Path) -> None:
    intake = opened(clerk, folder)
    assert clerk.run("intake", "close", intake).status == 1  # nobody is there to say yes
    assert clerk.run("intake", "show", intake).status == 0
    assert clerk.run("intake", "close", intake, "--yes").out == f"intake {intake} is erased\n"
    said = clerk.run("intake", "show", intake)
    assert said.status == 1
    assert "no such record" in said.complaint


def test_erasing_what_has_expired_tells_nothing_of_it(clerk: Clerk) -> None:
    assert clerk.run("intake", "erase").status == 2
    assert clerk.run("intake", "erase", "--expired").out == "Intakes whose time is over are erased.\n"


def test_a_file_name_cannot_give_orders_to_the_terminal(clerk: Clerk, tmp_path: Path) -> None:
    new_picture(tmp_path / "a\x1b[2J\n+ new  b.jpg")
    said = clerk.run("intake", "show", opened(clerk, tmp_path))
    assert "\x1b" not in said.out
    assert not any(line.startswith("+ new  b") for line in said.out.split("\n"))


def test_a_colleagues_unit_is_told_the_same_as_of_no_intake(clerk_of: Callable[[str], Clerk], folder: Path) -> None:
    ours, colleague = clerk_of("XA"), clerk_of("XA")
    intake, never = opened(ours, folder), str(uuid4())
    for words in (("show",), ("ask",), ("close", "--yes")):
        told = [colleague.run("intake", *words, one) for one in (intake, never)]
        assert told[0].status == told[1].status == 1
        assert told[0].complaint.replace(intake, never) == told[1].complaint
