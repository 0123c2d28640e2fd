"""`concord supervise`: who of one's unit reads far more than he used to; and more than the budget, by two persons."""

from uuid import UUID

import click

from concord.access.budget import Meter
from concord.actions import supervise as supervising
from concord.actions import widen as widening
from concord.actions.list_users import user_called
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable


@click.group()
def supervise() -> None:
    """Alerts about slow bulk reading in your unit, and wider budgets. For supervisors."""


@supervise.command("list")
@click.option("--all", "every", is_flag=True, help="Those with a finding as well.")
@who_and_why
@as_json
@click.pass_obj
def supervise_list(wiring: Wiring, every: bool, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List who of your unit reads twice what he used to, or asks by many near hashes."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = supervising.list_reading_alerts(installation, actor, every)
    if as_json:
        write_json(*found)
    for one in () if as_json else found:
        usual = "" if one.norm is None else f", usually {one.norm}"
        line = f"{one.alert}  {one.at:%Y-%m-%d}  {one.kind.lower()}  {one.name}: {one.count}{usual}"
        click.echo(printable(f"{line}; {one.finding}" if one.finding else line))


@supervise.command("answer")
@click.argument("alert", type=click.UUID)
@click.option("--finding", required=True, type=WORDS, metavar="WORDS", help="What you found.")
@who_and_why
@click.pass_obj
def supervise_answer(wiring: Wiring, alert: UUID, finding: str, profile: str, purpose: str, basis: str) -> None:
    """Close an alert with a finding."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        supervising.answer_reading_alert(installation, actor, alert, finding)
    click.echo("answered")


@supervise.command("widen")
@click.argument("user", type=WORDS)
@click.option("--meter", default=Meter.VIEW.value, show_default=True, metavar="CODE", help=f"{Meter.known()}")
@click.option("--more", required=True, type=int, help="How many more, in 24 hours.")
@click.option("--reason", required=True, type=WORDS)
@who_and_why
@click.pass_obj
def supervise_widen(
    wiring: Wiring, /, user: str, meter: str, more: int, reason: str, profile: str, purpose: str, basis: str
) -> None:
    """Ask for a wider budget of a user. A second person confirms within half an hour."""
    wanted = Meter.parse(meter)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        who = user_called(installation, actor, user)
        click.echo(widening.ask_widening(installation, actor, who, wanted, more, reason))


@supervise.command("confirm")
@click.argument("widening", metavar="WIDENING", type=click.UUID)
@who_and_why
@click.pass_obj
def supervise_confirm(wiring: Wiring, /, profile: str, purpose: str, basis: str, **given: UUID) -> None:
    """Confirm a wider budget, as the second person. It holds for 24 hours."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        widening.confirm_widening(installation, actor, given["widening"])
    click.echo("confirmed")


@supervise.command("waiting")
@who_and_why
@as_json
@click.pass_obj
def supervise_waiting(wiring: Wiring, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List the wider budgets that wait for a second person."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = widening.list_widenings(installation, actor)
    if as_json:
        write_json(*found)
    for one in () if as_json else found:
        click.echo(printable(f"{one.widening}  {one.name}: {one.more} more ({one.meter.lower()}); {one.reason}"))
