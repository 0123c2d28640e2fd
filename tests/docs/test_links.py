"""No dead ends: what one page links to is there; every hard choice has its page's parts."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path) -> None:
    for target in re.findall(r"\b((?:docs|tests|src|native)/[\w./-]*\w)", page.read_text()):
        found = ROOT / target
        assert found.exists() or list(found.parent.glob(found.name + "*")), f"{page.name} names {target}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_says_what_why_and_what_follows(page: Path) -> None:
    text = page.read_text()
    assert re.match(r"# \d+\. ", text)
    for part in ("Status:", "## Context", "## Decision", "## Consequences"):
        assert part in text
    assert len(text.splitlines()) <= 60
