"""*Erase* an intake: at once, or because its time is over."""

from uuid import UUID

from django.db import connection

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.rules import demand, owned_by_own_unit
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.database.acting import acting, before_anybody, rows
from concord.errors import UnknownRecord
from concord.matching.watch import Watch
from concord.records.intake import EXPIRE, Intake, erase, lock


def erase_intake(installation: Installation, actor: Actor, intake: UUID) -> None:
    """Names, digests, fingerprints and answers go; what was entered from it stays. Raises UnknownRecord."""
    erase_expired(actor)
    with act(actor, Verb.ERASE_INTAKE, installation.clock) as entry:
        entry.name(intake)
        if not lock(intake):
            raise UnknownRecord(what="intake", name=intake)
        demand(owned_by_own_unit, actor, Intake.objects.get(pk=intake))
        erase(intake)


def erase_expired(actor: Actor) -> None:
    """Those of all units whose time is over; nobody is told which, or whether there were any. Each leaves an entry in the
    name of who opened it."""
    with acting(actor.country, actor.unit, actor.user):
        rows(EXPIRE, [])


def erase_overdue() -> None:
    """The same in nobody's name. Raises DatabaseUnavailable, DatabaseLost."""
    with before_anybody():
        rows(EXPIRE, [])


def watch_intakes() -> Watch:
    """For a server: what is due goes though nobody of any unit comes by. No connection is kept between two looks."""

    def look() -> None:
        try:
            erase_overdue()
        finally:
            connection.close()

    return Watch(look, "intakes whose time is over could not be erased")
