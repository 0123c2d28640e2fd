"""The program `concord`: its commands, and what becomes of an error."""

import sys
from typing import Any

import click

from concord import __version__
from concord.cli.administer import bureau, certificate, country, grant, revoke, user
from concord.cli.alerts import alerts
from concord.cli.ask import ask
from concord.cli.audit import audit
from concord.cli.demo import demo
from concord.cli.doctor import doctor
from concord.cli.duty import duty, erase, export
from concord.cli.enter import enter
from concord.cli.exits import status_of
from concord.cli.fingerprint import fingerprint
from concord.cli.foundation import database_sql
from concord.cli.glass import glass
from concord.cli.group import group
from concord.cli.index import index
from concord.cli.init import init
from concord.cli.intake import intake
from concord.cli.materials import materials
from concord.cli.migrate import migrate
from concord.cli.oidc import oidc
from concord.cli.ordinary import ordinary
from concord.cli.passkey import passkey
from concord.cli.pocket import pocket
from concord.cli.profile import profile
from concord.cli.propose import agree, decide, proposals, propose, refuse, withdraw
from concord.cli.restrict import clearance, restrict
from concord.cli.say import appearance, case, identify, person, series
from concord.cli.serve import serve
from concord.cli.statements import statements
from concord.cli.supervise import supervise
from concord.cli.suspend import suspend
from concord.cli.token import token
from concord.cli.unit import unit
from concord.errors import ConcordError
from concord.pocket.refusal import Refusal


class Program(click.Group):
    """Prints an error of ours as one line and exits with its status; anything else is a fault and shows its trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConcordError as error:
            click.echo(f"concord: {error}", err=True)
            sys.exit(status_of(error))
        except Refusal as refusal:
            click.echo(f"concord: {refusal}", err=True)
            sys.exit(refusal.status)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="concord")
def concord() -> None:
    """Is it new, known or identified? Ask, enter what is new, identify.

    Exit status: 0 every item answered, 1 could not run, 2 wrong usage, 3 some items failed.
    """


for command in (
    ask,
    enter,
    intake,
    ordinary,
    case,
    person,
    appearance,
    series,
    identify,
    restrict,
    group,
    alerts,
    suspend,
    duty,
    erase,
    export,
    glass,
    clearance,
    propose,
    agree,
    refuse,
    withdraw,
    decide,
    proposals,
    supervise,
    init,
    migrate,
    database_sql,
    profile,
    token,
    passkey,
    oidc,
    unit,
    user,
    grant,
    revoke,
    certificate,
    country,
    bureau,
    audit,
    fingerprint,
    statements,
    materials,
    index,
    doctor,
    serve,
    pocket,
    demo,
):
    concord.add_command(command)
