"""The entry point of the terminal: tells Django what there is, hands the command line its wiring."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from concord.config import Config, environment_of, read_config
from concord.errors import ConcordError, OutputLost
from concord.site import wiring


def main() -> None:
    try:
        config = read_config()
        wiring.prepare_django(config)
        sys.stdout = cast(TextIO, Guarded(sys.stdout))
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
    try:
        concord(obj=parts, prog_name="concord")
    except OutputLost as error:  # of the help, which is printed before a command is there to complain
        sys.exit(f"concord: {error}")


class Guarded:
    """The standard output; what cannot be written is an error of ours, told from a fault elsewhere. Raises OutputLost.

    A reader who has gone (`| head -1`) is nobody's error: that goes on as BrokenPipeError, which ends a command quietly.
    """

    def __init__(self, stream: TextIO | None) -> None:
        if stream is None:  # as Python says that it was closed before the program began
            raise OutputLost(cause="it is closed")
        self._stream = stream
        self._lost: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._told():
            if self._lost:  # once more, since libraries try an empty text first and ignore how that goes
                raise self._lost
            return self._stream.write(text)

    def flush(self) -> None:
        with self._told():
            self._stream.flush()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._lost = error
            self._give_up()
            if isinstance(error, BrokenPipeError):
                raise
            raise OutputLost(cause=error.strerror) from error

    def _give_up(self) -> None:
        """What is held back goes nowhere: else the interpreter complains of it once more at the end."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


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
