"""`concord index`: the files that make searching fast. They can always be made anew: the database has everything."""

from datetime import datetime

import click
from django.db import connections

from concord.cli.given import as_json
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.database import feed
from concord.database.acting import before_anybody
from concord.matching.search import Search, Status


@click.group()
def index() -> None:
    """The search index. Every process keeps it by itself; these commands are for whoever will not wait."""


@index.command()
@as_json
@click.pass_obj
def status(wiring: Wiring, as_json: bool) -> None:
    """How much is in it, and how it is."""
    with wiring.opened() as installation:
        found = installation.search.status()
    if as_json:
        write_json(found)
    else:
        click.echo("\n".join(_lines(found)))


@index.command()
@click.pass_obj
def seal(wiring: Wiring) -> None:
    """Put into files what only the database has, so that no process need read it."""
    with wiring.opened() as installation:
        installation.search.seal()
        _say(installation.search)


@index.command()
@click.pass_obj
def compact(wiring: Wiring) -> None:
    """Erase from the files what was removed, and merge small ones."""
    with wiring.opened() as installation:
        installation.search.compact()
        _say(installation.search)


@index.command()
@click.pass_obj
def rebuild(wiring: Wiring) -> None:
    """Make the files anew from the database: after damage, or when the database was restored from a dump."""
    with wiring.opened() as installation:
        with before_anybody(), connections["owner"].cursor() as cursor:
            feed.adopt(cursor.connection)
        installation.search.rebuild()
        _say(installation.search)


def _say(search: Search) -> None:
    click.echo(_lines(search.status())[0])


def _lines(status: Status) -> list[str]:
    lines = [
        f"{status.entries:,} fingerprints, {status.unsealed:,} of them newer than the files",
        f"files       {status.segments} segments, {status.bytes:,} bytes",
        f"sealed      {_moment(status.sealed_at)}",
        f"engine      {status.engine}",
        f"directory   {status.directory}",
    ]
    if status.removed:
        lines.append(f"to erase    {status.removed:,} removed entries are still in the files")
    if status.damaged:
        lines.append(f"DAMAGED     {status.damaged} segments are scanned until they have been made anew")
    return lines


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "never"
