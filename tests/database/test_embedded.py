"""The embedded server with real processes and real kills."""

import os
import random
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from concord.database import embedded, lock
from concord.database.cluster import Role
from concord.database.place import settle
from concord.database.terms import Terms
from concord.errors import DatabaseUnavailable

from .processes import (
    User,
    ask,
    data_of,
    kept,
    server_pid,
    server_processes,
    told,
    wait_until,
)

# ---- a server for whoever asks ------------------------------------------------------------------------------------


def test_the_first_start_makes_a_server_with_its_roles_and_database(new_home: Path, terms: Terms) -> None:
    with embedded.start(new_home, terms) as lease:
        facts = {
            role: ask(
                lease, "select (rolsuper, rolbypassrls, rolcreatedb)::text from pg_roles where rolname=user", role
            )
            for role in Role
        }
        assert facts == {
            Role.OWNER: "(f,f,f)",
            Role.APP: "(f,f,f)",
            Role.MATCHER: "(f,f,f)",
            Role.BACKUP: "(f,t,f)",
            Role.BOOTSTRAP: "(t,t,t)",
        }
        assert ask(lease, "select pg_has_role('concord_backup', 'pg_read_all_data', 'usage')") is True
        assert ask(lease, "select datdba::regrole::text from pg_database where datname = 'concord'") == "concord_owner"
        assert (
            ask(lease, "select nspowner::regrole::text from pg_namespace where nspname = 'public'") == "concord_owner"
        )


@pytest.mark.parametrize("role", [Role.APP, Role.MATCHER, Role.BACKUP])
@pytest.mark.parametrize(
    "what", ["create table mine (n int)", "create temporary table mine (n int)", "create schema mine"]
)
def test_only_the_owner_can_make_anything(running: embedded.Lease, role: Role, what: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(running, what, role)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("idle_in_transaction_session_timeout", "10min"),
        ("timezone", "UTC"),
    ],
)
def test_the_server_is_set_as_meant(running: embedded.Lease, setting: str, value: str) -> None:
    assert ask(running, f"show {setting}") == value


def test_the_database_sorts_by_code_point_whatever_the_machine(running: embedded.Lease) -> None:
    known = ask(running, "select format('%s %s', datlocprovider, datlocale) from pg_database where datname = 'concord'")
    assert known == "b C.UTF-8"


def test_a_lease_gives_a_url_too(running: embedded.Lease) -> None:
    with psycopg.connect(running.url(Role.APP)) as connection:
        assert connection.execute("select session_user, current_database()").fetchone() == ("concord_app", "concord")


def test_commits_wait_for_the_disk_unless_the_home_is_a_throwaway(new_home: Path, lasting: Terms) -> None:
    with embedded.start(new_home, lasting) as lease:
        assert [ask(lease, f"show {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
            "on"
        ] * 3


def test_a_second_start_finds_the_same_server(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms), embedded.start(home, terms) as second:
        pid = server_pid(home, terms)
        ask(second, "create table kept (n int)")
        parents = told(data_of(home, terms), psutil.Process.ppid)
        assert [one for one, parent in parents.items() if parent != pid] == [pid]


def test_what_was_entered_is_there_after_a_stop(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms) as lease:
        ask(lease, "create table kept as select 7 as n")
    embedded.stop(home, terms)
    assert server_processes(data_of(home, terms)) == []
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select n from kept") == 7


@pytest.mark.parametrize("attempt", range(4))
def test_starts_at_once_on_a_new_home_make_one_server(new_home: Path, terms: Terms, attempt: int) -> None:
    users = [User(new_home, terms) for _ in range(3)]
    seen = {user.wait_ready() for user in users}
    for user in users:
        user.leave()
    assert len(seen) == 1
    assert settle(new_home, terms).log.read_text().count("starting PostgreSQL") == 1


def test_threads_of_one_process_share_the_server(new_home: Path, terms: Terms) -> None:
    results: list[object] = []

    def use() -> None:
        with embedded.start(new_home, terms) as lease:
            results.append(ask(lease, "select 1"))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [1] * 4


# ---- coming and going ---------------------------------------------------------------------------------------------


def test_a_user_killed_does_not_take_the_server_from_another(home: Path, terms: Terms) -> None:
    first, second = User(home, terms), User(home, terms)
    assert first.wait_ready() == second.wait_ready()
    first.kill()
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select 1") == 1
    assert second.process.poll() is None
    second.leave()
    assert second.process.returncode == 0


def test_the_server_stops_cleanly_when_its_last_user_has_gone(home: Path, terms: Terms) -> None:
    brief = replace(terms, linger_seconds=0.2)
    first, second = User(home, brief), User(home, brief)
    first.wait_ready()
    second.wait_ready()
    first.kill()
    second.leave()
    wait_until(lambda: not kept(home, brief))
    assert server_processes(data_of(home, brief)) == []
    assert settle(home, brief).log.read_text().rstrip().endswith("database system is shut down")


def test_the_server_stays_while_a_lease_is_held(home: Path, terms: Terms) -> None:
    brief = replace(terms, linger_seconds=0)
    with embedded.start(home, brief) as lease:
        pid = server_pid(home, brief)
        with embedded.start(home, brief):
            pass
        assert ask(lease, "select pg_sleep(0.5) is null") is False  # ten looks of the keeper
        assert server_pid(home, brief) == pid


def test_a_newcomer_at_the_moment_of_the_stop_gets_a_working_server(home: Path, terms: Terms) -> None:
    brief = replace(terms, linger_seconds=0)
    chance = random.Random(20)
    for _ in range(20):
        with embedded.start(home, brief) as lease:
            assert ask(lease, "select 1") == 1
        threading.Event().wait(chance.uniform(0, 0.12))


def test_many_who_come_and_go_always_get_a_working_server(home: Path, terms: Terms) -> None:
    brief = replace(terms, linger_seconds=0)
    for _ in range(5):
        users = [User(home, brief) for _ in range(3)]
        for user in users:
            user.wait_ready()
            user.leave()
            assert user.process.returncode == 0


def unused(home: Path, terms: Terms) -> bool:
    """Asked until it is so: the keeper, too, holds that lock for a moment at each of its looks."""
    descriptor = lock.try_exclusive(settle(home, terms).users_lock)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is not None


def test_a_forked_child_does_not_keep_the_server_up(home: Path, terms: Terms) -> None:
    reading, writing = os.pipe()
    lease = embedded.start(home, terms)
    child = os.fork()
    if not child:
        os.close(writing)
        os.read(reading, 1)  # until the parent has seen enough
        lease.close()
        os._exit(0)
    try:
        lease.close()
        wait_until(lambda: unused(home, terms))
    finally:
        os.close(writing)
        assert os.waitpid(child, 0)[1] == 0
        os.close(reading)


def test_a_program_started_by_a_user_does_not_keep_the_server_up(home: Path, terms: Terms) -> None:
    lease = embedded.start(home, terms)
    child = subprocess.Popen(["sleep", "600"], close_fds=False)
    try:
        lease.close()
        wait_until(lambda: unused(home, terms))
    finally:
        child.kill()
        child.wait()


def test_closing_a_lease_twice_closes_nothing_of_anybody_else(home: Path, terms: Terms) -> None:
    lease = embedded.start(home, terms)
    lease.close()
    other = os.open("/", os.O_RDONLY)  # likely under the number that has become free
    lease.close()
    os.close(other)


# ---- it cannot run ------------------------------------------------------------------------------------------------


def test_a_server_that_cannot_start_is_reported_with_its_own_words(home: Path, terms: Terms) -> None:
    embedded.start(home, terms).close()
    embedded.stop(home, terms)
    (data_of(home, terms) / "global" / "pg_control").unlink()
    with pytest.raises(DatabaseUnavailable, match="pg_control"):
        embedded.start(home, terms)
    assert not kept(home, terms)


def test_lost_data_are_reported_and_not_replaced_by_an_empty_database(home: Path, terms: Terms) -> None:
    embedded.start(home, terms).close()
    embedded.stop(home, terms)
    shutil.rmtree(data_of(home, terms))
    with pytest.raises(DatabaseUnavailable, match="Restore them from the backup"):
        embedded.start(home, terms)


def test_data_of_another_postgresql_are_refused(home: Path, terms: Terms) -> None:
    embedded.start(home, terms).close()
    embedded.stop(home, terms)
    (data_of(home, terms) / "PG_VERSION").write_text("17\n")
    with pytest.raises(DatabaseUnavailable, match="made by PostgreSQL 17"):
        embedded.start(home, terms)


def test_a_home_that_is_a_file_is_refused(folder: Path, terms: Terms) -> None:
    (folder / "file").touch()
    with pytest.raises(DatabaseUnavailable, match="cannot be used"):
        embedded.start(folder / "file", terms)


def test_who_waits_longer_than_the_patience_gets_an_error_and_no_lock_remains(home: Path, terms: Terms) -> None:
    embedded.start(home, terms).close()
    embedded.stop(home, terms)
    with (
        lock.exclusive(settle(home, terms).start_lock, deadline=0),
        pytest.raises(DatabaseUnavailable, match=r"start\.lock"),
    ):
        embedded.start(home, replace(terms, patience_seconds=0.1))
    embedded.start(home, terms).close()


def test_roles_that_were_lost_come_back_when_the_program_brings_a_new_definition(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms) as lease:
        ask(lease, "alter role concord_app with createdb", Role.BOOTSTRAP)
    embedded.stop(home, terms)
    (settle(home, terms).base / "foundation").write_text("of an earlier version")
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select rolcreatedb from pg_roles where rolname = 'concord_app'") is False
