"""docs/archives.md names the formats, errors and limits that there are."""

import re
from dataclasses import fields

from concord.config import Limits
from concord.errors import ItemError
from concord.jail.archive_format import ARCHIVES, UNREAD
from tests.conftest import ROOT
from tests.mistakes import kinds

TEXT = (ROOT / "docs" / "archives.md").read_text()


def _named(heading: str) -> set[str]:
    part = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {
        name
        for line in part.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }


def test_the_formats_are_listed() -> None:
    assert _named("What is read") == ARCHIVES
    unread = TEXT.split("**Known by name and not read**: ")[1].split(". Each")[0]
    assert set(unread.replace("\n", " ").split(", ")) == UNREAD


def test_the_errors_exist() -> None:
    assert _named("What is refused") <= {kind.code for kind in kinds(ItemError)}


def test_the_limits_have_these_values() -> None:
    limits = Limits()
    assert _named("Limits") == {
        one.name for one in fields(Limits) if one.name.startswith("archive_") and one.name != "archive_ratio_from_bytes"
    }
    for name in ("archive_depth", "archive_members", "archive_ratio"):
        assert f"| `{name}` | {getattr(limits, name):,} |" in TEXT
    for name in ("archive_member_bytes", "archive_bytes"):
        assert f"| `{name}` | {getattr(limits, name) >> 30:,} GiB |" in TEXT
    for name in ("archive_held_bytes", "archive_dictionary_bytes"):
        assert f"| `{name}` | {getattr(limits, name) >> 20} MiB |" in TEXT
    assert f"`archive_ratio_from_bytes` ({limits.archive_ratio_from_bytes >> 20} MiB)" in TEXT
