"""`concord enter`: what is selected becomes part of the shared collection."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from uuid import UUID

import click

from concord.access.actor import Actor
from concord.actions.enter import Entered, Result, Terms, enter_digests, enter_files
from concord.actions.enter_intake import enter_intake
from concord.actions.installation import Installation
from concord.cli.exits import ANSWERED, SOME_FAILED
from concord.cli.given import WORDS, as_json, path_or_text, who_and_why
from concord.cli.paper import progress, write_json
from concord.cli.wiring import Wiring
from concord.errors import printable
from concord.media.lines import lines_of
from concord.records.selection import selection
from concord.values import Category


@click.command()
@click.argument("items", metavar="PATH|SHA256...", nargs=-1)
@click.option("--case", type=WORDS, metavar="REF", help="The case it was found in (concord case open REF).")
@click.option("--intake", type=click.UUID, help="Enter from this intake, in its case, what --select says.")
@click.option(
    "--select",
    multiple=True,
    metavar="PATTERN|ANSWER|@FILE",
    help="From an intake: '*.jpg', 'DCIM/**/*.jpg', NEW, or a file that lists items.",
)
@click.option("--category", metavar="CODE", default=Category.CATEGORY_1.value, show_default=True, help=Category.known())
@click.option(
    "--series", type=WORDS, metavar="NAME", help="A series of your unit that it belongs to (concord series open NAME)."
)
@click.option("--own-country-only", type=WORDS, metavar="REASON", help="Nobody outside your country learns of it.")
@who_and_why
@as_json
@click.pass_obj
def enter(
    wiring: Wiring,
    items: tuple[str, ...],
    case: str | None,
    intake: UUID | None,
    select: tuple[str, ...],
    category: str,
    series: str | None,
    own_country_only: str | None,
    profile: str,
    purpose: str,
    basis: str,
    as_json: bool,
) -> None:
    """Enter files, folders or SHA-256 values. Entering again changes nothing."""
    _check_usage(items, case, intake, select)
    given = [path_or_text(item) for item in items]
    terms = Terms(case or "", Category.parse(category), series, own_country_only)
    chosen = selection([one for one in select if not one.startswith("@")], _named_in(select)) if intake else None
    counts: Counter[Result] = Counter()
    with wiring.acting(profile, purpose, basis) as (installation, actor), progress("entering", given) as counted:
        lines = (
            enter_intake(installation, actor, intake, chosen, terms)
            if intake and chosen
            else _enter_given(installation, actor, given, terms)
        )
        for line in counted(lines):
            counts[line.result] += 1
            if as_json:
                write_json(line)
            elif line.error or len(given) == 1:
                click.echo(
                    f"{line.result.value:10} {printable(line.item)}"
                    + (f"\n  {line.error.message}" if line.error else "")
                )
    if not as_json:
        click.echo(", ".join(f"{count:,} {result.value}" for result, count in counts.items()))
    sys.exit(SOME_FAILED if counts[Result.FAILED] else ANSWERED)


def _check_usage(items: Sequence[str], case: str | None, intake: UUID | None, select: Sequence[str]) -> None:
    """Either items of a case, or a selection from an intake."""
    if intake:
        if items or case:
            raise click.UsageError("--intake says which case; choose its items with --select, not by path.")
        if not select:
            raise click.UsageError("Say with --select what is to be entered from the intake.")
    elif select:
        raise click.UsageError("--select chooses from an --intake.")
    elif not items:
        raise click.UsageError("Missing argument 'PATH|SHA256...'.")
    elif not case:
        raise click.UsageError("Missing option '--case'.")


def _named_in(select: Sequence[str]) -> list[str]:
    """The items that the lists given as @FILE name, as an intake shows them."""
    lists = [Path(one[1:]) for one in select if one.startswith("@")]
    return [line for path in lists for line in lines_of(path, "items") if line]


def _enter_given(
    installation: Installation, actor: Actor, given: Sequence[Path | str], terms: Terms
) -> Iterator[Entered]:
    for is_text, group in groupby(given, lambda item: isinstance(item, str)):
        if is_text:
            yield from _by_digest(installation, actor, [str(text) for text in group], terms)
        else:
            yield from enter_files(installation, actor, [Path(path) for path in group], terms)


def _by_digest(installation: Installation, actor: Actor, digests: list[str], terms: Terms) -> Iterator[Entered]:
    """In parts that one call takes."""
    size = installation.config.limits.items_per_call
    for start in range(0, len(digests), size):
        yield from enter_digests(installation, actor, digests[start : start + size], terms)
