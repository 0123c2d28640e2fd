"""Where the audit entry cannot be written, nothing is shown and nothing is done."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from django.db import connections
from django.db.utils import ProgrammingError
from django.test import Client

from concord.access.audit import AuditEntry
from concord.actions.ask_intake import ask_intake
from concord.actions.list_materials import list_materials
from concord.actions.open_intake import fill_intake, open_intake
from concord.actions.read_audit import Wanted, read_audit
from concord.actions.read_statements import read_statements
from concord.actions.say import open_series
from concord.actions.show_intake import summarise_intake
from concord.actions.sweep import sweep
from concord.media import walk_names
from concord.records.series import Series
from concord.site import urls
from tests.api.program import Program
from tests.desk import Desk
from tests.officers import Officers


@pytest.fixture
def unwritable(desk: Desk) -> Iterator[Callable[[], None]]:
    """From its call on, the program may not write entries."""

    def take() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("revoke insert on audit_entry from concord_app")

    yield take
    with connections["owner"].cursor() as cursor:
        cursor.execute("grant insert on audit_entry to concord_app")


def _entries(desk: Desk) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute('select count(*) from audit_entry where "user" = %s', [desk.actor.user])
        return int(cursor.fetchone()[0])


def test_no_action_shows_or_does_anything(desk: Desk, unwritable: Callable[[], None]) -> None:
    (line,) = desk.enter(desk.picture("a.jpg"))
    intake = open_intake(desk.installation, desk.actor, desk.case, desk.folder, days=1)
    list(fill_intake(desk.installation, desk.actor, intake))
    before = _entries(desk)
    unwritable()
    attempts: list[Callable[[], object]] = [
        lambda: desk.ask_texts([str(line.sha256)]),
        lambda: desk.ask(desk.folder / "a.jpg"),
        lambda: list(sweep(desk.installation, desk.actor, walk_names([desk.folder]))),
        lambda: list_materials(desk.installation, desk.actor, None, 10),
        lambda: read_statements(desk.installation, desk.actor, str(line.material)),
        lambda: summarise_intake(desk.installation, desk.actor, intake),
        lambda: list(ask_intake(desk.installation, desk.actor, intake)),
        lambda: read_audit(desk.installation, desk.actor, Wanted()),
        lambda: open_series(desk.installation, desk.actor, "unwritten"),
    ]
    for attempt in attempts:
        with pytest.raises(ProgrammingError, match="permission denied for table audit_entry"):
            attempt()
    assert _entries(desk) == before
    with desk.actor.acting(desk.installation.clock()):
        assert not Series.objects.filter(name="unwritten", owner_unit_id=desk.actor.unit).exists()
        assert AuditEntry.objects.filter(user=desk.actor.user).exists()  # it is writing that fails


def test_the_interface_tells_nothing(desk: Desk, officers: Officers, unwritable: Callable[[], None]) -> None:
    urls.publish(desk.installation)
    (line,) = desk.enter(desk.picture("a.jpg"))
    program = Program(officers.token(desk.actor), Client(SERVER_NAME="localhost", raise_request_exception=False))
    known = program.post("ask", {"item": line.sha256})
    assert known.status_code == 200
    unwritable()
    for told in (program.post("ask", {"item": line.sha256}), program.get("materials"), program.get("audit")):
        assert told.status_code == 500
        assert str(line.sha256).encode() not in told.content
        assert str(line.material).encode() not in told.content


def test_a_refusal_whose_entry_cannot_be_written_is_no_answer_either(
    desk: Desk, unwritable: Callable[[], None]
) -> None:
    unwritable()
    with pytest.raises(ProgrammingError):
        list_materials(desk.installation, replace(desk.actor, purpose=None), None, 10)
