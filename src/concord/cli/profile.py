"""`concord profile`: more users of this installation, and whom they are on servers far away."""

from pathlib import Path
from uuid import UUID

import click

from concord.actions.enrol import UnitFacts, enrol_unit, enrol_user, revoke_tokens, set_active
from concord.actions.register import revoke_passkeys
from concord.cli.profiles import (
    Remote,
    check_profile_name,
    has_profile,
    read_profile,
    read_remote,
    write_profile,
    write_remote,
)
from concord.cli.wiring import Wiring
from concord.errors import DamagedProfile, ProfileTaken
from concord.pocket.server import server_at
from concord.values import Basis, Purpose, country_code

of_profile = click.option("--as", "name", required=True, metavar="PROFILE", help="Which one.")


@click.group()
def profile() -> None:
    """Profiles: who acts, by default for what purpose."""


@profile.command("add")
@click.argument("name")
@click.option("--country", required=True, metavar="CODE")
@click.option("--country-name", help="As the country is called; its code if not given.")
@click.option("--unit", required=True)
@click.option("--user", required=True)
@click.option("--channel", help="How to reach the unit, where it is new.")
@click.option("--hours", help="When it can be reached.")
@click.option("--time-zone", metavar="ZONE", help="IANA name; UTC if not given.")
@click.option("--purpose", metavar="CODE", help=Purpose.known())
@click.option("--basis", metavar="CODE", help=Basis.known())
@click.option("--replace", is_flag=True, help="Where the name is taken: it means this user from now on.")
@click.pass_obj
def profile_add(
    wiring: Wiring, /, name: str, country: str, unit: str, user: str, replace: bool, **more: str | None
) -> None:
    """Add a user with a profile; country and unit are made where they are new."""
    facts = UnitFacts(
        country_code(country),
        country if more["country_name"] is None else more["country_name"],
        unit,
        *(more[key] for key in ("channel", "hours", "time_zone")),
    )
    check_profile_name(name)
    purpose = Purpose.parse(more["purpose"]) if more["purpose"] else None
    basis = Basis.parse(more["basis"]) if more["basis"] else None
    with wiring.opened() as installation:
        former = _former(wiring.config.profiles, name, replace)
        made = enrol_user(enrol_unit(facts), user, name, purpose, basis)
        write_profile(wiring.config.profiles, name, made)
        if former is not None and former != made:  # nobody could name its tokens any more
            revoke_tokens(former, installation.clock)
            revoke_passkeys(former, installation.clock)
    click.echo(f"--as {name} is {user}, {unit} ({country})")


@profile.command("remote")
@click.argument("name")
@click.option("--server", required=True, metavar="URL")
@click.option("--insecure-http", is_flag=True, help="Allow plain http to another machine; on a guarded line only.")
@click.option("--replace", is_flag=True, help="Where the name is taken by another server's profile.")
@click.pass_obj
def profile_remote(wiring: Wiring, name: str, server: str, insecure_http: bool, replace: bool) -> None:
    """Keep a server far away, and the token in CONCORD_TOKEN, under a name: then `concord ask --as NAME` asks there.

    Without that variable the token is asked for, or read from the standard input.
    """
    check_profile_name(name)
    checked = server_at(server, wiring.config.server_ca, insecure_http)
    if has_profile(wiring.config.profiles, name) and not (replace and read_remote(wiring.config.profiles, name)):
        raise ProfileTaken(name=name)
    token = wiring.config.token or click.prompt("Token", hide_input=True, err=True)
    write_remote(wiring.config.profiles, name, Remote(str(checked), token.strip()))
    click.echo(f"--as {name} asks at {checked}")


@profile.command("disable")
@of_profile
@click.pass_obj
def profile_disable(wiring: Wiring, name: str) -> None:
    """Let a profile do nothing more, from its next request on; its tokens and sessions open nothing."""
    with wiring.opened():
        set_active(read_profile(wiring.config.profiles, name), active=False)
    click.echo(f"{name} is disabled")


@profile.command("enable")
@of_profile
@click.pass_obj
def profile_enable(wiring: Wiring, name: str) -> None:
    """Let a disabled profile work again, and its tokens that are still valid."""
    with wiring.opened():
        set_active(read_profile(wiring.config.profiles, name), active=True)
    click.echo(f"{name} is enabled")


def _former(folder: Path, name: str, replace: bool) -> UUID | None:
    """Whom the name means so far; None where it is free, or its file damaged. Raises ProfileTaken."""
    if not has_profile(folder, name):
        return None
    if not replace:
        raise ProfileTaken(name=name)
    try:
        return read_profile(folder, name)
    except DamagedProfile:
        return None
