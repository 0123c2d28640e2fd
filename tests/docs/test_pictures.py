"""docs/pictures.md names the formats, errors and budgets that there are."""

import re
from dataclasses import fields

from concord.config import Limits
from concord.errors import ItemError
from concord.jail import heif
from concord.jail.openers import OPENERS
from tests.conftest import ROOT
from tests.jail.decoding import opened
from tests.jail.golden import golden_files
from tests.mistakes import kinds

ROW = re.compile(r"^\| ([\w ]+) \| (\d.*) \|$", re.MULTILINE)
TEXT = (ROOT / "docs" / "pictures.md").read_text()


def _first_cells(heading: str) -> list[str]:
    part = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]


def test_the_formats_that_are_read_are_listed() -> None:
    assert {name for cell in _first_cells("What is read") for name in re.findall(r"`(\w+)`", cell)} == set(OPENERS)


def test_the_budgets_are_settings_with_these_values() -> None:
    named = [cell.strip(" `") for cell in _first_cells("Budgets")]
    assert set(named) <= {field.name for field in fields(Limits)}
    limits = Limits()
    assert f"| `pixels` | {limits.pixels:,} a picture |" in TEXT
    assert f"| `decode_seconds` | {limits.decode_seconds} s" in TEXT
    for name in ("unpacked_bytes", "picture_bytes", "decode_memory_bytes"):
        assert f"| `{name}` | {getattr(limits, name) >> 20} MiB" in TEXT


def test_the_largest_pictures_follow_from_the_budgets() -> None:
    table = TEXT.split("in millions of pixels:")[1].split("A header that lies")[0]
    said = {row: [int(number) for number in re.findall(r"\d+", figures)] for row, figures in ROW.findall(table)}
    cost = {name: opened(data).bytes_per_pixel for name, data in golden_files()}
    costs = {
        "JPEG": [cost["jpeg {'quality': 95}"], cost["jpeg {'quality': 95, 'progressive': True}"], cost["jpeg cmyk"]],
        "all others in colour": [cost["png RGB {}"], cost["gif P {}"]],
        "HEIF": [cost["heif plain"], heif.DEEP_BYTES_PER_PIXEL],
        "AVIF and WebP": [max(cost["avif {'quality': 95}"], cost["webp {'quality': 95}"])],
        "JPEG 2000": [cost["jpeg2000 RGB {}"], cost["jpeg2000 L {}"], cost["jpeg2000 RGBA {}"]],
    }
    limits = Limits()
    largest = {
        row: [min(limits.pixels, limits.unpacked_bytes // cost) // 1_000_000 for cost in per_pixel]
        for row, per_pixel in costs.items()
    }
    assert said == largest


def test_the_errors_it_names_exist() -> None:
    codes = {kind.code for kind in kinds(ItemError)}
    assert {"not_a_picture", "too_many_pixels", "too_many_bytes", "decoding_overran"} <= codes
