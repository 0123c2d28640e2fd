"""The embedded server with real processes and real kills."""

import contextlib
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from concord.database import binaries, embedded, lock
from concord.database.account import reachable_by_all
from concord.database.cluster import Role, socket_directory
from concord.database.place import settle
from concord.database.terms import Terms
from concord.errors import DatabaseUnavailable

from .processes import (
    User,
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

AS_ROOT = os.geteuid() == 0
only_as_root = pytest.mark.skipif(not AS_ROOT, reason="needs root, to act as several accounts")
only_on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal of Linux")


@pytest.fixture
def terms(folder: Path) -> Terms:
    """Not durable: spares most tests the disk. It makes a difference only when something is killed."""
    return Terms(linger_seconds=5, patience_seconds=60, state=folder / "state", durable=False)


@pytest.fixture
def lasting(terms: Terms) -> Terms:
    return replace(terms, durable=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, unlike tmp_path, and open to other accounts, as a folder for a server of root's should be."""
    path = Path(tempfile.mkdtemp(prefix="t-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def home(folder: Path, terms: Terms) -> Iterator[Path]:
    path = folder / "home"
    yield path
    embedded.remove(path, terms)


def ask(lease: embedded.Lease, statement: str, role: Role = Role.OWNER) -> object:
    with psycopg.connect(lease.conninfo(role), autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


# ---- a server for whoever asks ------------------------------------------------------------------------------------


def test_the_first_start_makes_a_server_with_its_roles_and_database(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms) as lease:
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


@pytest.fixture(scope="module")
def running() -> Iterator[embedded.Lease]:
    with embedded.throwaway() as lease:
        yield lease


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


def test_commits_wait_for_the_disk_unless_the_home_is_a_throwaway(home: Path, lasting: Terms) -> None:
    with embedded.start(home, lasting) as lease:
        assert [ask(lease, f"show {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
            "on"
        ] * 3


def test_a_second_start_finds_the_same_server(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms), embedded.start(home, terms) as second:
        pid = server_pid(home, terms)
        ask(second, "create table kept (n int)")
        assert [process.pid for process in server_processes(data_of(home, terms)) if process.ppid() != pid] == [pid]


def test_what_was_entered_is_there_after_a_stop(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms) as lease:
        ask(lease, "create table kept as select 7 as n")
    embedded.stop(home, terms)
    assert server_processes(data_of(home, terms)) == []
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select n from kept") == 7


@pytest.mark.parametrize("attempt", range(4))
def test_starts_at_once_on_a_new_home_make_one_server(home: Path, terms: Terms, attempt: int) -> None:
    users = [User(home, terms) for _ in range(3)]
    seen = {user.wait_ready() for user in users}
    for user in users:
        user.leave()
    assert len(seen) == 1
    assert settle(home, terms).log.read_text().count("starting PostgreSQL") == 1


def test_threads_of_one_process_share_the_server(home: Path, terms: Terms) -> None:
    results: list[object] = []

    def use() -> None:
        with embedded.start(home, terms) as lease:
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
        descriptor = lock.try_exclusive(settle(home, terms).users_lock)
        assert descriptor is not None
        os.close(descriptor)
    finally:
        os.close(writing)
        assert os.waitpid(child, 0)[1] == 0
        os.close(reading)


def test_a_program_started_by_a_user_does_not_keep_the_server_up(home: Path, terms: Terms) -> None:
    lease = embedded.start(home, terms)
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        lease.close()
        descriptor = lock.try_exclusive(settle(home, terms).users_lock)
        child.kill()
    assert descriptor is not None
    os.close(descriptor)


def test_closing_a_lease_twice_closes_nothing_of_anybody_else(home: Path, terms: Terms) -> None:
    lease = embedded.start(home, terms)
    lease.close()
    other = os.open("/", os.O_RDONLY)  # likely under the number that has become free
    lease.close()
    os.close(other)


# ---- kills --------------------------------------------------------------------------------------------------------


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
    """A computation that never looks whether its server still lives."""
    with contextlib.suppress(psycopg.Error):
        connection.execute("select count(*) from generate_series(1, 4000000000)")


@pytest.mark.parametrize("killed", [True, False], ids=["after a kill", "after a clean stop"])
def test_a_pid_file_that_names_a_living_stranger_is_not_believed(home: Path, terms: Terms, killed: bool) -> None:
    with embedded.start(home, terms) as lease:
        ask(lease, "create table kept as select 7 as n")
        claims = (data_of(home, terms) / "postmaster.pid").read_text().split("\n")
    place = settle(home, terms)
    pid = server_pid(home, terms)
    kill_all(home, terms) if killed else embedded.stop(home, terms)
    wait_until(lambda: gone(pid))
    with subprocess.Popen(["sleep", "600"], **place.account.as_child()) as stranger:
        claim = "\n".join([str(stranger.pid), *claims[1:]])
        (place.data / "postmaster.pid").write_text(claim)
        (socket_directory(place) / ".s.PGSQL.5432.lock").write_text(claim)
        with embedded.start(home, terms) as lease:
            assert ask(lease, "select n from kept") == 7
        assert stranger.poll() is None
        stranger.kill()


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
def test_a_kill_in_the_middle_of_the_first_start_leaves_nothing_half_made(home: Path, terms: Terms) -> None:
    user = User(home, terms)
    wait_until(lambda: list(home.glob("database/.data-*/global/pg_control")))
    kill(keeper_pid(home, terms))
    user.acknowledged()
    assert user.process.returncode != 0
    assert not data_of(home, terms).exists()
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select 1") == 1
    assert list(home.glob("database/.data-*")) == []


def test_a_starter_killed_leaves_a_start_that_others_can_use(home: Path, terms: Terms) -> None:
    user = User(home, terms)
    wait_until(lambda: list(home.glob("database/.data-*")))
    user.kill()
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select 1") == 1
    assert settle(home, terms).log.read_text().count("starting PostgreSQL") == 1


# ---- it cannot run ------------------------------------------------------------------------------------------------


def test_a_server_that_cannot_start_is_reported_with_its_own_words(home: Path, terms: Terms) -> None:
    embedded.start(home, terms).close()
    embedded.stop(home, terms)
    (data_of(home, terms) / "global" / "pg_control").unlink()
    with pytest.raises(DatabaseUnavailable, match="could not find the database system|pg_control"):
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


# ---- places -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["with a space", "it's", 'a "quoted" \\ name', "comma, and space", "Übung 机"])
def test_a_home_may_have_an_unusual_name(folder: Path, terms: Terms, name: str) -> None:
    home = folder / name
    try:
        with embedded.start(home, terms) as lease:
            assert ask(lease, "select 1") == 1
            with psycopg.connect(lease.url(Role.APP)) as connection:
                assert connection.execute("select 1").fetchone() == (1,)
    finally:
        embedded.remove(home, terms)


def test_a_home_too_deep_for_a_socket_gets_a_private_one_elsewhere(folder: Path, terms: Terms) -> None:
    home = folder / ("deep" * 20) / ("deeper" * 20)
    try:
        with embedded.start(home, terms) as lease:
            assert ask(lease, "select 1") == 1
            directory = lease.socket_directory
            assert home not in directory.parents
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        kill_all(home, terms)
        embedded.start(home, terms).close()  # what was left in that directory does not hinder
    finally:
        embedded.remove(home, terms)
    assert not directory.exists()


def test_nothing_listens_on_the_network(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms):
        processes = server_processes(data_of(home, terms))
        assert len(processes) > 1
        assert [process.net_connections(kind="inet") for process in processes] == [[]] * len(processes)


def test_removing_a_home_leaves_nothing_and_a_new_one_is_empty(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms) as lease:
        ask(lease, "create table kept (n int)")
    embedded.remove(home, terms)
    assert list(home.iterdir()) == []
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select to_regclass('kept')") is None


def test_stopping_or_removing_what_never_was_does_nothing(folder: Path, terms: Terms) -> None:
    embedded.stop(folder / "nothing", terms)
    embedded.remove(folder / "nothing", terms)
    assert not (folder / "nothing").exists()


# ---- accounts -----------------------------------------------------------------------------------------------------


@only_as_root
def test_for_root_the_server_runs_without_rights(home: Path, terms: Terms) -> None:
    with embedded.start(home, terms):
        assert {process.username() for process in server_processes(data_of(home, terms))} == {"nobody"}
        assert stat.S_IMODE(data_of(home, terms).stat().st_mode) == 0o700


@only_as_root
def test_for_root_a_private_home_stays_private_and_its_data_lie_elsewhere(folder: Path, terms: Terms) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    home = private / "home"
    with embedded.start(home, terms) as lease:
        ask(lease, "create table kept as select 7 as n")
    embedded.stop(home, terms)
    data = data_of(home, terms)
    assert terms.state in data.parents
    private.chmod(0o755)  # from now on the home would do, but the data are where they are
    with embedded.start(home, terms) as lease:
        assert ask(lease, "select n from kept") == 7
    embedded.remove(home, terms)
    assert stat.S_IMODE(private.stat().st_mode) == 0o755
    assert not data.parent.exists()


@only_as_root
@pytest.mark.parametrize(
    ("account", "words"),
    [("daemon", "Permission denied"), ("nobody", "Peer authentication failed")],
    ids=["an ordinary account cannot reach the socket", "the server's own account is not let in"],
)
@pytest.mark.parametrize("role", Role)
def test_another_account_of_this_machine_is_refused(
    running: embedded.Lease, account: str, words: str, role: Role
) -> None:
    psql = binaries.find().path("psql")
    if not reachable_by_all(psql):
        pytest.skip("the programs lie where other accounts cannot run them")
    command = [psql, "--no-psqlrc", "--command=select 1", running.conninfo(role)]
    done = subprocess.run(
        command, user=account, group="nogroup", extra_groups=[], cwd="/", env={}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert words in done.stderr


@only_as_root
def test_the_folder_of_another_account_is_refused(folder: Path, terms: Terms) -> None:
    (folder / "theirs" / "database").mkdir(parents=True)
    shutil.chown(folder / "theirs" / "database", "daemon")
    with pytest.raises(DatabaseUnavailable, match="belongs to user id"):
        embedded.start(folder / "theirs", terms)


@only_as_root
def test_an_ordinary_account_runs_its_own_server(folder: Path, terms: Terms) -> None:
    python = python_for_all(folder)
    theirs = folder / "theirs"
    theirs.mkdir(mode=0o700)
    shutil.chown(theirs, "daemon", "nogroup")
    own = Terms(linger_seconds=0.2, patience_seconds=60, state=folder / "never")
    first, second = (User(theirs / "home", own, python, "daemon") for _ in range(2))
    assert first.wait_ready() == second.wait_ready()
    data = theirs / "home" / "database" / "data"
    assert {process.username() for process in server_processes(data)} == {"daemon"}
    assert stat.S_IMODE((theirs / "home").stat().st_mode) == 0o700
    first.kill()
    second.leave()
    wait_until(lambda: not server_processes(data))
    assert not own.state.exists()


def python_for_all(folder: Path) -> str:
    """An interpreter with this one's packages that any account can run; skips the test where there is none."""
    packages, source = Path(psutil.__file__).parent.parent, Path(embedded.__file__).parents[2]
    if not (reachable_by_all(packages) and reachable_by_all(source)):
        pytest.skip("the packages lie where other accounts cannot read them")
    if reachable_by_all(Path(sys.executable)):
        return sys.executable
    version = "import sys; print(sys.version_info[:2])"
    system = "/usr/bin/python3"
    found = subprocess.run([system, "-c", version], capture_output=True, text=True) if Path(system).exists() else None
    if found is None or found.stdout.strip() != str(sys.version_info[:2]):
        pytest.skip("no interpreter of this version that other accounts can run")
    subprocess.run([system, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    (own_packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (own_packages / "borrowed.pth").write_text(f"{packages}\n{source}\n")
    return str(folder / "venv" / "bin" / "python")
