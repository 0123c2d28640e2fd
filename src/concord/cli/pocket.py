"""`concord pocket`: the one file that an examination machine needs."""

from pathlib import Path

import click

from concord.errors import UnwritableFile
from concord.pocket.packing import pack


@click.command()
@click.argument("out", metavar="OUT.pyz", type=click.Path(dir_okay=False, path_type=Path))
def pocket(out: Path) -> None:
    """Write concord-ask: one file that asks by digest on any machine with Python 3.8 or newer, without installation."""
    try:
        pack(out)
    except OSError as error:
        raise UnwritableFile(path=out, cause=error.strerror) from error
    click.echo(f"{out}: python3 {out.name} --server URL PATH...")
