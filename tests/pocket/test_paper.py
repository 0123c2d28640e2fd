"""What is printed: never a plain new where something was not compared, and nothing that a terminal or spreadsheet obeys."""

import csv
import io
import json
from typing import Any

import pytest

from concord.pocket.asking import Answered, Asked
from concord.pocket.medium import Entry
from concord.pocket.paper import COLUMNS, Paper, Progress
from concord.pocket.shape import failed


def answered(item: str = "a.jpg", **more: Any) -> Answered:
    answer = {**failed(item, "x", "x"), "error": None, "answer": "NEW", "compared": ["digest"], **more}
    return Answered(Asked(Entry(item, size=5)), answer, earlier=False)


def printed(form: str, *found: Answered) -> str:
    out = io.StringIO()
    paper = Paper(form, out)
    for one in found:
        paper.write(one)
    return out.getvalue()


def test_json_is_an_object_a_line_in_the_published_order() -> None:
    one = answered("ü.jpg")
    (line,) = printed("json", one).splitlines()
    assert json.loads(line) == one.answer
    assert list(json.loads(line)) == list(one.answer)


def test_csv_has_a_heading_and_a_row_an_item() -> None:
    rows = list(csv.reader(io.StringIO(printed("csv", answered('a"b,c\n.jpg'), answered()))))
    assert rows[0] == list(COLUMNS)
    assert [row[0] for row in rows[1:]] == ['a"b,c\n.jpg', "a.jpg"]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1"])
def test_a_name_is_no_formula(name: str) -> None:
    rows = list(csv.reader(io.StringIO(printed("csv", answered(name)))))
    assert rows[1][0] == "'" + name


def test_new_by_digest_only_is_said_so() -> None:
    missing = [{"what": "near", "reason": "digest_only"}]
    assert printed("lines", answered(not_compared=missing)) == "+ new by digest only  a.jpg\n"


def test_a_hit_says_why_and_whom_to_call() -> None:
    contact = {"unit": "Unit", "country": "XB", "channel": "mail", "hours": "09-17", "time_zone": "UTC"}
    text = printed(
        "lines", answered(answer="KNOWN", reasons=["It is held."], contact=contact, qualifiers=["UNCONFIRMED"])
    )
    assert text == "= known, unconfirmed  a.jpg\n    It is held.\n    Contact: Unit, XB, mail, 09-17\n"


def test_names_and_reasons_order_the_terminal_nothing() -> None:
    text = printed("lines", answered("\x1b[31m\n.jpg", answer="KNOWN", reasons=["\x1b]0;x\x07"]))
    assert not set(text) & {"\x1b", "\x07"}
    assert text.count("\n") == 2


def test_the_summary_counts() -> None:
    paper = Paper("json", io.StringIO())
    assert paper.summary() == "nothing to ask about"
    for one in (answered(), answered(), answered(answer=None, error={"code": "x", "message": "x"})):
        paper.write(one)
    assert paper.summary() == "2 new, 1 failed"
    assert paper.failed == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_where_somebody_watches_and_once_a_second() -> None:
    times = iter([0.0, 0.5, 1.5, 1.9])
    watched = Terminal()
    progress = Progress(watched, lambda: next(times))
    for _ in range(3):
        progress.went(answered(answer="KNOWN"))
    assert watched.getvalue().count("\r") == 1
    assert "2 files, 1 files/s" in watched.getvalue()
    assert "2 found" in watched.getvalue()


def test_nobody_who_does_not_watch_is_shown_anything() -> None:
    silent = io.StringIO()
    progress = Progress(silent, iter(range(10)).__next__)
    progress.went(answered())
    progress.done()
    assert silent.getvalue() == ""
