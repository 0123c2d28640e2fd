"""`concord alerts`: who asked about what one's unit holds in silence."""

from uuid import UUID

import click

from concord.actions import alerts as alerting
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable


@click.group()
def alerts() -> None:
    """Alerts: somebody asked about what your unit holds in silence, and was told nothing."""


@alerts.command("list")
@click.option("--all", "every", is_flag=True, help="Those that are answered as well.")
@who_and_why
@as_json
@click.pass_obj
def alerts_list(wiring: Wiring, every: bool, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List your unit's alerts, the most urgent first."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = alerting.list_alerts(installation, actor, every)
    if as_json:
        write_json(*found)
    for one in () if as_json else found:
        until = f"answer until {one.due_at:%Y-%m-%d %H:%M} UTC"
        click.echo(
            printable(
                f"{one.alert}  material {one.material}  {until if one.answered is None else f'answered: {one.answered}'}"
            )
        )
        click.echo(f"    asked {one.times}x for {one.purpose}")
        for what, contact in (("by", one.asker), ("their bureau:", one.bureau)):
            there = f"{contact.unit} ({contact.country}), {contact.channel}, {contact.hours} {contact.time_zone}"
            click.echo(printable(f"    {what} {there}"))


@alerts.command("answer")
@click.argument("alert", type=click.UUID)
@click.option("--done", required=True, type=WORDS, metavar="WORDS", help="What was done about it.")
@who_and_why
@click.pass_obj
def alerts_answer(wiring: Wiring, alert: UUID, done: str, profile: str, purpose: str, basis: str) -> None:
    """Say what was done about an alert: its clock stops."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        alerting.answer_alert(installation, actor, alert, done)
    click.echo("answered")


@alerts.command("overdue")
@who_and_why
@as_json
@click.pass_obj
def alerts_overdue(wiring: Wiring, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Count what is overdue, by country, for the hub, which learns nothing else of alerts."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = alerting.count_overdue(installation, actor)
    if as_json:
        write_json(*found)
    for one in () if as_json else found:
        click.echo(f"{one.country}  {one.overdue}")
