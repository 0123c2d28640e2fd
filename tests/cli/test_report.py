"""The page of all answers: it stands alone, and nothing that comes from outside can add to it."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from concord.cli import report
from concord.cli.report import Heading, Tables, page, write_report
from concord.errors import UnwritableFile
from tests.cli.told import told
from tests.web.conftest import chromium

__all__ = ["chromium"]

HOSTILE = "<script>alert(1)</script>\"' onload=x <img src=http://x.example/a>\u202egpj.exe"


def heading(whole: bool = True, asked: tuple[str, ...] = ("/media/disk",)) -> Heading:
    return Heading(
        at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        user="Officer",
        unit="Unit",
        country="XA",
        purpose="TRAINING",
        asked=asked,
        thorough=False,
        whole=whole,
    )


class Seen(HTMLParser):
    """The elements of a page, its words, and every address in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.addresses: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words += data


def written(*answers: dict[str, object], whole: bool = True) -> Seen:
    tables = Tables()
    for answer in answers:
        tables.add(answer)
    return Seen(page(heading(whole), tables))


@given(st.text(max_size=40))
def test_a_name_adds_no_element_and_no_address(name: str) -> None:
    plain, hostile = written(told("plain.jpg", known=True)), written(told(HOSTILE + name, known=True))
    assert hostile.elements == plain.elements
    assert hostile.addresses == []
    assert "script" not in hostile.elements
    assert "\u202e" not in hostile.words


def test_it_says_who_asked_what_and_counts_every_answer() -> None:
    seen = written(told("a.jpg"), told("b.jpg"), told("c.jpg", known=True), told("d.jpg", error="damaged_picture"))
    for words in ("Officer, Unit (XA)", "TRAINING", "/media/disk", "2026-01-02 03:04:05 UTC", "Unit XB (XB)", "4101"):
        assert words in seen.words
    assert re.findall(r"(Identified|Known|New: not found by what was compared|Failed) \(([\d,]+)\)", seen.words) == [
        ("Known", "1"),
        ("New: not found by what was compared", "2"),
        ("Failed", "1"),
    ]
    assert "stopped before its end" not in seen.words


def test_a_run_that_was_stopped_says_so() -> None:
    assert "stopped before its end" in written(told("a.jpg"), whole=False).words


def test_a_long_table_is_cut_and_says_where_the_rest_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "ROWS_PER_TABLE", 3)
    seen = written(*(told(f"{number}.jpg") for number in range(10)), told("known.jpg", known=True))
    assert "The first 3 of 10." in seen.words
    assert ("2.jpg" in seen.words, "3.jpg" in seen.words, "known.jpg" in seen.words) == (True, False, True)


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnwritableFile, match="missing"):
        write_report(tmp_path / "missing" / "all.html", heading(), [])


@pytest.mark.browser
def test_it_opens_without_network_script_or_complaint(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "all.html"
    write_report(path, heading(), [told(HOSTILE), told("known.jpg", known=True)])
    context = chromium.new_context(offline=True)
    try:
        opened = context.new_page()
        complaints: list[str] = []
        requests: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("request", lambda request: requests.append(request.url))
        opened.goto(path.as_uri())
        assert opened.locator("h1").inner_text() == "What was asked, and the answers"
        assert opened.locator("tbody tr").count() >= 4
        assert complaints == []
        assert [url for url in requests if not url.startswith("file:")] == []
    finally:
        context.close()
