"""The CSV: what comes from outside gives a spreadsheet no orders, and every line can be read back."""

import csv
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.cli.sheet import COLUMNS, cell, row, write_sheet
from concord.errors import UnwritableFile
from concord.records.answer import Compared, Evidence, Question, decide
from tests.cli.told import told


@given(st.text())
def test_no_cell_begins_like_a_formula_or_breaks_its_line(text: str) -> None:
    written = cell(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert written.isprintable()
    assert "\n" not in written


@given(st.lists(st.text(), max_size=5))
def test_every_line_can_be_read_back(items: list[str]) -> None:
    file = io.StringIO(newline="")
    sheet = csv.writer(file)
    for item in items:
        answer = msgspec.to_builtins(decide(Question(item, None, (Compared.DIGEST,)), Evidence(), "XA"))
        sheet.writerow([cell(value) for value in row(answer)])
    file.seek(0)
    read = list(csv.reader(file))
    assert [len(one) for one in read] == [len(COLUMNS)] * len(items)
    assert [one[0] for one in read] == [cell(item) for item in items]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_hostile_name_is_defused(name: str) -> None:
    assert cell(name).startswith("'")


def test_a_sheet_has_its_mark_its_columns_and_a_line_an_item(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    write_sheet(path, [told("ä.jpg"), told("known.jpg", known=True), told("bad.jpg", error="damaged_picture")])
    assert path.read_bytes().startswith(b"\xef\xbb\xbfitem,")
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [one["item"] for one in rows] == ["ä.jpg", "known.jpg", "bad.jpg"]
    assert rows[1]["held_by"] == "Unit XB (XB)"
    assert (rows[1]["contact_unit"], rows[1]["contact_time_zone"]) == ("Unit XB", "UTC")
    assert rows[2]["error"] == "damaged_picture"


def test_a_sheet_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text("old")

    def broken() -> Any:
        yield told("a.jpg")
        raise OSError(28, "No space left on device")

    with pytest.raises(UnwritableFile, match="No space left"):
        write_sheet(path, broken())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
