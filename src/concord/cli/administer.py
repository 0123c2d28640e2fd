"""`concord user`, `grant`, `revoke`, `certificate`, `country`, `bureau`: who of one's own country may do what."""

import click

from concord.actions import administer, certify, found
from concord.actions import grant as granting
from concord.actions.list_users import Known, list_users, user_called
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable
from concord.records.country import Participation
from concord.records.user import UserRole
from concord.values import country_code, utc_now

USER = click.argument("user", type=WORDS, metavar="USER")
REASON = click.option("--reason", type=WORDS, metavar="WORDS", help="Why, for the second person; with the first call.")


@click.group()
def user() -> None:
    """Users of your own country. Their administrator alone adds them, enables and disables them."""


@user.command("add")
@click.argument("name", type=WORDS)
@click.option("--unit", required=True, type=WORDS, help="The unit of your country that the user belongs to.")
@who_and_why
@click.pass_obj
def user_add(wiring: Wiring, name: str, unit: str, profile: str, purpose: str, basis: str) -> None:
    """Add a user, without a role: `concord grant` gives one, and a trainer the certificate."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        click.echo(administer.add_user(installation, actor, unit, name))


@user.command("list")
@who_and_why
@as_json
@click.pass_obj
def user_list(wiring: Wiring, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List the users of your country, their roles and until when they are certified."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        known = list_users(installation, actor)
    if as_json:
        write_json(*known)
    for one in known if not as_json else ():
        click.echo(_line(one))


@user.command("disable")
@USER
@who_and_why
@click.pass_obj
def user_disable(wiring: Wiring, user: str, profile: str, purpose: str, basis: str) -> None:
    """Shut a user out, from the next request on."""
    _set_active(wiring, user, False, profile, purpose, basis)


@user.command("enable")
@USER
@who_and_why
@click.pass_obj
def user_enable(wiring: Wiring, user: str, profile: str, purpose: str, basis: str) -> None:
    """Let a user in again who was disabled."""
    _set_active(wiring, user, True, profile, purpose, basis)


def _set_active(wiring: Wiring, user: str, active: bool, profile: str, purpose: str, basis: str) -> None:
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        administer.set_user_active(installation, actor, user_called(installation, actor, user), active=active)
    click.echo(f"{printable(user)} is {'enabled' if active else 'disabled'}")


@click.command()
@USER
@click.argument("role", metavar="ROLE")
@who_and_why
@click.pass_obj
def grant(wiring: Wiring, user: str, role: str, profile: str, purpose: str, basis: str) -> None:
    """Give a user of your country a role."""
    wanted = UserRole.parse(role)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        is_new = granting.grant(installation, actor, user_called(installation, actor, user), wanted)
    click.echo(f"{printable(user)} is {wanted}" if is_new else f"{printable(user)} is {wanted} already")


@click.command()
@USER
@click.argument("role", metavar="ROLE")
@who_and_why
@click.pass_obj
def revoke(wiring: Wiring, user: str, role: str, profile: str, purpose: str, basis: str) -> None:
    """Take a role from a user of your country, from the next request on."""
    wanted = UserRole.parse(role)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        was_held = granting.revoke(installation, actor, user_called(installation, actor, user), wanted)
    click.echo(f"{printable(user)} is {wanted} no more" if was_held else f"{printable(user)} was not {wanted}")


@click.group()
def certificate() -> None:
    """Certificates: who has been trained, until when. Real material is open to none without."""


@certificate.command("issue")
@USER
@click.option("--course", required=True, type=WORDS)
@click.option("--days", default=365, show_default=True, type=int)
@who_and_why
@click.pass_obj
def certificate_issue(
    wiring: Wiring, /, user: str, course: str, days: int, profile: str, purpose: str, basis: str
) -> None:
    """Say, as a trainer, that a user has been trained."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        until = certify.certify(installation, actor, user_called(installation, actor, user), course, days)
    click.echo(f"{printable(user)} is certified until {until:%Y-%m-%d %H:%M} UTC")


@certificate.command("revoke")
@USER
@who_and_why
@click.pass_obj
def certificate_revoke(wiring: Wiring, user: str, profile: str, purpose: str, basis: str) -> None:
    """Take back every certificate of a user that is still valid."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        count = certify.revoke_certificates(installation, actor, user_called(installation, actor, user))
    click.echo(f"{count} revoked")


@click.group()
def country() -> None:
    """Countries: their first administrator, and how far each takes part."""


@country.command("found")
@click.option("--country", "code", required=True, metavar="CODE")
@click.option("--administrator", required=True, type=WORDS, metavar="USER", help="The name of a user who is enrolled.")
@click.option("--hub", is_flag=True, help="This code is the hub's: its staff has no country.")
@click.pass_obj
def country_found(wiring: Wiring, code: str, administrator: str, hub: bool) -> None:
    """Name a country's first administrator. For whoever keeps this installation; once only."""
    with wiring.opened() as installation:
        if hub:
            found.found_hub(country_code(code))
        found.found_country(country_code(code), administrator, installation.clock)
    click.echo(f"{printable(administrator)} administers {code}; everyone else's roles come from there")


@country.command("participation")
@click.argument("mode")
@REASON
@who_and_why
@click.pass_obj
def country_participation(
    wiring: Wiring, /, mode: str, reason: str | None, profile: str, purpose: str, basis: str
) -> None:
    """Say how far your own country takes part: FULL, HASH-ONLY, READ-ONLY or REFERRAL-ONLY. Needs a second person."""
    wanted = Participation.parse(mode)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        administer.set_participation(installation, actor, wanted, reason)
    click.echo(f"{actor.country} takes part as {wanted}")


@click.command()
@click.argument("unit", type=WORDS)
@REASON
@who_and_why
@click.pass_obj
def bureau(wiring: Wiring, /, unit: str, reason: str | None, profile: str, purpose: str, basis: str) -> None:
    """Name the unit that is your country's National Central Bureau. Needs a second person."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        administer.name_bureau(installation, actor, unit, reason)
    click.echo(f"{printable(unit)} is the National Central Bureau of {actor.country}")


def _line(one: Known) -> str:
    state = "" if one.active else ", disabled"
    if one.certified_until is None or one.certified_until <= utc_now():
        certified = "not certified"
    else:
        certified = f"certified until {one.certified_until:%Y-%m-%d}"
    return f"{printable(one.unit)}/{printable(one.name)}: {', '.join(one.roles) or 'no role'}; {certified}{state}"
