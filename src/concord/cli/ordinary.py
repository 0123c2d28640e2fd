"""`concord ordinary`: lists of files that every computer has, which an intake leaves out."""

from pathlib import Path

import click

from concord.actions import ordinary as lists
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import EmptyArgument, printable


@click.group()
def ordinary() -> None:
    """Lists of ordinary files, which your unit's intakes leave out."""


@ordinary.command("add")
@click.argument("name", type=WORDS)
@click.argument("file")
@who_and_why
@as_json
@click.pass_obj
def ordinary_add(wiring: Wiring, name: str, file: str, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Add a list: a digest a line, CSV as the NSRL publishes it, or VICS JSON of category 8. All of it or nothing."""
    if not file:
        raise EmptyArgument  # as a path it would be the current folder
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        _say(lists.add_ordinary(installation, actor, name, Path(file)), as_json)


@ordinary.command("list")
@who_and_why
@as_json
@click.pass_obj
def ordinary_list(wiring: Wiring, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List your unit's lists."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        for one in lists.list_ordinary(installation, actor):
            _say(one, as_json)


@ordinary.command("remove")
@click.argument("name", type=WORDS)
@who_and_why
@as_json
@click.pass_obj
def ordinary_remove(wiring: Wiring, name: str, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Remove a list. What intakes left out because of it, they left out."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        _say(lists.remove_ordinary(installation, actor, name), as_json)


def _say(one: lists.Listed, as_json: bool) -> None:
    if as_json:
        write_json(one)
    else:
        click.echo(f"{printable(one.name)}: {one.digests:,} files, added {one.added_at:%Y-%m-%d}")
