"""`concord demo`: a whole installation with synthetic material, asked and answered, then the pages for its personas."""

import contextlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import track
from rich.table import Table

from concord.access.actor import Actor
from concord.actions.enrol import issue_token
from concord.actions.installation import Installation
from concord.actions.stage import Asked, ask_world, enrol_officers, enter_world
from concord.cli.address import free_address, page_address
from concord.cli.exits import ANSWERED, COULD_NOT_RUN
from concord.cli.paper import paper, state_text
from concord.cli.wiring import Wiring
from concord.config import Config
from concord.database import embedded
from concord.training.story import make_world
from concord.values import CountryCode

HOST = "127.0.0.1"
LINK_LASTS = timedelta(hours=12)  # and with it the session that it opens
LINKS_A_PERSONA = 3  # each opens once
WIDE_COLUMNS = 130  # a terminal that has room for the reasons


@click.command()
@click.option("--check", is_flag=True, help="End after the answers; exit status 0 only if all are right.")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0, 9999), help="Another seed, other rooms.")
@click.option("--port", default=8008, show_default=True, type=click.IntRange(1, 65535))
@click.pass_obj
def demo(wiring: Wiring, check: bool, seed: int, port: int) -> None:
    """Show everything on synthetic material, in a home of its own that is removed at the end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(COULD_NOT_RUN))  # so that the home is removed then, too
    console = paper()
    if not check:
        free_address(HOST, port)  # at once, not after all the work
    with _throwaway_home(wiring.config) as config:
        installation = wiring.create(config, True)
        try:
            right, officers = _play(installation, seed, config.home / "material", console)
            if not check:
                _invite(installation, officers, config.home / "material", port, console)
        finally:
            installation.close()
        if not check:
            wiring.serve(config, free_address(HOST, port), port, 1)
    sys.exit(ANSWERED if right else COULD_NOT_RUN)


@contextlib.contextmanager
def _throwaway_home(config: Config) -> Iterator[Config]:
    """Never the user's own installation, whatever the environment says."""
    home = Path(tempfile.mkdtemp(prefix="concord-demo-"))
    try:
        yield replace(
            config, home=home, database_url=None, database_owner_url=None, database_matcher_url=None, objects_url=None
        )
    finally:
        embedded.remove(home)
        shutil.rmtree(home, ignore_errors=True)


def _play(
    installation: Installation, seed: int, folder: Path, console: Console
) -> tuple[bool, Mapping[CountryCode, Actor]]:
    world = make_world(seed)
    officers = enrol_officers(world)
    console.print(f"Three units enter {len(world.entries)} pictures of rooms that nobody ever lived in.")
    steps = enter_world(installation, world, officers, folder)
    for _ in track(
        steps, "entering", len(world.entries), console=Console(stderr=True), transient=True, disable=_unwatched()
    ):
        pass
    asking = ask_world(installation, world, officers, folder)
    asked = list(
        track(
            asking, "asking", len(world.questions), console=Console(stderr=True), transient=True, disable=_unwatched()
        )
    )
    console.print(_table(asked, because=console.width >= WIDE_COLUMNS))
    wrong = sum(not one.is_right for one in asked)
    verdict = "all as they must be" if not wrong else f"{wrong} WRONG"
    console.print(f"{len(asked)} questions, {verdict}.", style="red" if wrong else "green")
    return not wrong, officers


def _unwatched() -> bool:
    return not sys.stderr.isatty()


def _table(asked: list[Asked], because: bool) -> Table:
    table = Table(box=SIMPLE, header_style="bold", pad_edge=False)
    for title in ("", "asks", "file", "answer", "match", "contact", *(["because"] if because else [])):
        table.add_column(title, no_wrap=title != "because")
    for one in asked:
        answer = one.answer
        cells = [
            "ok" if one.is_right else f"WRONG, not {one.question.answer}",
            one.question.unit,
            Path(answer.item).name,
            state_text(answer),
            str(answer.match),
            getattr(answer.contact, "country", ""),
            one.question.why,
        ]
        table.add_row(*cells[: len(table.columns)])
    return table


def _invite(
    installation: Installation, officers: Mapping[CountryCode, Actor], folder: Path, port: int, console: Console
) -> None:
    console.print(
        "\nThe page, as each of the three officers (each link opens once; they exist in a demo only):", style="bold"
    )
    for actor in officers.values():
        console.print(f"  {actor.user_name}, {actor.unit_name} ({actor.country})")
        for _ in range(LINKS_A_PERSONA):
            secret = issue_token(actor.profile, "persona", installation.clock, LINK_LASTS, single_use=True)
            link = f"{page_address(HOST, port, installation.config.origin)}persona/{secret}"
            console.print(f"    {link}", soft_wrap=True, highlight=False)
    console.print(f"Ask with the pictures in {folder}, or with your own. Stop: Ctrl-C\n", soft_wrap=True)
