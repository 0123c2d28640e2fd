"""`concord suspend`: the hub hides an assertion from all but its owner."""

from uuid import UUID

import click

from concord.actions import suspend as suspending
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable
from concord.records.suspension import Subject


@click.group()
def suspend() -> None:
    """Suspensions: what the hub doubts, and hides from all but its owner until it is lifted."""


@suspend.command("begin")
@click.argument("subject", metavar="KIND")
@click.argument("record", type=click.UUID)
@click.option("--reason", required=True, type=WORDS, help="Why; its owner reads it.")
@who_and_why
@click.pass_obj
def suspend_begin(
    wiring: Wiring, subject: str, record: UUID, reason: str, profile: str, purpose: str, basis: str
) -> None:
    """Suspend a contribution, instance, statement, person, appearance, series or membership, for the hub."""
    kind = Subject.parse(subject)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        click.echo(suspending.suspend(installation, actor, kind, record, reason))


@suspend.command("lift")
@click.argument("suspension", type=click.UUID)
@who_and_why
@click.pass_obj
def suspend_lift(wiring: Wiring, suspension: UUID, profile: str, purpose: str, basis: str) -> None:
    """Lift a suspension, for the hub."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        suspending.lift_suspension(installation, actor, suspension)
    click.echo("lifted")


@suspend.command("list")
@who_and_why
@as_json
@click.pass_obj
def suspend_list(wiring: Wiring, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List what is or was suspended of what your unit says; at the hub, everything."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = suspending.list_suspensions(installation, actor)
    if as_json:
        write_json(*found)
    for one in () if as_json else found:
        state = f"lifted {one.lifted_at:%Y-%m-%d}" if one.lifted_at else f"since {one.since:%Y-%m-%d}"
        click.echo(printable(f"{one.suspension}  {one.subject.lower()} {one.record}  {state}  {one.reason}"))
