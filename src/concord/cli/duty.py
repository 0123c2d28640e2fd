"""`concord duty`, `erase` and `export`: what needs two persons."""

import csv
from pathlib import Path
from uuid import UUID

import click
import msgspec

from concord.access.approval import Kind
from concord.actions import approve
from concord.actions.approve import Awaited, Duty
from concord.actions.erase import erase_records
from concord.actions.export import Export, Scope, ask_export, export_records
from concord.cli.draft import check_place, draft
from concord.cli.given import WORDS, as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.sheet import cell
from concord.cli.wiring import Wiring
from concord.errors import printable

COLUMNS = (
    "record", "id", "unit", "recorded_at", "purpose", "basis", "restricted", "suspended", "material", "contribution",
    "case", "instance", "person", "series", "reference", "name", "role", "state", "state_since", "label", "category",
    "path", "sha256", "sha1", "md5", "size_bytes", "format", "width_pixels", "height_pixels", "has_bytes", "statement",
    "value", "source",
)  # fmt: skip

REASON = click.option("--reason", type=WORDS, metavar="WORDS", help="Why, for the second person; with the first call.")


@click.group()
def duty() -> None:
    """The duty desk: what needs a second person, who is never the one who asked, nor in the same session."""


@duty.command("list")
@click.option("--all", "every", is_flag=True, help="What is decided, used or too old as well.")
@who_and_why
@as_json
@click.pass_obj
def duty_list(wiring: Wiring, every: bool, profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """List your own requests and those that you may decide, and who decides for another country."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        found = approve.list_duty(installation, actor, every)
    if as_json:
        write_json(*found.requests, *found.seconds)
        return
    for one in found.requests:
        click.echo(_line(one))
        click.echo(f"    {printable(one.reason)}")
    for named in found.seconds:
        click.echo(f"{named.user} ({named.user_country}) decides {named.kind} for {named.country}")


@duty.command("approve")
@click.argument("approval", type=click.UUID)
@click.option("--words", type=WORDS, default="approved", show_default=True)
@who_and_why
@click.pass_obj
def duty_approve(wiring: Wiring, approval: UUID, words: str, profile: str, purpose: str, basis: str) -> None:
    """Agree to exactly what was asked for. It is good for 30 minutes, once."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        approve.decide_request(installation, actor, approval, approved=True, words=words)
    click.echo("approved: whoever asked does the same again within 30 minutes")


@duty.command("refuse")
@click.argument("approval", type=click.UUID)
@click.option("--words", type=WORDS, required=True, help="Why not.")
@who_and_why
@click.pass_obj
def duty_refuse(wiring: Wiring, approval: UUID, words: str, profile: str, purpose: str, basis: str) -> None:
    """Refuse it."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        approve.decide_request(installation, actor, approval, approved=False, words=words)
    click.echo("refused")


@duty.command("second")
@click.option("--for", "kind", required=True, metavar="KIND", help=f"One of {Kind.known()}.")
@click.option("--user", required=True, type=click.UUID, help="By id, as the other side's `concord user list` shows it.")
@click.option("--end", is_flag=True, help="Not any more.")
@who_and_why
@click.pass_obj
def duty_second(wiring: Wiring, kind: str, user: UUID, end: bool, profile: str, purpose: str, basis: str) -> None:
    """Where your bureau has fewer than two who decide this: name somebody of another bureau or of the hub."""
    wanted = Kind.parse(kind)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        if end:
            stood = approve.end_second(installation, actor, wanted, user)
            click.echo("ended" if stood else "was not named")
            return
        approve.name_second(installation, actor, wanted, user)
        click.echo(f"{user} decides {wanted} for {actor.country} as long as it has fewer than two of its own")


@click.command()
@click.argument("records", nargs=-1, required=True, type=click.UUID, metavar="MATERIAL|CONTRIBUTION...")
@REASON
@who_and_why
@as_json
@click.pass_obj
def erase(
    wiring: Wiring,
    /,
    records: tuple[UUID, ...],
    reason: str | None,
    profile: str,
    purpose: str,
    basis: str,
    as_json: bool,
) -> None:
    """Erase what your unit entered. The first call asks for approval; the same again, once approved, erases."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        done = erase_records(installation, actor, records, reason)
    if as_json:
        write_json(done)
    elif isinstance(done, Awaited):
        click.echo(_asked(done, "give this command again"))
    else:
        click.echo(
            "erased: " + (", ".join(f"{what}: {count}" for what, count in done.counts.items() if count) or "nothing")
        )


@click.command()
@click.option(
    "--scope",
    type=click.Choice([one.value for one in Scope]),
    default=Scope.UNIT.value,
    show_default=True,
    help="Ask for whose records.",
)
@REASON
@click.option("--approval", type=click.UUID, help="The request that was approved: export it now.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="With --approval: the file; .csv makes it CSV."
)
@who_and_why
@as_json
@click.pass_obj
def export(
    wiring: Wiring,
    /,
    scope: str,
    reason: str | None,
    approval: UUID | None,
    out: Path | None,
    profile: str,
    purpose: str,
    basis: str,
    as_json: bool,
) -> None:
    """Export records of your unit or country as JSON lines or CSV. Perceptual values are never among them."""
    if (approval is None) != (out is None):
        raise click.UsageError("--approval and --out go together; without both, an approval is asked for.")
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        if approval is None or out is None:
            asked = ask_export(installation, actor, Scope(scope), reason)
            if as_json:
                write_json(asked)
            else:
                click.echo(_asked(asked, f"concord export --approval {asked.approval} --out FILE"))
            return
        check_place(out)
        made = export_records(installation, actor, approval)
        _write(made, out)
    if as_json:
        write_json(made.heading)
    else:
        click.echo(f"{out}: {sum(made.heading.counts.values())} records, export {made.heading.export}")


def _write(made: Export, path: Path) -> None:
    """Whole or not at all."""
    if path.suffix.lower() == ".csv":
        with draft(path, encoding="utf-8-sig", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(COLUMNS)
            for part in made.parts:
                sheet.writerows([cell(record.get(name)) for name in COLUMNS] for record in part)
        return
    lines = msgspec.json.Encoder()
    with draft(path, encoding="utf-8", newline="\n") as file:
        file.write(lines.encode_lines([made.heading]).decode())
        for part in made.parts:
            file.write(lines.encode_lines(part).decode())


def _asked(asked: Awaited, then: str) -> str:
    return (
        f"{asked.state.lower()}: {asked.kind} of {asked.counts}\n"
        f"A second person decides within 30 minutes: concord duty approve {asked.approval}\nThen: {then}"
    )


def _line(one: Duty) -> str:
    when = f"{one.requested_at:%Y-%m-%d %H:%M} UTC"
    return f"{one.approval}  {one.kind} {one.state}  {one.country}  {printable(one.counts)}  {when}"
