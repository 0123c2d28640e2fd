"""Somebody of a unit erases what of its own has run out, in his own name."""

import pytest

from concord.access.audit import AuditEntry
from concord.actions.enrol import OWNER
from concord.actions.erase_intake import erase_expired
from concord.errors import RoleNeeded
from concord.records.user import UserRole
from tests.actions.test_intake import held, let_expire, opened
from tests.desk import Desks
from tests.people import colleague


def test_somebody_of_the_unit_erases_its_own_expired_ones_and_nobody_elses(desks: Desks) -> None:
    ours, mate, theirs = desks.of("XA"), desks.of("XA"), desks.of("XB")
    intakes = [opened(desk, desk.picture("a.jpg")) for desk in (ours, mate, theirs)]
    open_still = opened(ours, ours.picture("b.jpg"))
    for intake in intakes:
        let_expire(intake)
    trainer = colleague(ours.actor, UserRole.TRAINER)
    with pytest.raises(RoleNeeded):
        erase_expired(ours.installation, trainer)
    erase_expired(ours.installation, ours.actor)
    assert [held(intake) > 0 for intake in (*intakes, open_still)] == [False, True, True, True]
    entries = AuditEntry.objects.using(OWNER).filter(verb="ERASE-INTAKE", user__in=[ours.actor.user, trainer.user])
    assert list(entries.order_by("at").values_list("outcome", "reason", "items")) == [
        ("REFUSED", "role_needed", []),
        ("DONE", None, [str(intakes[0])]),
    ]
