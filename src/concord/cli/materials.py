"""`concord materials`: what was entered, with the ids that other commands want."""

import click

from concord.actions.list_materials import PAGE_ITEMS, Listed, list_materials
from concord.cli.given import as_json, who_and_why
from concord.cli.paper import write_json
from concord.cli.wiring import Wiring
from concord.errors import printable


@click.command()
@click.option("--country", "whole_country", is_flag=True, help="What other units of your country entered as well.")
@click.option("--limit", type=click.IntRange(1), help="So many at most; without it, all.")
@who_and_why
@as_json
@click.pass_obj
def materials(
    wiring: Wiring, /, whole_country: bool, limit: int | None, profile: str, purpose: str, basis: str, as_json: bool
) -> None:
    """List what your unit entered, newest first: file, material, and the contribution that restricting wants."""
    with wiring.acting(profile, purpose, basis) as (installation, actor):
        after, left = None, limit
        while left is None or left > 0:
            items = PAGE_ITEMS if left is None else min(PAGE_ITEMS, left)
            page = list_materials(installation, actor, after, items, own_unit=not whole_country)
            if as_json:
                write_json(*page.materials)
            for one in page.materials if not as_json else ():
                click.echo(_line(one))
            after = page.next
            left = None if left is None else left - len(page.materials)
            if after is None:
                return


def _line(one: Listed) -> str:
    how = "" if one.has_bytes else "  (by digest only)"
    return (
        f"{one.recorded_at:%Y-%m-%d %H:%M} UTC  {printable(one.path) or one.sha256}{how}\n"
        f"    file {one.instance}  contribution {one.contribution}\n    material {one.material}"
    )
