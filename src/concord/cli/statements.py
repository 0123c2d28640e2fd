"""`concord statements`: what files say of themselves. Read, never believed."""

import click
from rich.text import Text

from concord.actions.read_statements import Stated, read_statements
from concord.cli.given import as_json, who_and_why
from concord.cli.paper import paper, write_json
from concord.cli.wiring import Wiring
from concord.errors import printable


@click.command()
@click.argument("material", metavar="MATERIAL|SHA256")
@who_and_why
@as_json
@click.pass_obj
def statements(wiring: Wiring, material: str, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Print what the files of a material say of themselves: camera, times, place, programs. Nobody has checked it."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = read_statements(installation, actor, material)
    if as_json:
        for one in found:
            write_json(one)
        return
    if not found:
        click.echo("none")
        return
    console = paper()
    for one in found:
        console.print(_line(one), soft_wrap=True)


def _line(one: Stated) -> Text:
    line = Text(printable(one.says))
    owners = ", ".join(f"{owner.unit} ({owner.country})" for owner in one.owners)
    line.append(printable(f"  {one.kind}, {one.source}, entered by {owners}"), style="dim")
    return line
