"""`concord init`: a new installation with its first unit, user and profile."""

import click

from concord.actions.enrol import UnitFacts, enrol_unit, enrol_user
from concord.cli.profiles import DEFAULT, check_profile_name, write_profile
from concord.cli.wiring import Wiring
from concord.values import Basis, Purpose, country_code, readable_name


@click.command()
@click.option("--country", required=True, metavar="CODE", help="ISO 3166-1, two capital letters.")
@click.option("--country-name", help="As the country is called; its code if not given.")
@click.option("--unit", required=True, help="The unit's name.")
@click.option("--user", required=True, help="The user's name.")
@click.option("--channel", help="How to reach the unit: telephone, mail.")
@click.option("--hours", help="When it can be reached.")
@click.option("--time-zone", metavar="ZONE", help="IANA name; UTC if not given.")
@click.option("--profile", "name", default=DEFAULT, show_default=True, help="What --as will call it.")
@click.option("--purpose", metavar="CODE", help=f"The profile's default. {Purpose.known()}")
@click.option("--basis", metavar="CODE", help=f"The profile's default. {Basis.known()}")
@click.pass_obj
def init(
    wiring: Wiring, /, country: str, country_name: str | None, unit: str, user: str, name: str, **more: str | None
) -> None:
    """Make an installation in CONCORD_HOME."""
    # All that was given is looked at before anything is made: what is refused leaves no half installation.
    facts = UnitFacts(
        country_code(country),
        country if country_name is None else country_name,
        unit,
        *(more[key] for key in ("channel", "hours", "time_zone")),
    )
    readable_name("user", user)
    check_profile_name(name)
    purpose = Purpose.parse(more["purpose"]) if more["purpose"] else None
    basis = Basis.parse(more["basis"]) if more["basis"] else None
    installation = wiring.create(wiring.config, False)
    try:
        profile = enrol_user(enrol_unit(facts), user, name, purpose, basis)
        write_profile(wiring.config.profiles, name, profile)
    finally:
        installation.close()
    click.echo(f"An installation is ready at {wiring.config.home}. Next: concord case open REFERENCE")
