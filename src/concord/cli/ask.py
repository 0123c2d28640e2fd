"""`concord ask`: new, known or identified."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from concord.access.actor import Actor
from concord.actions.ask import ask as ask_action
from concord.actions.ask import in_batches
from concord.actions.installation import Installation
from concord.actions.sweep import Manner, Swept, parts
from concord.cli.draft import check_place
from concord.cli.exits import ANSWERED, COULD_NOT_RUN, SOME_FAILED
from concord.cli.far import There, ask_far, far_of, far_options, reached
from concord.cli.gauge import Gauge, gauge
from concord.cli.given import as_json, path_or_text, who_and_why
from concord.cli.kept import is_answer, last_answers
from concord.cli.ledger import Ledger, Line
from concord.cli.report import Heading, write_report
from concord.cli.sheet import write_sheet
from concord.cli.wiring import Wiring
from concord.errors import ItemError, NotFarAway, OutputAmongAsked
from concord.media import walk_names
from concord.pocket.journal import Journal
from concord.pocket.refusal import Refusal
from concord.values import utc_now

Output = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked about, and what is to be made of the answers."""

    items: Sequence[Path | str]
    thorough: bool
    as_json: bool
    journal: Path | None
    report: Path | None
    sheet: Path | None

    def check(self) -> None:
        """Before anything is asked. Raises OutputAmongAsked, UnwritableFile."""
        asked = [_real(item) for item in self.items if isinstance(item, Path)]
        for path in (self.journal, self.report, self.sheet):
            for item in asked:
                if path and _real(path).is_relative_to(item):
                    raise OutputAmongAsked(path=path, asked=item)
        for path in (self.report, self.sheet):
            if path:
                check_place(path)


@click.command()
@click.argument("items", metavar="PATH|DIGEST...", nargs=-1, required=True)
@click.option("--thorough", is_flag=True, help="In folders, decode also what a digest tells.")
@click.option(
    "--journal", type=Output, metavar="FILE", help="Keep the answers there; the same command goes on from it."
)
@click.option("--report", type=Output, metavar="FILE.html", help="Write a page of all answers, which stands alone.")
@click.option("--csv", "sheet", type=Output, metavar="FILE.csv", help="Write all answers for a spreadsheet.")
@who_and_why
@far_options
@as_json
@click.pass_obj
def ask(
    wiring: Wiring,
    items: tuple[str, ...],
    thorough: bool,
    journal: Path | None,
    report: Path | None,
    sheet: Path | None,
    profile: str,
    purpose: str,
    basis: str,
    server: str | None,
    send: str,
    insecure_http: bool,
    as_json: bool,
) -> None:
    """Ask whether files, folders, digests or PDQ values (pdq:HEX) are new, known or identified.

    In a folder digests come first: what they tell is not decoded. Files named one by one are always compared by picture.
    """
    wanted = Wanted([path_or_text(item) for item in items], thorough, as_json, journal, report, sheet)
    wanted.check()
    try:
        if far := far_of(wiring.config, profile, server, send, insecure_http):
            with reached(wiring.config, far, purpose, basis) as there:
                status = _asked_far(there, wanted)
        else:
            with wiring.acting(profile, purpose, basis) as (installation, actor):
                status = _asked(installation, actor, wanted)
    except Refusal as refusal:  # of the journal
        click.echo(f"concord: {refusal}", err=True)
        status = refusal.status
    sys.exit(status)


def _real(path: Path) -> Path:
    """Without links, as far as they lead anywhere: `Path.resolve` fails where one leads to itself."""
    return Path(os.path.realpath(path))


def _asked(installation: Installation, actor: Actor, wanted: Wanted) -> int:
    def heading(whole: bool) -> Heading:
        return Heading(
            at=installation.clock(),
            user=actor.user_name,
            unit=actor.unit_name,
            country=actor.country,
            purpose=actor.stated_purpose,
            asked=_named(wanted.items),
            thorough=wanted.thorough,
            whole=whole,
        )

    said = {"server": None, "asked_by": str(actor.user), "thorough": wanted.thorough}
    return _ran(wanted, said, heading, lambda ledger: _ask_all(installation, actor, wanted, ledger))


def _asked_far(there: There, wanted: Wanted) -> int:
    if wanted.thorough:
        raise NotFarAway(option="--thorough")

    def heading(whole: bool) -> Heading:
        return Heading(
            at=utc_now(),
            user=there.session["user"],
            unit=there.session["unit"],
            country=there.session["country"],
            purpose=there.session["purpose"],
            asked=_named(wanted.items),
            thorough=False,
            whole=whole,
        )

    return _ran(wanted, there.heading, heading, lambda ledger: ask_far(there, wanted.items, ledger))


def _ran(
    wanted: Wanted, said: dict[str, Any], heading: Callable[[bool], Heading], ask_all: Callable[[Ledger], bool]
) -> int:
    """`ask_all` tells whether it came to its end."""
    with ExitStack() as stack:
        place = _journal_place(wanted, stack)
        with Journal.open(place, said, is_answer) if place else nullcontext() as journal:
            ledger = Ledger(wanted.as_json, journal)
            whole = ask_all(ledger)
        if place and ledger.resumed:
            ledger.recount(last_answers(place))
        if place:
            _write_out(wanted, place, heading(whole))
        if not wanted.as_json and (sum(ledger.counts.values()) > 1 or not whole):
            ledger.console.print(ledger.summary(), style="bold")
        if not whole:
            goes_on = " The same command goes on from there." if wanted.journal else ""
            click.echo(f"concord: stopped after {ledger.counts.total():,} items.{goes_on}", err=True)
            return COULD_NOT_RUN
        return SOME_FAILED if ledger.failed else ANSWERED


def _journal_place(wanted: Wanted, stack: ExitStack) -> Path | None:
    """What is written out of the answers is read from a journal: of this run alone where none is to be kept."""
    if wanted.journal or not (wanted.report or wanted.sheet):
        return wanted.journal
    beside = (wanted.report or wanted.sheet or Path()).absolute().parent
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".concord-", dir=beside))) / "journal"


def _ask_all(installation: Installation, actor: Actor, wanted: Wanted, ledger: Ledger) -> bool:
    """Whether it came to its end: Ctrl-C stops it between two answers."""
    try:
        with gauge("asking", wanted.items) as shown:
            for kind, group in groupby(wanted.items, _kind_of):
                _ask_group(installation, actor, wanted, kind, list(group), ledger, shown)
    except KeyboardInterrupt:
        return False
    return True


def _kind_of(item: Path | str) -> str:
    if isinstance(item, str):
        return "text"
    return "folder" if os.path.isdir(item) else "file"  # noqa: PTH112  no error for a name that is too long


def _ask_group(
    installation: Installation,
    actor: Actor,
    wanted: Wanted,
    kind: str,
    group: Sequence[Path | str],
    ledger: Ledger,
    shown: Gauge,
) -> None:
    if kind == "text":
        for batch in in_batches(ask_action(installation, actor, group)):
            ledger.enter([Line(answer) for answer in batch])
            shown.advance(len(batch), 0, ledger.counts)
        return
    files = _unanswered([item for item in group if isinstance(item, Path)], ledger, shown)
    manner = Manner(thorough=wanted.thorough or kind == "file", statements=False)
    swept = parts(installation, actor, files, manner)
    with closing(swept):
        for part in swept:
            ledger.enter([_line(one) for one in part if not _is_known_member(one, ledger)])
            own = [one for one in part if one.parent is None]
            shown.advance(len(own), sum(one.size_bytes or 0 for one in own), ledger.counts)
    ledger.keep()


def _is_known_member(swept: Swept, ledger: Ledger) -> bool:
    """Of an archive that a run before this one was stopped in."""
    if not ledger.resumed or swept.parent is None or swept.size_bytes is None or swept.modified_ns is None:
        return False
    return ledger.knows(swept.item, swept.size_bytes, swept.modified_ns)


def _unanswered(paths: Sequence[Path], ledger: Ledger, shown: Gauge) -> Iterator[tuple[str, str | ItemError]]:
    """What the journal has no answer for: as long as its size and time of modification are the same, a file is the same."""
    for item, name in walk_names(paths):
        if ledger.resumed and isinstance(name, str):
            try:
                status = os.stat(name)  # noqa: PTH116 - a name, and very many
            except (OSError, ValueError):  # whoever examines it will say why
                status = None
            if status and ledger.knows(item, status.st_size, status.st_mtime_ns):
                shown.advance(1, 0, ledger.counts)
                continue
        yield item, name


def _line(swept: Swept) -> Line:
    assert swept.answer  # noqa: S101  no list of ordinary files was given
    member = swept.parent is not None
    return Line(swept.answer, swept.size_bytes, swept.modified_ns, member, swept.members_follow)


def _write_out(wanted: Wanted, journal: Path, heading: Heading) -> None:
    if wanted.sheet:
        write_sheet(wanted.sheet, last_answers(journal))
    if wanted.report:
        write_report(wanted.report, heading, last_answers(journal))


def _named(items: Iterable[Path | str]) -> list[str]:
    """The first few."""
    named = [str(item) for item in items]
    return named if len(named) <= 10 else [*named[:10], f"and {len(named) - 10:,} more"]
