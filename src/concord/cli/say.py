"""The short commands that open a record or change a person: case, person, appearance, series, identify."""

from uuid import UUID

import click

from concord.actions import identify as identification
from concord.actions import say
from concord.cli.given import as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.records.person import PersonState, Role


@click.group()
def case() -> None:
    """Cases: your unit's inquiries, never shown to other countries."""


@case.command("open")
@click.argument("reference")
@who_and_why
@as_json
@click.pass_obj
def case_open(wiring: Wiring, reference: str, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Open a case under its national number."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        _opened("case", reference, say.open_case(installation, actor, reference), as_json)


@click.group()
def series() -> None:
    """Series: material that belongs together."""


@series.command("open")
@click.argument("name")
@who_and_why
@as_json
@click.pass_obj
def series_open(wiring: Wiring, name: str, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Open a series under a neutral name or number."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        _opened("series", name, say.open_series(installation, actor, name), as_json)


@click.group()
def person() -> None:
    """Persons: victims and suspects, identified or not."""


@person.command("add")
@click.option("--role", required=True, metavar="CODE", help=Role.known())
@click.option("--label", required=True, help="A neutral label of your own, never a name.")
@who_and_why
@as_json
@click.pass_obj
def person_add(wiring: Wiring, role: str, label: str, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Record a person, not identified yet."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        _made("person", say.add_person(installation, actor, Role.parse(role), label), as_json)


@click.group()
def appearance() -> None:
    """Appearances: who is seen in which material."""


@appearance.command("add")
@click.option("--person", required=True, type=click.UUID)
@click.option("--material", required=True, type=click.UUID)
@who_and_why
@as_json
@click.pass_obj
def appearance_add(
    wiring: Wiring, person: UUID, material: UUID, profile: str, purpose: str, basis: str, as_json: bool
) -> None:
    """Say that a person appears in a material."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        _made("appearance", say.add_appearance(installation, actor, person, material), as_json)


@click.command()
@click.argument("person", type=click.UUID)
@click.option(
    "--state", metavar="CODE", default=PersonState.IDENTIFIED.value, show_default=True, help=PersonState.known()
)
@who_and_why
@as_json
@click.pass_obj
def identify(wiring: Wiring, person: UUID, state: str, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Say that a person of your country is identified. Every answer that rests on it changes at once."""
    after = PersonState.parse(state)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        before = identification.identify(installation, actor, person, after)
    if as_json:
        write_json({"person": person, "before": before, "state": after})
    else:
        click.echo(f"{person}: {before.lower()} -> {after.lower()}")


def _opened(what: str, name: str, made: UUID, as_json: bool) -> None:
    """It is known by its name from now on."""
    if as_json:
        write_json({what: made})
    else:
        click.echo(f"{what} {name} is open")


def _made(what: str, made: UUID, as_json: bool) -> None:
    """It is known by its id alone: printed bare, so that a script can keep it."""
    if as_json:
        write_json({what: made})
    else:
        click.echo(made)
