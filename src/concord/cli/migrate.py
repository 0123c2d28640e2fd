"""`concord migrate`: the database is brought up to this version of the program."""

import click

from concord.cli.wiring import Wiring


@click.command()
@click.pass_obj
def migrate(wiring: Wiring) -> None:
    """Bring the database up to this version. Repeating it does nothing. Back up first."""
    applied = wiring.migrate(wiring.config)
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("The database is up to date.")
