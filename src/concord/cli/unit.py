"""`concord unit`: how others reach a unit, as every answer names it."""

import click

from concord.actions.administer import NewUnit, add_unit
from concord.actions.enrol import OF_A_NEW_UNIT, UnitFacts, correct_unit
from concord.cli.given import WORDS, who_and_why
from concord.cli.wiring import Wiring
from concord.errors import NothingToSet
from concord.values import country_code

CONTACT = ("channel", "hours", "time_zone")


@click.group()
def unit() -> None:
    """Units: whom to call. Added by their country's administrator; their contact is kept by the local administration."""


@unit.command("add")
@click.argument("name", type=WORDS)
@click.option("--channel", type=WORDS, default=OF_A_NEW_UNIT["channel"], help="How to reach the unit: telephone, mail.")
@click.option("--hours", type=WORDS, default=OF_A_NEW_UNIT["hours"], help="When it can be reached.")
@click.option("--time-zone", default=OF_A_NEW_UNIT["time_zone"], metavar="ZONE", help="IANA name; UTC if not given.")
@who_and_why
@click.pass_obj
def unit_add(
    wiring: Wiring, /, name: str, channel: str, hours: str, time_zone: str, profile: str, purpose: str, basis: str
) -> None:
    """Add a unit to your country, as its administrator; it prints the id."""
    new = NewUnit(name, channel, hours, time_zone)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        click.echo(add_unit(installation, actor, new))


@unit.command("set")
@click.option("--country", required=True, metavar="CODE")
@click.option("--unit", "name", required=True, help="The unit's name, as it stands.")
@click.option("--channel", help="How to reach the unit: telephone, mail.")
@click.option("--hours", help="When it can be reached.")
@click.option("--time-zone", metavar="ZONE", help="IANA name.")
@click.pass_obj
def unit_set(wiring: Wiring, /, country: str, name: str, **contact: str | None) -> None:
    """Correct a unit's contact. The next answer names the new one; what is not given stays."""
    if not any(value is not None for value in contact.values()):
        raise NothingToSet(options="--channel, --hours or --time-zone")
    facts = UnitFacts(country_code(country), country, name, *(contact[key] for key in CONTACT))
    with wiring.opened():
        now = correct_unit(facts)
    click.echo(f"{name} ({country}): {now.channel}, {now.hours} {now.time_zone}")
