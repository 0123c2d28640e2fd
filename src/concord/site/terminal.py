"""The entry point of the terminal: tells Django what there is, hands the command line its wiring."""

import os
import sys

from concord.config import Config, environment_of, read_config
from concord.errors import ConcordError
from concord.site import wiring


def main() -> None:
    try:
        config = read_config()
        wiring.prepare_django(config)
    except ConcordError as error:
        sys.exit(f"concord: {error}")
    from concord.cli.main import concord  # records can be imported only now
    from concord.cli.wiring import Wiring

    parts = Wiring(
        config,
        create=wiring.create_installation,
        open=wiring.open_installation,
        migrate=wiring.migrate_installation,
        serve=serve,
    )
    concord(obj=parts, prog_name="concord")


def serve(config: Config, host: str, port: int, processes: int) -> None:
    """Runs the web server until it is interrupted. Its processes read the configuration anew: they must find this one."""
    os.environ.update(environment_of(config))
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "concord.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=8,
        log_level=LogLevels.warning,
        backpressure=128,
        respawn_failed_workers=True,
    ).serve()
