"""`concord group`: sharing groups, circles of countries and units that restrictions refer to."""

from uuid import UUID

import click

from concord.actions import share
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable
from concord.values import country_code

MEMBER = click.argument("member", metavar="COUNTRY|UNIT", type=WORDS)
NAME = click.argument("name", type=WORDS)


@click.group()
def group() -> None:
    """Sharing groups: countries and units that your unit shares with, under a name."""


@group.command("make")
@NAME
@who_and_why
@as_json
@click.pass_obj
def group_make(wiring: Wiring, name: str, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Make a group of your unit, empty at first."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        made = share.make_group(installation, actor, name)
    if as_json:
        write_json({"group": made})
    else:
        click.echo(f"group {printable(name)} is there")


@group.command("add")
@NAME
@MEMBER
@who_and_why
@click.pass_obj
def group_add(wiring: Wiring, name: str, member: str, profile: str, purpose: str, basis: str) -> None:
    """Take in a country by its code, or a unit by its id."""
    who = _member(member)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        done = share.take_in(installation, actor, name, who)
    click.echo("taken in" if done else "in it already")


@group.command("remove")
@NAME
@MEMBER
@who_and_why
@click.pass_obj
def group_remove(wiring: Wiring, name: str, member: str, profile: str, purpose: str, basis: str) -> None:
    """Take out a country or a unit: it knows nothing more by this group from its next question on."""
    who = _member(member)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        done = share.take_out(installation, actor, name, who)
    click.echo("taken out" if done else "not in it")


@group.command("list")
@who_and_why
@as_json
@click.pass_obj
def group_list(wiring: Wiring, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List the groups that your unit made, or is in."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = share.list_groups(installation, actor)
    if as_json:
        write_json(*found)
    for one in () if as_json else found:
        members = ", ".join([*one.countries, *map(str, one.units)]) or "nobody yet"
        click.echo(printable(f"{one.name}  of {one.owner_unit} ({one.owner_country}): {members}"))


def _member(text: str) -> str | UUID:
    """Raises UnknownCode for what is neither."""
    try:
        return UUID(text)
    except ValueError:
        return country_code(text)
