"""`concord restrict`, `concord clearance`: who may know of what one's own unit says, and who is cleared for handling codes."""

from datetime import UTC, datetime
from uuid import UUID

import click

from concord.actions.clear import clear_user
from concord.actions.list_users import user_called
from concord.actions.restrict import Bounds, Restricted, lift, show_restriction
from concord.actions.restrict import restrict as restrict_action
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import NothingToSet, printable
from concord.records.restriction import Handling
from concord.records.suspension import Subject
from concord.values import Purpose

SUBJECT = click.argument("subject", metavar="KIND")
BOUNDS = "--country, --unit, --group, --use, --handling or --own-unit-only"
RECORD = click.argument("record", type=click.UUID)


@click.group()
def restrict() -> None:
    """Restrictions: who may know of what your unit says. KIND is contribution, instance, statement, person, appearance,
    series or membership.
    """


@restrict.command("set")
@SUBJECT
@RECORD
@click.option("--reason", required=True, type=WORDS, help="Why; nobody but your unit reads it.")
@click.option("--country", "countries", multiple=True, metavar="CODE", help="Open to it. Yours always counts as given.")
@click.option("--unit", "units", multiple=True, type=click.UUID, help="Open to it, of your country or another.")
@click.option("--group", "groups", multiple=True, type=WORDS, help="Open to its members: concord group.")
@click.option("--use", "uses", multiple=True, metavar="CODE", help=f"Only for it: {Purpose.known()}.")
@click.option(
    "--handling", default=Handling.OFFICIAL.value, metavar="CODE", help=f"Only who is cleared: {Handling.known()}."
)
@click.option("--own-unit-only", is_flag=True, help="Open to nobody but your unit.")
@click.option("--silent", is_flag=True, help="Others learn nothing at all; you are alerted when they ask.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="UTC; without it, until it is lifted."
)
@who_and_why
@click.pass_obj
def restrict_set(
    wiring: Wiring,
    /,
    subject: str,
    record: UUID,
    reason: str,
    countries: tuple[str, ...],
    units: tuple[UUID, ...],
    groups: tuple[str, ...],
    uses: tuple[str, ...],
    handling: str,
    own_unit_only: bool,
    silent: bool,
    until: datetime | None,
    profile: str,
    purpose: str,
    basis: str,
) -> None:
    """Restrict a record, or change its restriction. What is given holds together: everything given must admit somebody."""
    if not (countries or units or groups or uses or own_unit_only or handling != Handling.OFFICIAL):
        raise NothingToSet(options=BOUNDS)  # it would keep nobody out, and somebody would rely on it
    bounds = Bounds(
        reason=reason,
        countries=countries or None,
        units=() if own_unit_only else units or None,
        groups=groups or None,
        purposes=uses or None,
        handling=handling,
        silent=silent,
        until=until.replace(tzinfo=UTC) if until else None,
    )
    kind = Subject.parse(subject)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        click.echo(restrict_action(installation, actor, kind, record, bounds))


@restrict.command("lift")
@SUBJECT
@RECORD
@who_and_why
@click.pass_obj
def restrict_lift(wiring: Wiring, subject: str, record: UUID, profile: str, purpose: str, basis: str) -> None:
    """Lift the restriction that stands on a record, and on all that carries it."""
    kind = Subject.parse(subject)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        lifted = lift(installation, actor, kind, record)
    click.echo("lifted" if lifted else "nothing stood on it")


@restrict.command("show")
@SUBJECT
@RECORD
@who_and_why
@as_json
@click.pass_obj
def restrict_show(
    wiring: Wiring, subject: str, record: UUID, profile: str, purpose: str, basis: str, as_json: bool
) -> None:
    """Show what stands on a record of your unit."""
    kind = Subject.parse(subject)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = show_restriction(installation, actor, kind, record)
    if as_json:
        write_json(found)
    for line in () if as_json else _lines(found):
        click.echo(printable(line))


def _lines(found: Restricted) -> list[str]:
    lines = [f"{found.subject.lower()} {found.record}", *(["suspended by the hub"] if found.suspended else [])]
    bounds = found.bounds
    if bounds is None:
        return [*lines, "no restriction"]
    for name in ("countries", "units", "groups", "purposes"):
        given = getattr(bounds, name)
        if given is not None:
            lines.append(f"{name}: {', '.join(map(str, given)) or 'none but your unit'}")
    lines.append(f"handling: {bounds.handling}; {'silent' if bounds.silent else 'others are told whom to contact'}")
    return [*lines, f"until: {bounds.until or 'lifted'}", f"reason: {bounds.reason}"]


@click.group()
def clearance() -> None:
    """Clearance: up to which handling code a user of your country may know of what is restricted by it."""


@clearance.command("set")
@click.argument("user", type=WORDS)
@click.argument("code", metavar="CODE")
@who_and_why
@click.pass_obj
def clearance_set(wiring: Wiring, user: str, code: str, profile: str, purpose: str, basis: str) -> None:
    """Clear a user for OFFICIAL, RESTRICTED or CONFIDENTIAL, and what is below."""
    wanted = Handling.parse(code)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        clear_user(installation, actor, user_called(installation, actor, user), wanted)
    click.echo(f"{printable(user)} is cleared for {wanted}")
