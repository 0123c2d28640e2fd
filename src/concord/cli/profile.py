"""`concord profile` and `concord token`: more users of this installation, and how programs sign in."""

from datetime import timedelta

import click

from concord.actions.enrol import UnitFacts, enrol_unit, enrol_user, issue_token, revoke_tokens
from concord.cli.profiles import DEFAULT, read_profile, write_profile
from concord.cli.wiring import Wiring
from concord.values import Basis, Purpose, country_code


@click.group()
def profile() -> None:
    """Profiles: who acts, by default for what purpose."""


@profile.command("add")
@click.argument("name")
@click.option("--country", required=True, metavar="CODE")
@click.option("--country-name", help="As the country is called; its code if not given.")
@click.option("--unit", required=True)
@click.option("--user", required=True)
@click.option("--channel", default="not recorded", help="How to reach the unit, where it is new.")
@click.option("--hours", default="not recorded")
@click.option("--time-zone", default="UTC")
@click.option("--purpose", metavar="CODE", help=Purpose.known())
@click.option("--basis", metavar="CODE", help=Basis.known())
@click.pass_obj
def profile_add(wiring: Wiring, /, name: str, country: str, unit: str, user: str, **more: str | None) -> None:
    """Add a user with a profile; country and unit are made where they are new."""
    facts = UnitFacts(
        country_code(country),
        more["country_name"] or country,
        unit,
        *(more[key] or "" for key in ("channel", "hours", "time_zone")),
    )
    purpose = Purpose.parse(more["purpose"]) if more["purpose"] else None
    basis = Basis.parse(more["basis"]) if more["basis"] else None
    with wiring.opened():
        write_profile(wiring.config.profiles, name, enrol_user(enrol_unit(facts), user, name, purpose, basis))
    click.echo(f"--as {name} is {user}, {unit} ({country})")


@click.group()
def token() -> None:
    """Tokens: how programs, and for now browsers, sign in."""


@token.command("issue")
@click.option("--as", "name", default=DEFAULT, show_default=True, metavar="PROFILE")
@click.option("--label", default="command line", help="What it is for.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366))
@click.pass_obj
def token_issue(wiring: Wiring, name: str, label: str, days: int) -> None:
    """Print a new token. It is shown once and kept nowhere."""
    with wiring.opened() as installation:
        profile = read_profile(wiring.config.profiles, name)
        click.echo(issue_token(profile, label, installation.clock, timedelta(days=days)))


@token.command("revoke")
@click.option("--as", "name", default=DEFAULT, show_default=True, metavar="PROFILE")
@click.pass_obj
def token_revoke(wiring: Wiring, name: str) -> None:
    """Revoke every token of a profile, from the next request on."""
    with wiring.opened() as installation:
        count = revoke_tokens(read_profile(wiring.config.profiles, name), installation.clock)
    click.echo(f"{count} revoked")
