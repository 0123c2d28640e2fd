"""Where the embedded server lies and as whom it runs."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from concord.database import binaries, embedded
from concord.database.account import reachable_by_all
from concord.database.cluster import Role
from concord.database.terms import Terms
from concord.errors import DatabaseUnavailable, HomeMoved

from .processes import (
    User,
    ask,
    data_of,
    kill_all,
    server_processes,
    told,
    wait_until,
)

AS_ROOT = os.geteuid() == 0
only_as_root = pytest.mark.skipif(not AS_ROOT, reason="needs root, to act as several accounts")


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
        heard = told(data_of(home, terms), lambda process: process.net_connections(kind="inet"))
        assert len(heard) > 1
        assert not any(heard.values())


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
        assert set(told(data_of(home, terms), psutil.Process.username).values()) == {"nobody"}
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


@pytest.fixture
def private_home(folder: Path, terms: Terms) -> Iterator[Path]:
    """A home whose data lie elsewhere, with something in them."""
    home = folder / "private"
    home.mkdir(mode=0o700)
    with embedded.start(home, terms) as lease:
        ask(lease, "create table kept as select 7 as n")
    embedded.stop(home, terms)
    yield home
    embedded.remove(home, terms)


@only_as_root
def test_a_copy_of_a_home_never_shares_the_database_of_the_first(
    folder: Path, terms: Terms, private_home: Path
) -> None:
    copy = folder / "copy"
    shutil.copytree(private_home, copy)
    for touch in (embedded.start, embedded.stop, embedded.remove):
        with pytest.raises(HomeMoved) as refused:
            touch(copy, terms)
        assert all(str(path) in str(refused.value) for path in (copy, private_home, copy / "database" / "installation"))
    with embedded.start(private_home, terms) as lease:
        assert ask(lease, "select n from kept") == 7


@only_as_root
def test_a_home_that_was_moved_says_what_to_do_and_that_helps(folder: Path, terms: Terms, private_home: Path) -> None:
    moved = folder / "moved"
    private_home.rename(moved)
    with pytest.raises(HomeMoved):
        embedded.start(moved, terms)
    record = moved / "database" / "installation"
    record.write_text(record.read_text().replace(str(private_home), str(moved)))
    with embedded.start(moved, terms) as lease:
        assert ask(lease, "select n from kept") == 7
    embedded.stop(moved, terms)
    moved.rename(private_home)
    record = private_home / "database" / "installation"
    record.write_text(record.read_text().replace(str(moved), str(private_home)))


@only_as_root
def test_another_way_to_the_same_home_is_no_copy(folder: Path, terms: Terms, private_home: Path) -> None:
    (folder / "link").symlink_to(private_home)
    with embedded.start(folder / "link", terms) as lease:
        assert ask(lease, "select n from kept") == 7


def test_a_copy_of_a_home_with_its_data_inside_has_its_own_database(folder: Path, home: Path, terms: Terms) -> None:
    with embedded.start(home, terms) as lease:
        ask(lease, "create table kept as select 7 as n")
    embedded.stop(home, terms)
    copy = folder / "copy"
    subprocess.run(["cp", "-a", home, copy], check=True)
    try:
        with embedded.start(copy, terms) as theirs, embedded.start(home, terms) as ours:
            ask(theirs, "update kept set n = 8")
            assert ask(ours, "select n from kept") == 7
    finally:
        embedded.remove(copy, terms)


@pytest.mark.parametrize(
    "content", ["", "{", "null", "[]", "{}", '{"installation": "x"}', '{"installation": 1, "elsewhere": 1}']
)
def test_a_damaged_record_of_the_place_is_refused_by_name(folder: Path, terms: Terms, content: str) -> None:
    record = folder / "home" / "database" / "installation"
    record.parent.mkdir(parents=True)
    record.write_text(content)
    with pytest.raises(DatabaseUnavailable, match=f"{record}.*damaged.*backup"):
        embedded.start(folder / "home", terms)


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
    own = Terms(linger_seconds=0.2, patience_seconds=180, state=folder / "never")
    first, second = (User(theirs / "home", own, python, "daemon") for _ in range(2))
    assert first.wait_ready() == second.wait_ready()
    data = theirs / "home" / "database" / "data"
    assert set(told(data, psutil.Process.username).values()) == {"daemon"}
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
