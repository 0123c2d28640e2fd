"""What somebody sees who watches: what was found so far, and how much there is."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from concord.cli.gauge import gauge
from tests.cli.test_paper import RATE, watched


def test_it_shows_how_much_there_is_how_fast_and_what_was_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number in range(7):
        (tmp_path / f"{number}").touch()
    monkeypatch.setenv("COLUMNS", "160")
    with watched(monkeypatch, appears_after_seconds=0) as screen, gauge("asking", [tmp_path, "ab" * 32]) as shown:
        screen.wait_for(lambda seen: "0/8" in seen)
        shown.advance(3, 5_000_000, Counter({"known": 2, "new": 1}))
        screen.wait_for(lambda seen: "3/8" in seen and "2 known, 1 new" in seen and "MB/s" in seen)
        shown.advance(1, 5_000_000, Counter({"known": 3, "new": 1}))
        screen.wait_for(lambda seen: "4/8" in seen and "3 known, 1 new" in seen and RATE.search(seen))
    assert screen.shown.endswith("\x1b[1A\x1b[2K")  # up and wiped


def test_without_a_terminal_nothing_is_shown_or_counted(capfd: pytest.CaptureFixture[str]) -> None:
    assert not sys.stderr.isatty()
    with gauge("asking", [Path("/nonexistent")]) as shown:
        shown.advance(1, 1, Counter(new=1))
    assert capfd.readouterr() == ("", "")
