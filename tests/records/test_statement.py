"""Statements in the database: known where their instance is, said by whoever entered it, and nothing else."""

from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.db.utils import IntegrityError, ProgrammingError

from concord.access.actor import Actor
from concord.database.acting import acting
from concord.records.material import Instance
from concord.records.statement import Statement, write_statements
from tests.desk import Desk, Desks

PLACE = ("gps.position", "1.0000000,2.0000000", "exif")


def entered(desk: Desk, **terms: object) -> UUID:
    """The id of a new instance."""
    (line,) = desk.enter(desk.picture(f"{uuid4()}.jpg"), **terms)
    with on_behalf(desk.actor):
        return Instance.objects.get(material_id=line.material).id


def on_behalf(actor: Actor) -> acting:  # type: ignore[valid-type]
    return acting(actor.country, actor.unit, actor.user)


def kinds_of(instance: UUID, reader: Desk) -> set[str]:
    with on_behalf(reader.actor):
        return set(Statement.objects.filter(instance_id=instance).values_list("kind", flat=True))


def test_a_statement_is_known_to_all_who_know_the_instance(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    instance = entered(ours)
    assert kinds_of(instance, ours) == kinds_of(instance, theirs) == {"quantisation.tables", "quantisation.quality"}


def test_a_statement_is_hidden_with_its_instance(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    instance = entered(ours, own_country_only="a running operation")
    assert kinds_of(instance, ours)
    assert kinds_of(instance, theirs) == set()


def test_a_statement_that_lost_its_restriction_is_still_hidden_with_its_instance(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    instance = entered(ours, own_country_only="a running operation")
    with connections["owner"].cursor() as cursor:
        cursor.execute("update statement set restriction_id = null where instance_id = %s", [instance])
    assert kinds_of(instance, theirs) == set()


def test_it_carries_the_grounds_of_its_instance(desk: Desk) -> None:
    instance = entered(desk, own_country_only="a running operation")
    grounds = ("recorded_at", "purpose", "basis", "restriction_id", "material_id")
    columns = ("owner_country_id", "owner_unit_id", "author_id", *grounds)
    with on_behalf(desk.actor):
        (said,) = set(Statement.objects.filter(instance_id=instance).values_list(*columns))
        assert said == Instance.objects.values_list(*columns).get(pk=instance)


def test_saying_it_again_changes_nothing(desk: Desk) -> None:
    instance = entered(desk)
    with on_behalf(desk.actor):
        said = Statement.objects.filter(instance_id=instance)
        before = said.count()
        for _ in range(2):
            write_statements([(instance, *PLACE)])
        assert said.count() == before + 1


def test_a_statement_of_no_instance_is_not_made(desk: Desk) -> None:
    never = uuid4()
    with on_behalf(desk.actor):
        write_statements([(never, *PLACE)])
        write_statements([])
    assert kinds_of(never, desk) == set()


def test_nobody_lets_anothers_file_say_something(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    instance = entered(ours)
    with pytest.raises(ProgrammingError, match="row-level security"), on_behalf(theirs.actor):
        write_statements([(instance, *PLACE)])
    with pytest.raises(ProgrammingError, match="row-level security"), on_behalf(theirs.actor):
        found = Statement.objects.filter(instance_id=instance)[0]
        found.pk, found.owner_country_id, found.owner_unit_id = uuid4(), theirs.actor.country, theirs.actor.unit
        found.author_id, found.kind = theirs.actor.user, PLACE[0]
        found.save(force_insert=True)


@pytest.mark.parametrize("statement", ["update statement set value = 'x'", "delete from statement"])
def test_what_a_file_said_is_not_changed(desk: Desk, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        on_behalf(desk.actor),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "said", [("gps.position", "x" * 201, "exif"), ("", "x", "exif"), ("software", "", "exif"), ("software", "x", "me")]
)
def test_the_database_bounds_what_is_said(desk: Desk, said: tuple[str, str, str]) -> None:
    instance = entered(desk)
    with pytest.raises(IntegrityError, match="statement_sizes"), on_behalf(desk.actor):
        write_statements([(instance, *said)])


def test_searching_by_serial_number_uses_its_index_under_the_policies(desk: Desk) -> None:
    with on_behalf(desk.actor), connections["default"].cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain select id from statement where kind = %s and value = %s", ["camera.serial", "6001234"])
        assert "statement_value" in "\n".join(line for (line,) in cursor.fetchall())
