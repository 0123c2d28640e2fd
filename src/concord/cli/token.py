"""`concord token`: how programs sign in as a profile, and for what."""

from datetime import timedelta

import click

from concord.actions.enrol import issue_token, revoke_tokens
from concord.actions.tokens import parse_scopes, revoke_one, tokens_of
from concord.cli.given import WORDS
from concord.cli.profiles import DEFAULT, read_profile
from concord.cli.wiring import Wiring

of_profile = click.option("--as", "name", default=DEFAULT, show_default=True, metavar="PROFILE")


@click.group()
def token() -> None:
    """Tokens: how programs sign in."""


@token.command("issue")
@of_profile
@click.option("--label", default="command line", type=WORDS, help="What it is for.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366))
@click.option(
    "--scope", "scopes", multiple=True, metavar="VERB", help="Only this verb, like ASK; several times for more."
)
@click.pass_obj
def token_issue(wiring: Wiring, name: str, label: str, days: int, scopes: tuple[str, ...]) -> None:
    """Print a new token. It is shown once and kept nowhere.

    It acts as its profile and never for another unit. With --scope it opens these verbs alone; pages, only with
    BEGIN-SESSION among them.
    """
    named = parse_scopes(scopes)
    with wiring.opened() as installation:
        profile = read_profile(wiring.config.profiles, name)
        click.echo(issue_token(profile, label, installation.clock, timedelta(days=days), scopes=named))


@token.command("list")
@of_profile
@click.pass_obj
def token_list(wiring: Wiring, name: str) -> None:
    """List the valid tokens of a profile: id, end, verbs, label. Their secrets are kept nowhere."""
    with wiring.opened() as installation:
        for one in tokens_of(read_profile(wiring.config.profiles, name), installation.clock):
            opens = "every verb" if one.scopes is None else ", ".join(one.scopes)
            click.echo(f"{one.id}  until {one.expires_at:%Y-%m-%d %H:%M} UTC  {opens}  {one.label}")


@token.command("revoke")
@of_profile
@click.argument("named", required=False, metavar="[ID|LABEL]")
@click.pass_obj
def token_revoke(wiring: Wiring, name: str, named: str | None) -> None:
    """Revoke one token, by id or label, or every token of a profile; from the next request on."""
    with wiring.opened() as installation:
        profile = read_profile(wiring.config.profiles, name)
        clock = installation.clock
        count = revoke_one(profile, named, clock) if named else revoke_tokens(profile, clock)
    click.echo(f"{count} revoked")
