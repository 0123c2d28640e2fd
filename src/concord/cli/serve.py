"""`concord serve`: the pages and the programs' interface, over HTTP."""

import click

from concord.cli.address import free_address, page_address
from concord.cli.wiring import Wiring


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8008, show_default=True, type=click.IntRange(1, 65535))
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64))
@click.pass_obj
def serve(wiring: Wiring, host: str, port: int, processes: int) -> None:
    """Serve until interrupted. Put TLS in front of it before anyone outside this machine may reach it."""
    with wiring.opened():  # says at once what is missing, and keeps the database for the server's processes
        address = free_address(host, port)
        click.echo(f"Concord at {page_address(host, port, wiring.config.origin)}  (stop: Ctrl-C)")
        wiring.serve(wiring.config, address, port, processes)
