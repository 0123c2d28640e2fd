"""`concord intake`: a unit's private working set of one seizure."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.text import Text

from concord.access.actor import Actor
from concord.actions import ask_intake as asking
from concord.actions import erase_intake as erasing
from concord.actions import show_intake as showing
from concord.actions.installation import Installation
from concord.actions.open_intake import files_of, fill_intake, open_intake
from concord.cli.exits import ANSWERED, SOME_FAILED
from concord.cli.gauge import gauge
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import SIGNS, paper, print_answer, write_json
from concord.cli.wiring import Wiring
from concord.errors import EmptyArgument, printable
from concord.media.image_list import is_image_list
from concord.records.intake import IntakeState
from concord.records.seizure import ItemState

PAGE_ITEMS = 200


@click.group()
def intake() -> None:
    """Intakes: what lies on a seized medium, seen by your unit alone until its time is over."""


@intake.command("open")
@click.argument("source", metavar="FOLDER|ARCHIVE|IMAGE-LIST")
@click.option(
    "--case", type=WORDS, required=True, metavar="REF", help="The case it was seized in (concord case open REF)."
)
@click.option("--days", type=click.IntRange(1), help="It is erased so many days from now; else after the usual time.")
@click.option(
    "--ordinary",
    type=WORDS,
    multiple=True,
    metavar="LIST",
    help="Leave out what is on this list; else on any of yours.",
)
@click.option("--no-ordinary", is_flag=True, help="Leave out nothing.")
@who_and_why
@as_json
@click.pass_obj
def intake_open(
    wiring: Wiring,
    source: str,
    case: str,
    days: int | None,
    ordinary: tuple[str, ...],
    no_ordinary: bool,
    profile: str,
    purpose: str,
    basis: str,
    as_json: bool,
) -> None:
    """Look at every file and keep what was found. Opening the same again goes on where it stopped."""
    if not source:
        raise EmptyArgument  # as a path it would be the current folder
    lists = () if no_ordinary else ordinary or None
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        made = open_intake(installation, actor, case, Path(source), days)
        _fill(installation, actor, made, lists, Path(source))
        found = showing.summarise_intake(installation, actor, made)
    if as_json:
        write_json(found)
    else:
        _print_summary(paper(), found)
    sys.exit(SOME_FAILED if found.with_errors else ANSWERED)


@intake.command("list")
@who_and_why
@as_json
@click.pass_obj
def intake_list(wiring: Wiring, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List your unit's intakes."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = showing.list_intakes(installation, actor)
    console = paper()
    for one in found:
        if as_json:
            write_json(one)
        else:
            _print_summary(console, one)
    if not found and not as_json:
        console.print("Your unit has no intake open.")


@intake.command("show")
@click.argument("intake", type=click.UUID)
@click.option("--answer", "state", metavar="CODE", help=f"Only these items: {ItemState.known()}")
@click.option("--after", default=0, type=click.IntRange(0), metavar="POSITION", help="Go on after this item.")
@click.option("--limit", default=PAGE_ITEMS, show_default=True, type=click.IntRange(0), help="So many items at most.")
@who_and_why
@as_json
@click.pass_obj
def intake_show(
    wiring: Wiring,
    intake: UUID,
    state: str | None,
    after: int,
    limit: int,
    profile: str,
    purpose: str,
    basis: str,
    as_json: bool,
) -> None:
    """Count an intake's items by answer, and list them as they were answered then."""
    wanted = ItemState.parse(state) if state else None
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        summary = showing.summarise_intake(installation, actor, intake)
        console, last, shown = paper(), after, 0
        if as_json:
            write_json(summary)
        else:
            _print_summary(console, summary)
        for item in showing.show_items(installation, actor, intake, wanted, after, limit):
            shown, last = shown + 1, item.position
            if as_json:
                write_json(item)
            else:
                _print_item(console, item)
    if not as_json and limit and shown == limit:
        console.print(f"There may be more: --after {last}", style="dim")


@intake.command("ask")
@click.argument("intake", type=click.UUID)
@who_and_why
@as_json
@click.pass_obj
def intake_ask(wiring: Wiring, intake: UUID, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Ask again about every item, without opening a file; print what has changed."""
    console, changes = paper(), 0
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        for change in asking.ask_intake(installation, actor, intake):
            changes += 1
            if as_json:
                write_json(change)
            else:
                console.print(Text(f"was {_word(change.before)}, now", style="dim"))
                print_answer(console, change.answer)
    if not as_json:
        console.print(f"{changes:,} changed")


@intake.command("close")
@click.argument("intake", type=click.UUID)
@click.option("--yes", is_flag=True, help="Without being asked.")
@who_and_why
@click.pass_obj
def intake_close(wiring: Wiring, intake: UUID, yes: bool, profile: str, purpose: str, basis: str) -> None:
    """Erase an intake now. What was entered from it stays."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        if not yes:
            _confirm(installation, actor, intake)
        erasing.erase_intake(installation, actor, intake)
    click.echo(f"intake {intake} is erased")


@intake.command("erase")
@click.option("--expired", is_flag=True, required=True, help="Those of your unit whose time is over.")
@who_and_why
@click.pass_obj
def intake_erase(wiring: Wiring, expired: bool, profile: str, purpose: str, basis: str) -> None:  # noqa: ARG001
    """Erase intakes whose time is over. Nobody sees them any more; this makes room."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        erasing.erase_expired(installation, actor)
    click.echo("Intakes whose time is over are erased.")


def _fill(installation: Installation, actor: Actor, made: UUID, lists: Sequence[str] | None, source: Path) -> None:
    """Watched, where somebody does."""
    counts = Counter[str]()
    expected = (item for item, _ in files_of(source)) if is_image_list(source) else [source]
    with gauge("looking", expected) as shown:
        for seen in fill_intake(installation, actor, made, lists, lambda count: shown.advance(count, 0, counts)):
            counts[_word(seen.state)] += 1
            shown.advance(1, seen.size_bytes or 0, counts)


def _confirm(installation: Installation, actor: Actor, intake: UUID) -> None:
    summary = showing.summarise_intake(installation, actor, intake)
    count = sum(summary.items.values())
    click.confirm(f"Erase all that is known of {count:,} files of {printable(summary.source)}?", abort=True)


# ---- how it looks -----------------------------------------------------------------------------------------------------


def _print_summary(console: Console, one: showing.Summary) -> None:
    unfinished = "" if one.state is IntakeState.FILLED else ", not looked at to its end"
    head = Text(f"intake {one.intake}", style="bold")
    head.append(f"  case {printable(one.case)}, until {one.expires_at:%Y-%m-%d %H:%M} UTC{unfinished}", style="default")
    console.print(head, soft_wrap=True)
    console.print(Text(f"    {printable(one.source)}", style="dim"), soft_wrap=True)
    parts = [f"{number:,} {_word(state)}" for state, number in one.items.items()]
    if one.by_digest_only:
        parts.append(f"{one.by_digest_only:,} of them compared by digest only")
    if one.with_errors:
        parts.append(f"{one.with_errors:,} with errors")
    console.print(Text(f"    {', '.join(parts) or 'no files yet'}"), soft_wrap=True)


def _print_item(console: Console, one: showing.ShownItem) -> None:
    """Never a plain NEW where something was not compared."""
    sign, style = _SIGNS[one.state]
    words = [_word(one.state), *(qualifier.lower() for qualifier in one.qualifiers)]
    if one.state is ItemState.NEW and one.not_compared:
        words.append("by digest only")
    if one.state is ItemState.ORDINARY:
        words.append(f"on {printable(one.ordinary or '')}")
    if one.missing:
        words.append("missing")
    line = Text(f"{sign} {', '.join(words)}", style=style)
    line.append(f"  {printable(one.item)}", style="default")
    console.print(line, soft_wrap=True)
    if one.error:
        console.print(Text(f"    {printable(one.error.message)}", style="dim"), soft_wrap=True)


_SIGNS = {ItemState.of(state): sign for state, sign in SIGNS.items()} | {
    ItemState.ORDINARY: (".", "dim"),
    ItemState.FAILED: ("!", "red"),
}


def _word(state: ItemState) -> str:
    return state.replace("_", " ").lower()
