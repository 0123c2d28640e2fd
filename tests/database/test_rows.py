"""The catalogue itself is asked: no table without owner, policy and force; nobody acts, nothing is read."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections, transaction
from django.db.utils import ProgrammingError

from concord.access.approval import Kind
from concord.access.audit import AuditEntry, write
from concord.actions.alerts import settle
from concord.actions.approve import Plan, request_approval
from concord.actions.glass import Breaking, open_glass
from concord.actions.installation import Installation
from concord.actions.open_intake import fill_intake, open_intake
from concord.actions.ordinary import add_ordinary
from concord.actions.propose import propose_edit
from concord.actions.say import add_appearance, add_person, open_series
from concord.actions.share import make_group, take_in
from concord.database.acting import acting, before_anybody
from concord.errors import NoActor
from concord.records.intake import BEFORE, PAGE
from concord.records.ordinary import NAMED
from concord.records.person import Person, Role
from concord.records.suspension import Subject
from tests.desk import Desk, Desks

# Tables without an owner column, and why.
OWNERLESS = {
    "country": "the directory: who takes part is known to all who do",
    "unit": "the directory: whom to call is what an answer tells",
    "app_user": "kept by the administration; read through sign_in_profile() only",
    "role_grant": "kept by the administration and its actions; read through sign_in_profile() only",
    "certificate": "kept by trainers' actions; read through sign_in_profile() only",
    "profile": "kept by the administration; read through sign_in_profile() only",
    "token": "kept by the administration; read through sign_in_token() only",
    "session": "a way in, not a record; read through open_session() and own_sessions() only",
    "passkey": "a way in; read through known_passkey() and own_passkeys() only",
    "passkey_invitation": "a way in; read through invited() only",
    "recovery_code": "a way in; read through spend_recovery_code() and own_codes_left() only",
    "identity_provider": "kept by the administration; read through provider_of() only",
    "identity_link": "kept by the administration; read through begin_session_with_link() only",
    "sign_in_tries": "counts of wrong tries by keyed hash; read through seconds_to_wait() only",
    "spent_challenge": "hashes of random numbers; read through spend_challenge() only",
    "material": "content belongs to nobody; it is seen through its instances",
    "fingerprint": "a function of content; it is seen through its instances",
    "group_member": "a part of a sharing group, seen with it by its owner and its members",
    "ask_trace": "what questions leave for the owners of what is silent; neither read nor written but through functions",
    "proposal_subject": "a part of a proposal, seen with it",
    "meter": "what users have spent; neither read nor written but through spend() and watch_reading()",
    "intake_item": "a part of an intake, seen with it by its unit alone",
    "ordinary_digest": "a part of a list, seen with it by its unit alone",
    "fingerprint_removal": "the matcher's feed; the program never reads it",
    "django_migrations": "which migrations ran; holds no record",
}


@pytest.fixture
def catalogue(installation: Installation) -> Iterator[psycopg.Cursor]:
    with connections["owner"].cursor() as cursor:
        yield cursor


def _tables(cursor: psycopg.Cursor) -> list[str]:
    cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
    return [name for (name,) in cursor.fetchall()]


def test_every_table_has_an_owner_or_a_stated_reason(catalogue: psycopg.Cursor) -> None:
    catalogue.execute("select table_name from information_schema.columns where column_name = 'owner_country'")
    owned = {name for (name,) in catalogue.fetchall()}
    tables = set(_tables(catalogue))
    assert tables - owned == OWNERLESS.keys()
    assert owned <= tables


def test_every_table_is_under_forced_row_level_security(catalogue: psycopg.Cursor) -> None:
    catalogue.execute(
        """select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)"""
    )
    assert catalogue.fetchall() == []


def test_every_table_has_a_policy(catalogue: psycopg.Cursor) -> None:
    catalogue.execute("select distinct tablename from pg_policies where schemaname = 'public'")
    assert {name for (name,) in catalogue.fetchall()} == set(_tables(catalogue))


def test_the_program_has_no_right_without_a_policy_for_it(catalogue: psycopg.Cursor) -> None:
    """A policy for everybody would widen silently: each names the role it is for."""
    catalogue.execute(
        "select tablename, policyname from pg_policies where schemaname = 'public' and 'public' = any(roles)"
    )
    assert catalogue.fetchall() == []


def test_no_role_of_the_program_is_owner_or_above_the_policies(catalogue: psycopg.Cursor) -> None:
    catalogue.execute(
        """select rolname from pg_roles
           where rolname in ('concord_app', 'concord_matcher') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)"""
    )
    assert catalogue.fetchall() == []
    catalogue.execute("select tablename from pg_tables where schemaname = 'public' and tableowner <> 'concord_owner'")
    assert catalogue.fetchall() == []


def test_no_global_unique_key_stands_on_rows_that_can_be_hidden(catalogue: psycopg.Cursor) -> None:
    """A violation would tell that the hidden row exists. Random ids, and keys within one unit or case, tell nothing."""
    catalogue.execute(
        """select t.relname, i.relname, array_agg(a.attname::text)
           from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
                join pg_attribute a on a.attrelid = i.oid
           where x.indisunique and exists (select from information_schema.columns c
                 where c.table_name = t.relname and c.column_name = 'owner_country')
           group by 1, 2"""
    )
    for table, index, columns in catalogue.fetchall():
        assert columns == ["id"] or {"owner_unit_id", "case_id"} & set(columns), f"{index} on {table}"


def _proposed_and_spent(desk: Desk, other: Desk, person: UUID) -> None:
    propose_edit(other.installation, other.actor, Subject.PERSON, person, "label", "P-2", "a reason")
    with connections["owner"].cursor() as cursor:
        values: list[str | UUID] = [desk.actor.user, other.actor.user, desk.actor.country, desk.actor.unit]
        cursor.execute(
            "insert into meter (user_id, meter, purpose, item, at) values (%s, 'VIEW', 'MISSING', '', now())",
            values[:1],
        )
        cursor.execute(
            """insert into widening (id, user_id, asked_by_id, owner_country, owner_unit_id, meter, more, reason, asked_at)
               values (gen_random_uuid(), %s, %s, %s, %s, 'VIEW', 1, 'a reason', now())""",
            values,
        )
        cursor.execute(
            """insert into reading_alert (id, user_id, owner_country, owner_unit_id, kind, at, count)
               values (gen_random_uuid(), %s, %s, %s, 'READING', now(), 60)""",
            [values[0], *values[2:]],
        )


@pytest.fixture
def a_row_in_every_table(desk: Desk, desks: Desks, catalogue: psycopg.Cursor) -> None:
    open_series(desk.installation, desk.actor, "S-1")
    (line,) = desk.enter(desk.picture("a.jpg"), series="S-1", own_country_only="a reason")
    person = add_person(desk.installation, desk.actor, Role.VICTIM, "P-1")
    assert line.material
    add_appearance(desk.installation, desk.actor, person, line.material)
    intake = open_intake(desk.installation, desk.actor, desk.case, desk.folder)
    list(fill_intake(desk.installation, desk.actor, intake))
    listing = desk.folder / "ordinary.txt"
    listing.write_text("ab" * 16)
    add_ordinary(desk.installation, desk.actor, "system", listing)
    make_group(desk.installation, desk.actor, "G-1")
    take_in(desk.installation, desk.actor, "G-1", "XA")
    desks.of("XB").ask(str(line.sha256))
    open_glass(desk.installation, desk.actor, Breaking("XB", "DANGER", "a reason"))
    request_approval(desk.installation, desk.actor, Plan(Kind.KEY, "a key", "1 key"), "a reason")
    catalogue.execute(
        """insert into second_person (id, owner_country, kind, user_id, user_country, user_unit_id, named_by_id, named_at)
           values (gen_random_uuid(), %s, 'KEY', %s, %s, %s, %s, now())""",
        [desk.actor.country, desk.actor.user, desk.actor.country, desk.actor.unit, desk.actor.user],
    )
    _proposed_and_spent(desk, desks.of("XC"), person)
    settle(desk.installation.config)
    desks.of("XB").ask(str(line.sha256))  # its trace stays
    catalogue.execute(
        """insert into suspension (id, owner_country, owner_unit_id, subject, record, reason, suspended_by_id, since)
           select gen_random_uuid(), owner_country, owner_unit_id, 'PERSON', id, 'a doubt', author_id, now()
           from person where id = %s""",
        [person],
    )


@pytest.mark.usefixtures("a_row_in_every_table")
@pytest.mark.parametrize("setting", [None, ""])
def test_the_database_answers_nobody(catalogue: psycopg.Cursor, setting: str | None) -> None:
    """Unset, or empty, which is what a setting is when its transaction is over."""
    with before_anybody(), connections["default"].cursor() as cursor:
        for table in set(_tables(catalogue)) - {"django_migrations"}:
            with (
                pytest.raises(ProgrammingError, match=r"no acting (country|unit|user) is set|permission denied"),
                transaction.atomic(),
            ):
                if setting is not None:
                    cursor.execute("select set_config('concord.country', %s, true)", [setting])
                cursor.execute(f'select count(*) from "{table}"')


@pytest.mark.parametrize("table", ["person", "unit", "audit_entry", "django_migrations"])
def test_the_program_asks_for_nobody_not_even_an_empty_table(installation: Installation, table: str) -> None:
    with pytest.raises(NoActor), connections["default"].cursor() as cursor:
        cursor.execute(f"select 1 from {table} where false")


def test_the_actor_is_gone_with_its_transaction(desk: Desk) -> None:
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        Person.objects.count()
    with pytest.raises(NoActor):
        Person.objects.count()
    with before_anybody(), connections["default"].cursor() as cursor:
        cursor.execute("select current_setting('concord.country', true)")
        assert cursor.fetchone() == ("",)


def test_acting_opens_the_transaction_itself(desk: Desk) -> None:
    with transaction.atomic(), pytest.raises(NoActor), acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        pass
    with pytest.raises(NoActor), acting("", desk.actor.unit, desk.actor.user):
        pass


def test_a_failed_act_rolls_back_and_leaves_nobody_acting(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError), acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        write(desk.actor, "ASK", desk.installation.clock(), ["rolled back"])  # type: ignore[arg-type]
        _ = 1 / 0
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        assert not AuditEntry.objects.filter(items__contains=["rolled back"]).exists()


def test_nobody_speaks_in_anothers_name(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        acting(ours.actor.country, ours.actor.unit, ours.actor.user),
    ):
        write(theirs.actor, "ASK", ours.installation.clock(), [])  # type: ignore[arg-type]


@pytest.mark.parametrize("statement", ["update audit_entry set items = '{}'", "delete from audit_entry"])
def test_audit_entries_are_never_changed(desk: Desk, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        acting(desk.actor.country, desk.actor.unit, desk.actor.user),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_country_reads_its_own_audit_entries_only(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    ours.ask("ab" * 32)
    with acting(theirs.actor.country, theirs.actor.unit, theirs.actor.user):
        assert not AuditEntry.objects.exclude(owner_country="XB").exists()


def test_the_matcher_reads_the_feed_and_nothing_else(installation: Installation, catalogue: psycopg.Cursor) -> None:
    tables = _tables(catalogue)
    with connections["matcher"].cursor() as cursor:
        for table in tables:
            if table in ("fingerprint", "fingerprint_removal"):
                cursor.execute(f"select count(*) from {table}")
                continue
            with pytest.raises(ProgrammingError, match="permission denied"):
                cursor.execute(f'select 1 from "{table}"')


def test_searches_use_their_index_under_the_policies(desk: Desk) -> None:
    """Comparisons of bytea are leakproof: the policy does not switch the index off."""
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user), connections["default"].cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        for column in ("sha256", "sha1", "md5"):
            cursor.execute(f"explain select id from instance where {column} = any(%s)", [[b"\0" * 32]])
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert f"instance_{column}" in plan
        for statement, values, index in (
            (BEFORE, [[b"\0" * 16]], "intake_item_once"),
            (PAGE, [uuid4(), 0, None, None, 10], "intake_item_pkey"),
            (NAMED, [[b"\0" * 16], [uuid4()]], "ordinary_digest_pkey"),
        ):
            cursor.execute(f"explain {statement}", values)
            assert index in "\n".join(line for (line,) in cursor.fetchall())
