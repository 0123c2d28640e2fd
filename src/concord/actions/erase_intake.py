"""*Erase* an intake: at once, or because its time is over."""

from uuid import UUID

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.rules import demand, owned_by_own_unit
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.actions.watching import watching
from concord.database.acting import before_anybody, fresh_rows, rows
from concord.errors import UnknownRecord
from concord.matching.watch import Watch
from concord.records.intake import EXPIRE, Intake, erase, lock


def erase_intake(installation: Installation, actor: Actor, intake: UUID) -> None:
    """Names, digests, fingerprints and answers go; what was entered from it stays. Raises UnknownRecord."""
    erase_overdue()
    with act(actor, Verb.ERASE_INTAKE, installation.clock) as entry:
        entry.name(intake)
        if not lock(intake):
            raise UnknownRecord(what="intake", name=intake)
        demand(owned_by_own_unit, actor, Intake.objects.get(pk=intake))
        erase(intake)


def erase_expired(installation: Installation, actor: Actor) -> None:
    """Those of one's own unit whose time is over; they are named in the entry. Raises NotAllowed."""
    with act(actor, Verb.ERASE_INTAKE, installation.clock) as entry:
        entry.name(*(intake for (intake,) in fresh_rows("select erase_own_expired_intakes()", [])))


def erase_overdue() -> None:
    """Those of all units, in nobody's name: a server does it as it runs, else whoever comes next, who learns nothing. Each leaves
    an entry in the name of who opened it. Raises DatabaseUnavailable, DatabaseLost."""
    with before_anybody():
        rows(EXPIRE, [])


def watch_intakes() -> Watch:
    """For a server: what is due goes though nobody of any unit comes by."""
    return watching(erase_overdue, "intakes whose time is over could not be erased")
