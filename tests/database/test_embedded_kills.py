"""The embedded server under kill -9: whatever dies, what was committed is there and the next start works."""

import contextlib
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from concord.database import embedded
from concord.database.cluster import Role, socket_directory
from concord.database.place import settle
from concord.database.terms import Terms

from .processes import (
    User,
    ask,
    data_of,
    gone,
    keeper_pid,
    kept,
    kill,
    kill_all,
    server_pid,
    server_processes,
    wait_until,
)

only_on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal of Linux")


def writing_user(home: Path, terms: Terms) -> User:
    with embedded.start(home, terms) as lease:
        ask(lease, "create table entry (n int)")
        user = User(home, terms)
        user.wait_ready()
        user.write()
        wait_until(lambda: (ask(lease, "select count(*) from entry") or 0) > 20)  # type: ignore[operator]
    return user


def assert_nothing_is_lost(home: Path, terms: Terms, user: User) -> None:
    acknowledged = user.acknowledged()
    assert acknowledged > 20
    with embedded.start(home, terms) as lease:
        present = ask(lease, f"select count(*) from entry where n < {acknowledged}")
        assert present == acknowledged


@only_on_linux
def test_after_a_kill_of_the_keeper_the_server_goes_and_the_next_start_works(home: Path, lasting: Terms) -> None:
    user = writing_user(home, lasting)
    before = server_pid(home, lasting)
    kill(keeper_pid(home, lasting))
    assert_nothing_is_lost(home, lasting, user)
    assert server_pid(home, lasting) != before
    assert gone(before)


def test_after_a_kill_of_everything_the_next_start_recovers(home: Path, lasting: Terms) -> None:
    user = writing_user(home, lasting)
    kill_all(home, lasting)
    assert_nothing_is_lost(home, lasting, user)


def test_after_a_kill_of_the_server_alone_the_next_start_recovers(home: Path, lasting: Terms) -> None:
    user = writing_user(home, lasting)
    kill(server_pid(home, lasting))
    assert_nothing_is_lost(home, lasting, user)


def test_a_busy_process_left_by_a_killed_server_is_ended_first(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms) as lease:
        connection = psycopg.connect(lease.conninfo(Role.OWNER))  # left to its thread, which ends with its server
        busy = connection.info.backend_pid
        threading.Thread(target=lambda: _ignore_loss(connection), daemon=True).start()
        observed = f"select state from pg_stat_activity where pid = {busy}"
        wait_until(lambda: ask(lease, observed, Role.BOOTSTRAP) == "active")
        kill(server_pid(home, terms))
        assert not gone(busy)
        with embedded.start(home, terms) as again:
            assert ask(again, "select 1") == 1
            assert gone(busy)


def _ignore_loss(connection: psycopg.Connection) -> None:
    """A computation that never looks whether its server still lives, and fills no disk."""
    with contextlib.suppress(psycopg.Error):
        connection.execute("select count(*) from (select generate_series(1, 4000000000)) as numbers")


@pytest.mark.parametrize("killed", [True, False], ids=["after a kill", "after a clean stop"])
def test_a_pid_file_that_names_a_living_stranger_is_not_believed(home: Path, lasting: Terms, killed: bool) -> None:
    with embedded.start(home, lasting) as lease:
        ask(lease, "create table kept as select 7 as n")
        claims = (data_of(home, lasting) / "postmaster.pid").read_text().split("\n")
    place = settle(home, lasting)
    pid = server_pid(home, lasting)
    kill_all(home, lasting) if killed else embedded.stop(home, lasting)
    wait_until(lambda: gone(pid))
    stranger = subprocess.Popen(["sleep", "600"], **place.account.as_child())
    try:
        claim = "\n".join([str(stranger.pid), *claims[1:]])
        (place.data / "postmaster.pid").write_text(claim)
        (socket_directory(place) / ".s.PGSQL.5432.lock").write_text(claim)
        with embedded.start(home, lasting) as lease:
            assert ask(lease, "select n from kept") == 7
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_empty_pid_file_left_by_a_power_cut_does_not_hinder(home: Path, terms: Terms) -> None:
    embedded.start(home, terms).close()
    embedded.stop(home, terms)
    (data_of(home, terms) / "postmaster.pid").touch()
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select 1") == 1


def test_where_servers_outlive_their_keeper_the_next_start_adopts_the_server(home: Path, terms: Terms) -> None:
    outliving = replace(terms, dies_with_keeper=False)
    with embedded.start(home, outliving) as lease:
        before, keeper = server_pid(home, outliving), keeper_pid(home, outliving)
        kill(keeper)
        with embedded.start(home, outliving) as again:
            assert server_pid(home, outliving) == before
            assert keeper_pid(home, outliving) != keeper
            assert ask(again, "select 1") == ask(lease, "select 1") == 1
    embedded.stop(home, outliving)
    assert server_processes(data_of(home, outliving)) == []


def test_an_adopted_server_is_stopped_too_when_its_last_user_has_gone(home: Path, terms: Terms) -> None:
    brief = replace(terms, linger_seconds=0.2, dies_with_keeper=False)
    with embedded.start(home, brief):
        kill(keeper_pid(home, brief))
        embedded.start(home, brief).close()
    wait_until(lambda: not kept(home, brief))
    assert server_processes(data_of(home, brief)) == []


@only_on_linux
def test_a_kill_in_the_middle_of_the_first_start_leaves_nothing_half_made(new_home: Path, terms: Terms) -> None:
    user = User(new_home, terms)
    wait_until(lambda: list(new_home.glob("database/.data-*/global/pg_control")))
    kill(keeper_pid(new_home, terms))
    user.acknowledged()
    assert user.process.returncode != 0
    assert not data_of(new_home, terms).exists()
    with embedded.start(new_home, terms) as lease:
        assert ask(lease, "select 1") == 1
    assert list(new_home.glob("database/.data-*")) == []


def test_a_starter_killed_leaves_a_start_that_others_can_use(new_home: Path, terms: Terms) -> None:
    user = User(new_home, terms)
    wait_until(lambda: list(new_home.glob("database/.data-*")))
    user.kill()
    with embedded.start(new_home, terms) as lease:
        assert ask(lease, "select 1") == 1
    assert settle(new_home, terms).log.read_text().count("starting PostgreSQL") == 1
