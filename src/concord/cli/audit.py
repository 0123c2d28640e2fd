"""`concord audit`: who did what, why."""

from datetime import UTC, datetime, timedelta

import click

from concord.access.audit import Verb
from concord.actions.read_audit import Noted, Wanted, Whose, read_audit
from concord.cli.given import as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable

NAMED_ITEMS = 3  # of an entry's, in a line for people


@click.command()
@click.option("--whose", type=click.Choice([one.value for one in Whose]), default=Whose.MINE.value, show_default=True)
@click.option("--verb", metavar="CODE", help="Of one kind only.")
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far back.")
@who_and_why
@as_json
@click.pass_obj
def audit(
    wiring: Wiring, /, whose: str, verb: str | None, days: int, profile: str, purpose: str, basis: str, as_json: bool
) -> None:
    """Read audit entries, newest first: your own; a supervisor the unit's; data protection and auditors the country's."""
    since = datetime.now(UTC) - timedelta(days=days)
    wanted = Wanted(Whose(whose), Verb.parse(verb) if verb else None, since)
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        after: str | None = None
        while True:
            page = read_audit(installation, actor, wanted, after)
            if as_json:
                write_json(*page.entries)
            for one in page.entries if not as_json else ():
                click.echo(_line(one, named=wanted.whose is not Whose.MINE))
            after = page.next
            if after is None:
                return


def _line(one: Noted, named: bool) -> str:
    """`named`: with who did it, as a list of several people needs."""
    items = ", ".join(printable(item) for item in one.items[:NAMED_ITEMS])
    more = f" and {one.item_count - NAMED_ITEMS} more" if one.item_count > NAMED_ITEMS else ""
    outcome = f"{one.outcome} ({one.reason})" if one.reason else one.outcome
    who = f"{printable(one.user_name or str(one.user))}  " if named else ""
    line = f"{one.at:%Y-%m-%d %H:%M:%S} UTC  {who}{one.verb} {outcome}  {one.purpose or 'no purpose'}  {items}{more}"
    return line.rstrip()
