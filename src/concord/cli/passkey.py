"""`concord passkey`: invites people to make one, and revokes them."""

import click

from concord.actions.register import invite, invite_locally, revoke_passkeys
from concord.cli.profiles import read_profile
from concord.cli.wiring import Wiring

HERE = "http://localhost:8008"  # where `concord serve` listens unless told otherwise

of_profile = click.option("--as", "name", required=True, metavar="PROFILE", help="Whose.")


@click.group()
def passkey() -> None:
    """Passkeys: how people sign in."""


@passkey.command("invite")
@of_profile
@click.option("--by", "inviter", metavar="PROFILE", help="An administrator of the same country, in whose name.")
@click.option("--origin", metavar="URL", help=f"Where the pages are opened; CONCORD_ORIGIN if not given, or {HERE}.")
@click.pass_obj
def passkey_invite(wiring: Wiring, name: str, inviter: str | None, origin: str | None) -> None:
    """Print a link with which this person makes a passkey. It opens once, within 24 hours: hand it over in person."""
    profile = read_profile(wiring.config.profiles, name)
    if inviter is None:
        with wiring.opened() as installation:
            secret = invite_locally(profile, installation.clock)
    else:
        with wiring.acting(inviter, None, None) as (installation, actor):
            secret = invite(installation, actor, profile)
    click.echo(f"{origin or wiring.config.origin or HERE}/join#{secret}")


@passkey.command("revoke")
@of_profile
@click.pass_obj
def passkey_revoke(wiring: Wiring, name: str) -> None:
    """Revoke every passkey of a profile, its invitations and recovery codes; from the next request on."""
    with wiring.opened() as installation:
        count = revoke_passkeys(read_profile(wiring.config.profiles, name), installation.clock)
    click.echo(f"{count} revoked")
