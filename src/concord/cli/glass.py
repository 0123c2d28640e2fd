"""`concord glass`: see in an emergency what a restriction hides, and answer for it afterwards."""

from uuid import UUID

import click

from concord.access.glass import Emergency, Finding
from concord.actions import glass as breaking
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable


@click.group()
def glass() -> None:
    """Break-glass: open for an hour at most, told to the owner at once, reviewed by both sides."""


@glass.command("open")
@click.argument("country", metavar="COUNTRY")
@click.option("--because", required=True, metavar="CODE", help=f"Why it cannot wait: {Emergency.known()}.")
@click.option("--reason", required=True, type=WORDS, metavar="WORDS")
@click.option("--material", type=WORDS, metavar="ID|SHA256", help="Only about this one.")
@click.option("--case", type=WORDS, metavar="REF", help="Only about the materials of this case of your unit.")
@who_and_why
@as_json
@click.pass_obj
def glass_open(
    wiring: Wiring,
    /,
    country: str,
    because: str,
    reason: str,
    material: str | None,
    case: str | None,
    profile: str,
    purpose: str,
    basis: str,
    as_json: bool,
) -> None:
    """See what COUNTRY restricts, in your own session, for an hour. Silent restrictions and suspensions stay."""
    given = breaking.Breaking(country, because, reason, material, case)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        opened = breaking.open_glass(installation, actor, given)
    if as_json:
        write_json(opened)
    else:
        click.echo(
            f"{opened.glass} is open until {opened.expires_at:%Y-%m-%d %H:%M:%S} UTC; {printable(country)} is told"
        )


@glass.command("close")
@click.argument("opened", type=click.UUID, metavar="GLASS")
@who_and_why
@click.pass_obj
def glass_close(wiring: Wiring, opened: UUID, profile: str, purpose: str, basis: str) -> None:
    """Close it before its hour is over."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        breaking.close_glass(installation, actor, opened)
    click.echo("closed: it is in review")


@glass.command("list")
@click.option("--all", "every", is_flag=True, help="Those that are reviewed as well.")
@who_and_why
@as_json
@click.pass_obj
def glass_list(wiring: Wiring, every: bool, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List what is open or in review: your own, your unit's, and what others opened of your country's records."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = breaking.list_glass(installation, actor, every)
    if as_json:
        write_json(*found)
    for one in () if as_json else found:
        what = f"material {one.material}" if one.material else "a case" if one.by_case else "all that is restricted"
        click.echo(f"{one.glass}  {one.state}  {one.opened_at:%Y-%m-%d %H:%M} UTC  {what} of {one.owner_country}")
        click.echo(printable(f"    by {one.opener_unit} ({one.opener_country}), {one.emergency}: {one.reason}"))
        findings = (one.supervisor_finding or "not yet", one.owner_finding or "not yet")
        click.echo(f"    supervisor: {findings[0]}; owner: {findings[1]}")


@glass.command("review")
@click.argument("opened", type=click.UUID, metavar="GLASS")
@click.option("--finding", required=True, metavar="CODE", help=f"{Finding.known()}.")
@click.option("--words", required=True, type=WORDS)
@who_and_why
@click.pass_obj
def glass_review(
    wiring: Wiring, /, opened: UUID, finding: str, words: str, profile: str, purpose: str, basis: str
) -> None:
    """Give your side's finding: a supervisor's of the opener's unit or bureau, and the owner's."""
    wanted = Finding.parse(finding)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        side = breaking.review_glass(installation, actor, opened, wanted, words)
    click.echo(f"{wanted} for the {side.lower()}'s side")
