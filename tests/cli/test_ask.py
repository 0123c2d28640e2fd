"""`concord ask`: the contract that scripts rely on, word for word."""

from collections.abc import Callable
from pathlib import Path

import pytest

from concord.access.audit import AuditEntry
from tests.cli.seized import bad_files, given, new_digest, new_picture, seeds, unreadable
from tests.cli.terminal import Clerk, Terminal
from tests.pictures import jpeg

ANSWER = [
    "item", "sha256", "answer", "match", "distance", "band", "transform", "compared", "not_compared", "matches",
    "victims", "suspects", "qualifiers", "reasons", "contact", "error",
    "restricted",
]  # fmt: skip
MATCH = ["material", "kind", "band", "distance", "owner", "series", "segment"]
UNKNOWN = "ab" * 32


@pytest.fixture
def known(clerk: Clerk, tmp_path: Path) -> Path:
    path = new_picture(tmp_path / "known.jpg")
    assert [line["result"] for line in clerk.enter(path)] == ["entered"]
    return path


def test_json_is_one_object_a_line_with_the_keys_of_the_contract(clerk: Clerk, known: Path, tmp_path: Path) -> None:
    said = clerk.run("ask", known, UNKNOWN, tmp_path / "missing.jpg", "--json")
    exact, new, failed = said.objects
    assert [list(line) for line in (exact, new, failed)] == [ANSWER] * 3
    assert [list(match) for match in exact["matches"]] == [MATCH]
    assert list(exact["victims"]) == list(exact["suspects"]) == ["recorded", "identified", "safeguarded"]
    assert list(failed["error"]) == ["code", "message"]
    assert (exact["answer"], new["answer"], failed["answer"]) == ("KNOWN", "NEW", None)
    assert (exact["error"], new["error"]) == (None, None)
    assert said.err == ""


def test_answers_come_in_the_order_of_the_question(clerk: Clerk, known: Path) -> None:
    items = [UNKNOWN, str(known), "cd" * 20, "pdq:" + "0f" * 32, "ef" * 16]
    assert [line["item"] for line in clerk.ask(*items)] == items


def test_the_status_is_0_when_every_item_is_answered(clerk: Clerk, known: Path) -> None:
    assert clerk.run("ask", known, UNKNOWN).status == 0


def test_the_status_is_3_when_some_items_fail(clerk: Clerk, tmp_path: Path) -> None:
    assert clerk.run("ask", UNKNOWN, tmp_path / "missing.jpg").status == 3


def test_the_status_is_2_when_nothing_is_asked(clerk: Clerk) -> None:
    assert clerk.run("ask").status == 2


def test_without_a_purpose_from_profile_or_option_nobody_asks(terminal: Terminal) -> None:
    aimless = Clerk.enrolled(terminal, "aimless", codes=())
    said = aimless.run("ask", UNKNOWN)
    assert said.status == 2
    for code in ("IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "TRAINING"):
        assert code in said.complaint
    assert aimless.run("ask", UNKNOWN, "--purpose", "QUALITY").status == 0
    assert aimless.run("ask", UNKNOWN, "--purpose", "quality").status == 0  # codes may be typed in small letters


def test_the_given_purpose_goes_before_the_profiles_and_is_on_record(clerk: Clerk) -> None:
    question = new_digest()
    assert clerk.run("ask", question, "--purpose", "MISSING").status == 0
    (entry,) = AuditEntry.objects.using("owner").filter(items=[question])
    assert (entry.verb, entry.purpose, entry.owner_country) == ("ASK", "MISSING", "XA")


def test_an_unknown_purpose_is_wrong_usage_and_names_the_known(clerk: Clerk) -> None:
    said = clerk.run("ask", UNKNOWN, "--purpose", "CURIOSITY")
    assert said.status == 2
    assert said.complaint.startswith("concord: CURIOSITY: no such purpose")
    assert "IDENTIFICATION" in said.complaint


def test_an_unknown_profile_is_wrong_usage_and_names_the_known(terminal: Terminal) -> None:
    Clerk.enrolled(terminal, "a-first-one")  # of many the first are named
    said = terminal.run("ask", UNKNOWN, "--as", "never-made")
    assert said.status == 2
    assert "never-made: no such profile" in said.complaint
    assert "a-first-one" in said.complaint


@pytest.mark.parametrize("name", ["../default", "/etc/passwd", "", ".", "a\nb"])
def test_a_profile_is_a_name_and_never_a_path(terminal: Terminal, name: str) -> None:
    assert terminal.run("ask", UNKNOWN, "--as", name).status == 2


@pytest.mark.parametrize("json", [[], ["--json"]])
def test_every_bad_file_gets_its_error_and_the_others_are_answered(
    clerk: Clerk, known: Path, tmp_path: Path, json: list[str]
) -> None:
    bad = bad_files(tmp_path)
    said = clerk.run("ask", known, *given(bad), known, *json)
    assert said.status == 3
    assert "Traceback" not in said.out + said.err
    assert said.err == ""
    if not json:
        assert said.out.count("= known") == 2
        for path in bad.values():
            assert str(path) in said.out
        return
    first, *wrong, last = said.objects
    assert first["answer"] == last["answer"] == "KNOWN"
    assert {line["error"]["code"]: line["item"] for line in wrong} == {code: str(path) for code, path in bad.items()}
    for line in wrong:
        assert "\n" not in line["error"]["message"]
        assert line["item"] in line["error"]["message"]
        assert line["answer"] != "NEW" or [one["reason"] for one in line["not_compared"]] == ["undecodable"]


def test_a_file_that_may_not_be_read_is_named_and_the_others_are_answered(
    clerk: Clerk, known: Path, tmp_path: Path
) -> None:
    locked = unreadable(tmp_path)
    said = clerk.run("ask", locked, known, "--json")
    assert said.status == 3
    wrong, right = said.objects
    assert wrong["error"]["code"] == "unreadable_file"
    assert "Permission denied" in wrong["error"]["message"]
    assert right["answer"] == "KNOWN"


@pytest.mark.parametrize(
    "text",
    ["ab" * 31, "ab" * 33, "ab" * 15 + "a", "g" * 64, "ab" * 32 + "\n", " " + "ab" * 32, "pdq:" + "ab" * 31, "pdq:"],
)
def test_a_malformed_digest_is_named_as_such_and_the_others_are_answered(clerk: Clerk, text: str) -> None:
    said = clerk.run("ask", text, UNKNOWN, "--json")
    assert said.status == 3
    wrong, right = said.objects
    assert (wrong["item"], wrong["answer"], wrong["error"]["code"]) == (text, None, "malformed_digest")
    assert "\n" not in wrong["error"]["message"]
    assert right["answer"] == "NEW"


def test_a_plain_new_is_said_only_where_everything_was_compared(clerk: Clerk, tmp_path: Path) -> None:
    path = tmp_path / "text.jpg"
    path.write_text(f"minutes of meeting {next(seeds)}")
    new = new_picture(tmp_path / "new.jpg")
    heads = [line for line in clerk.run("ask", path, new).out.split("\n") if line.startswith("+")]
    assert heads == [f"+ new, by digest only  {path}", f"+ new  {new}"]


def test_no_sign_for_a_terminal_is_written_where_there_is_none(clerk: Clerk, known: Path) -> None:
    said = clerk.run("ask", known, UNKNOWN)
    assert "\x1b" not in said.out
    assert "\r" not in said.out
    assert said.err == ""


def test_a_file_name_cannot_give_orders_to_the_terminal(clerk: Clerk, tmp_path: Path) -> None:
    hostile = new_picture(tmp_path / "a\x1b[2J\x1b]0;b\x07.jpg")
    two_lines = tmp_path / "a\n* identified  b.jpg"
    two_lines.write_bytes(b"no picture")
    said = clerk.run("ask", hostile, two_lines)
    assert "\x1b" not in said.out
    assert "\x07" not in said.out
    assert not any(line.startswith("* identified") for line in said.out.split("\n"))
    assert [line["item"] for line in clerk.ask(hostile, two_lines)] == [str(hostile), str(two_lines)]


def test_another_country_learns_a_band_and_no_distance(clerk_of: Callable[[str], Clerk], tmp_path: Path) -> None:
    ours, theirs = clerk_of("XA"), clerk_of("XB")
    path, copy = tmp_path / "a.jpg", tmp_path / "copy.jpg"
    seed = next(seeds)
    path.write_bytes(jpeg(seed))
    copy.write_bytes(jpeg(seed, quality=30))
    ours.enter(path)
    (at_home,), (abroad,) = ours.ask(copy), theirs.ask(copy)
    assert isinstance(at_home["distance"], int)
    assert (abroad["distance"], [one["distance"] for one in abroad["matches"]]) == (None, [None])
    assert abroad["band"] in ("close", "near")
