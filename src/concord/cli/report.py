"""The answers as one HTML page that stands alone: counts, and a table for each answer. No picture, no script, no address.

Everything that comes from outside is escaped, and signs that turn or hide text are written out. Long tables are cut, as
nobody reads them on a page; the CSV has every line.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from concord.cli.draft import draft
from concord.cli.ledger import FAILED
from concord.cli.paper import WORDS
from concord.cli.sheet import owners
from concord.errors import printable
from concord.records.answer import State

ROWS_PER_TABLE = 1000

TITLES = {
    State.IDENTIFIED: "Identified",
    State.PARTLY_IDENTIFIED: "Partly identified",
    State.KNOWN: "Known",
    State.NEW: "New: not found by what was compared",
    State.NOT_RELEVANT: "Not relevant",
    None: "Failed",
}

STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1.5rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2.5rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem }
dt { opacity: .7 } dd { margin: 0 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: start; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #8885 }
th { white-space: nowrap }
/* Names break anywhere, the words of answer and match nowhere. A column that is empty in all of a table takes no room. */
td { overflow-wrap: anywhere } td:nth-child(2), td:nth-child(3) { overflow-wrap: normal; hyphens: none }
th:first-child { min-width: 11rem } th:nth-child(4), th:nth-child(5) { min-width: 5.5rem } th:nth-child(6) { min-width: 9rem }
table:not(:has(td:nth-child(3) bdi:not(:empty))) :is(th, td):nth-child(3),
table:not(:has(td:nth-child(4) bdi:not(:empty))) :is(th, td):nth-child(4),
table:not(:has(td:nth-child(5) bdi:not(:empty))) :is(th, td):nth-child(5) { display: none }
td.number { text-align: end; font-variant-numeric: tabular-nums }
.digest { font: 12px/1.4 ui-monospace, monospace; opacity: .7 }
.counts { width: auto; min-width: 20rem } .cut, .stopped { font-weight: 600 }
@media (max-width: 60rem) {
  body { font-size: 13px; padding: 0 1rem } th, td { padding: .25rem .4rem }
}
@media screen and (max-width: 42rem) {
  thead { display: none } tbody tr { display: block; padding: .4rem 0; border-bottom: 1px solid #8885 }
  th, td { padding: .05rem 0; border: 0 } td { display: block } .counts tr { display: flex; justify-content: space-between }
}
@media print {
  body { margin: 0; max-width: none; font-size: 9.5px; color: #000; background: #fff }
  thead { display: table-header-group } tr { break-inside: avoid }
}
"""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a reader must know of the page: who asked for what purpose, when, about what."""

    at: datetime
    user: str
    unit: str
    country: str
    purpose: str
    asked: Sequence[str]
    thorough: bool
    whole: bool  # False: it was stopped before the end


@dataclass(slots=True)
class Tables:
    """The rows that will be shown, and how many there are in all."""

    rows: dict[str | None, list[str]] = field(default_factory=dict)
    counts: Counter[str | None] = field(default_factory=Counter)

    def add(self, answer: Mapping[str, Any]) -> None:
        state = answer["answer"]
        self.counts[state] += 1
        rows = self.rows.setdefault(state, [])
        if len(rows) < ROWS_PER_TABLE:
            rows.append(_row(answer))


def write_report(path: Path, heading: Heading, answers: Iterable[Mapping[str, Any]]) -> None:
    """Raises UnwritableFile."""
    tables = Tables()
    for answer in answers:
        tables.add(answer)
    with draft(path) as file:
        file.write(page(heading, tables))


def page(heading: Heading, tables: Tables) -> str:
    sections = "".join(_section(title, state, tables) for state, title in TITLES.items() if tables.counts[state])
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>Concord: what was asked, and the answers</title><style>{STYLE}</style></head><body>
<h1>What was asked, and the answers</h1>
{_stopped(heading)}<dl>{_facts(heading)}</dl>
<h2>Counts</h2>
{_counts(tables)}
<p>An answer holds for the moment it was given, and says only what was compared: <em>new</em> means not found by that.
Matches marked UNCONFIRMED are a machine's finding: compare before acting.</p>
{sections}</body></html>
"""


def _stopped(heading: Heading) -> str:
    if heading.whole:
        return ""
    return '<p class="stopped">This run was stopped before its end: what follows is not everything.</p>\n'


def _facts(heading: Heading) -> str:
    how = (
        "every file compared by digest and by picture"
        if heading.thorough
        else "digests first: known ones are not decoded"
    )
    facts = {
        "Written": f"{heading.at:%Y-%m-%d %H:%M:%S} UTC",
        "Asked by": f"{heading.user}, {heading.unit} ({heading.country})",
        "Purpose": heading.purpose,
        "About": ", ".join(heading.asked),
        "How": how,
    }
    return "".join(f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in facts.items())


def _counts(tables: Tables) -> str:
    rows = "".join(
        f'<tr><td>{_text(WORDS[State(state)] if state else FAILED)}</td><td class="number">{tables.counts[state]:,}</td></tr>'
        for state in TITLES
        if tables.counts[state]
    )
    total = f'<tr><th>in all</th><td class="number">{tables.counts.total():,}</td></tr>'
    return f'<table class="counts"><tbody>{rows}{total}</tbody></table>'


def _section(title: str, state: str | None, tables: Tables) -> str:
    count, shown = tables.counts[state], tables.rows[state]
    cut = ""
    if len(shown) < count:
        cut = f'<p class="cut">The first {len(shown):,} of {count:,}. The CSV (--csv) has every line.</p>'
    head = "".join(f"<th>{name}</th>" for name in ("Item", "Answer", "Match", "Held by", "Contact", "What it rests on"))
    return f"<h2>{title} ({count:,})</h2>{cut}<table><thead><tr>{head}</tr></thead><tbody>{''.join(shown)}</tbody></table>\n"


def _row(answer: Mapping[str, Any]) -> str:
    state, contact = answer["answer"], answer["contact"]
    words = [WORDS[State(state)] if state else FAILED, *answer["qualifiers"]]
    match = [] if answer["match"] == "none" else [answer["match"], answer["band"], answer["transform"]]
    call = [contact[name] for name in ("unit", "country", "channel", "hours", "time_zone")] if contact else []
    why = [*([answer["error"]["message"]] if answer["error"] else []), *answer["reasons"]]
    digest = f'<div class="digest">{_text(answer["sha256"])}</div>' if answer["sha256"] else ""
    told = (words, [one for one in dict.fromkeys(match) if one and one != "none"], owners(answer), call)
    cells = "".join(f"<td>{_text(', '.join(map(str, cell)))}</td>" for cell in told)
    return f"<tr><td>{_text(answer['item'])}{digest}</td>{cells}<td>{_text(' '.join(why))}</td></tr>"


def _text(text: str) -> str:
    """Isolated, so that names written from right to left leave the line around them in order."""
    return f"<bdi>{escape(printable(text))}</bdi>"
