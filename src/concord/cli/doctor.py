"""`concord doctor`: what this installation runs on, and what is missing."""

import platform
import sys
from collections.abc import Callable, Iterator

import click
from django.db import connections

from concord import __version__
from concord.actions.installation import Installation
from concord.cli.exits import ANSWERED, COULD_NOT_RUN
from concord.cli.wiring import Wiring
from concord.database.acting import before_anybody
from concord.errors import ConcordError, NotInitialised
from concord.jail.walls import LANDLOCK, SECCOMP
from concord.matching import engine

Finding = tuple[str, str]


@click.command()
@click.pass_obj
def doctor(wiring: Wiring) -> None:
    """Look at every part. Exit status 1 when one does not work."""
    well = True
    for part, look in _parts(wiring):
        try:
            click.echo(f"{part:14} {look()}")
        except NotInitialised as error:
            well = False
            click.echo(f"{part:14} {error}")
        except ConcordError as error:
            well = False
            click.echo(f"{part:14} NOT WORKING: {error}")
    sys.exit(ANSWERED if well else COULD_NOT_RUN)


def _parts(wiring: Wiring) -> Iterator[tuple[str, Callable[[], str]]]:
    yield (
        "concord",
        lambda: f"{__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}",
    )
    yield "home", lambda: str(wiring.config.home)
    yield "search engine", engine
    yield "installation", lambda: _installation(wiring)


def _installation(wiring: Wiring) -> str:
    with wiring.opened() as installation:
        return "\n               ".join(f"{part}: {text}" for part, text in _inside(installation))


def _inside(installation: Installation) -> Iterator[Finding]:
    config = installation.config
    with before_anybody(), connections["default"].cursor() as cursor:
        cursor.execute("select version()")
        version = cursor.fetchone()[0].split(" on ")[0]
    yield "database", f"{version}, {'embedded' if config.embedded else 'by URL'}"
    installation.search.catch_up()
    yield "index", f"{len(installation.search):,} fingerprints"
    yield "vault", config.objects_url or str(config.objects)
    walls = installation.jail.walls()
    yield "jail", f"{config.workers} workers behind {', '.join(walls)}"
    for warning in warnings_of(walls, installation.jail.missing_walls()):
        yield "jail", warning


def warnings_of(walls: tuple[str, ...], missing: tuple[str, ...]) -> Iterator[str]:
    """What the lack of walls means, and the way out."""
    if not set(walls) & {LANDLOCK, SECCOMP}:
        yield (
            "NO WALL AROUND HOSTILE FILES: A FILE THAT TAKES A DECODER OVER CAN DO WHAT THIS ACCOUNT CAN. "
            "EXAMINE SEIZED FILES ON LINUX 5.13 OR LATER, OR ALLOW seccomp AND landlock IN THIS CONTAINER"
        )
    if missing:
        yield f"MISSING: {', '.join(missing)}. Each fingerprint records the walls that stood; see SECURITY.md, the jail"
