"""The answers as a CSV file: a line an item, safe to open in a spreadsheet. docs/bulk.md describes the columns."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from concord.cli.draft import draft
from concord.errors import printable

COLUMNS = (
    "item",
    "sha256",
    "answer",
    "match",
    "band",
    "distance_bits",
    "transform",
    "qualifiers",
    "compared",
    "not_compared",
    "victims_recorded",
    "victims_identified",
    "victims_safeguarded",
    "suspects_recorded",
    "suspects_identified",
    "held_by",
    "series",
    "contact_country",
    "contact_unit",
    "contact_channel",
    "contact_hours",
    "contact_time_zone",
    "reasons",
    "error",
    "error_message",
)
_ORDERS = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a cell begins that a spreadsheet takes for a formula


def write_sheet(path: Path, answers: Iterable[Mapping[str, Any]]) -> None:
    """UTF-8 with the mark that spreadsheets know it by. Raises UnwritableFile."""
    with draft(path, encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(COLUMNS)
        for answer in answers:
            sheet.writerow([cell(value) for value in row(answer)])


def row(answer: Mapping[str, Any]) -> list[Any]:
    """Its values in the order of COLUMNS; None: there is none."""
    victims, suspects, contact = answer["victims"], answer["suspects"], answer["contact"]
    error = answer["error"] or {}
    return [
        *(answer[name] for name in ("item", "sha256", "answer", "match", "band", "distance", "transform")),
        "; ".join(answer["qualifiers"]),
        "; ".join(answer["compared"]),
        "; ".join(f"{one['what']}: {one['reason']}" for one in answer["not_compared"]),
        *(victims[name] for name in ("recorded", "identified", "safeguarded")),
        *(suspects[name] for name in ("recorded", "identified")),
        "; ".join(owners(answer)),
        "; ".join(series(answer)),
        *(contact.get(name) for name in ("country", "unit", "channel", "hours", "time_zone")),
        " ".join(answer["reasons"]),
        error.get("code"),
        error.get("message"),
    ]


def owners(answer: Mapping[str, Any]) -> list[str]:
    """Each once, the best match first."""
    return list(dict.fromkeys(f"{one['owner']['unit']} ({one['owner']['country']})" for one in answer["matches"]))


def series(answer: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for one in answer["matches"] for name in one["series"]))


def cell(value: Any) -> str:
    """One line that gives no orders: names come from outside, and a spreadsheet runs what begins like a formula."""
    text = "" if value is None else str(value)
    return printable(f"'{text}" if text.startswith(_ORDERS) else text)
