"""`concord propose`, `agree`, `refuse`, `withdraw`, `decide`, `proposals`: what others say is theirs to change."""

from collections.abc import Sequence
from uuid import UUID

import click

from concord.actions import propose as proposing
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable
from concord.records.suspension import Subject

PROPOSAL = click.argument("proposal", type=click.UUID)
REASON = click.option("--reason", required=True, type=WORDS, help="Why; whoever is asked reads it.")


@click.group()
def propose() -> None:
    """Propose a change of what others say, or a merge. What is your own is done at once."""


@propose.command("edit")
@click.argument("kind")
@click.argument("record", type=click.UUID)
@click.argument("field")
@click.argument("value", type=WORDS)
@REASON
@who_and_why
@as_json
@click.pass_obj
def propose_edit(
    wiring: Wiring, /, kind: str, record: UUID, field: str, value: str, reason: str, profile: str, purpose: str, basis: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Set FIELD of a person, series or contribution to VALUE. `merged_into none` takes a merge back."""
    subject = Subject.parse(kind)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        made = proposing.propose_edit(installation, actor, subject, record, field, value, reason)
    write_json(made) if as_json else click.echo(f"{made.proposal}  {made.state.lower()}")


@propose.command("merge")
@click.argument("kind")
@click.argument("records", type=click.UUID, nargs=-1, required=True)
@REASON
@who_and_why
@as_json
@click.pass_obj
def propose_merge(
    wiring: Wiring, /, kind: str, records: Sequence[UUID], reason: str, profile: str, purpose: str, basis: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Merge series or persons into the first of RECORDS. All whom it touches have to agree."""
    subject = Subject.parse(kind)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        made = proposing.propose_merge(installation, actor, subject, records, reason)
    write_json(made) if as_json else click.echo(f"{made.proposal}  {made.state.lower()}")


@click.command()
@PROPOSAL
@click.option("--words", default="", type=WORDS, help="What you want to say with it.")
@who_and_why
@click.pass_obj
def agree(wiring: Wiring, proposal: UUID, words: str, profile: str, purpose: str, basis: str) -> None:
    """Agree to a proposal, for your unit. The last to agree has it done."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        click.echo(proposing.answer_proposal(installation, actor, proposal, True, words).lower())


@click.command()
@PROPOSAL
@REASON
@who_and_why
@click.pass_obj
def refuse(wiring: Wiring, proposal: UUID, reason: str, profile: str, purpose: str, basis: str) -> None:
    """Refuse a proposal, for your unit: it ends."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        click.echo(proposing.answer_proposal(installation, actor, proposal, False, reason).lower())


@click.command()
@PROPOSAL
@who_and_why
@click.pass_obj
def withdraw(wiring: Wiring, proposal: UUID, profile: str, purpose: str, basis: str) -> None:
    """Withdraw a proposal that your unit made."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        click.echo(proposing.withdraw_proposal(installation, actor, proposal).lower())


@click.command()
@PROPOSAL
@click.option("--accept/--decline", "accepts", required=True, default=None)
@REASON
@who_and_why
@click.pass_obj
def decide(wiring: Wiring, proposal: UUID, accepts: bool, reason: str, profile: str, purpose: str, basis: str) -> None:
    """Decide a proposal that its owners did not answer in time, for the hub."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        click.echo(proposing.decide_proposal(installation, actor, proposal, accepts, reason).lower())


@click.command()
@click.option("--all", "every", is_flag=True, help="Those that are over as well.")
@who_and_why
@as_json
@click.pass_obj
def proposals(wiring: Wiring, every: bool, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List what your unit proposed, and what it is asked about; at the hub, what it has to decide."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = proposing.list_proposals(installation, actor, every)
    if as_json:
        write_json(*found)
    for one in () if as_json else found:
        what = f"{one.field} = {one.value}" if one.field else "merge"
        click.echo(f"{one.proposal}  {one.state.lower()}  until {one.due_at:%Y-%m-%d %H:%M} UTC")
        click.echo(printable(f"    {one.subject.lower()} {', '.join(map(str, one.records))}: {what}"))
        click.echo(printable(f"    by {one.by.unit} ({one.by.country}): {one.reason}"))
        for voice in one.voices:
            answer = {True: "agrees", False: "refuses", None: "has not answered"}[voice.agreed]
            said = f": {voice.words}" if voice.words else ""
            click.echo(printable(f"    {voice.owner.unit} ({voice.owner.country}) {answer}{said}"))
