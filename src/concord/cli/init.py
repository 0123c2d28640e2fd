"""`concord init`: a new installation with its first unit, user and profile."""

import click

from concord.actions.enrol import UnitFacts, enrol_unit, enrol_user
from concord.cli.profiles import DEFAULT, write_profile
from concord.cli.wiring import Wiring
from concord.values import Basis, Purpose, country_code


@click.command()
@click.option("--country", required=True, metavar="CODE", help="ISO 3166-1, two capital letters.")
@click.option("--country-name", help="As the country is called; its code if not given.")
@click.option("--unit", required=True, help="The unit's name.")
@click.option("--user", required=True, help="The user's name.")
@click.option("--channel", default="not recorded", help="How to reach the unit: telephone, mail.")
@click.option("--hours", default="not recorded", help="When it can be reached.")
@click.option("--time-zone", default="UTC", help="IANA name.")
@click.option("--profile", "name", default=DEFAULT, show_default=True, help="What --as will call it.")
@click.option("--purpose", metavar="CODE", help=f"The profile's default. {Purpose.known()}")
@click.option("--basis", metavar="CODE", help=f"The profile's default. {Basis.known()}")
@click.pass_obj
def init(
    wiring: Wiring, /, country: str, country_name: str | None, unit: str, user: str, name: str, **more: str
) -> None:
    """Make an installation in CONCORD_HOME."""
    facts = UnitFacts(
        country_code(country), country_name or country, unit, more["channel"], more["hours"], more["time_zone"]
    )
    purpose = Purpose.parse(more["purpose"]) if more["purpose"] else None
    basis = Basis.parse(more["basis"]) if more["basis"] else None
    installation = wiring.create(wiring.config, False)
    try:
        profile = enrol_user(enrol_unit(facts), user, name, purpose, basis)
        write_profile(wiring.config.profiles, name, profile)
    finally:
        installation.close()
    click.echo(f"An installation is ready at {wiring.config.home}. Next: concord case open REFERENCE")
