"""An installation that is open while its embedded server dies: the next question works, or is refused by name."""

import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import psycopg
import pytest

from concord.config import read_config
from concord.database import embedded
from concord.database.cluster import Role
from concord.database.terms import DEFAULT
from concord.site.mark import MARK
from concord.vault.keys import make_keys
from tests.database.processes import PATIENCE_SECONDS, data_of, keeper_pid, kill, kill_all, server_processes, told
from tests.pictures import jpeg
from tests.serving import serving
from tests.shell import WHO, Shell

# Holds an installation open; answers each line, a file's path, by what an officer would get.
_ASKER = """
import sys
from pathlib import Path
from concord.config import read_config
from concord.site import wiring
config = read_config()
wiring.prepare_django(config)
from concord.access.actor import sign_in
from concord.actions.ask import ask
from concord.cli.profiles import read_profile
from concord.errors import ConcordError
installation = wiring.open_installation(config)
print("open", flush=True)
for line in sys.stdin:
    try:
        actor = sign_in(read_profile(config.profiles, "default"))
        (answer,) = ask(installation, actor, [Path(line.strip())])
        print(answer.answer, flush=True)
    except ConcordError as error:
        print(error.code, flush=True)
installation.close()
"""
REFUSED = {"database_unavailable", "database_lost"}


class Asker:
    def __init__(self, shell: Shell) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ASKER],
            env=shell.all_variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.heard() == "open"

    def heard(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def ask(self, path: Path) -> str:
        assert self.process.stdin
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return self.heard()

    def ask_until_answered(self, path: Path) -> list[str]:
        """All it said: refusals while the server recovers, then an answer."""
        said = [self.ask(path)]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while said[-1] in REFUSED and time.monotonic() < deadline:
            time.sleep(0.1)
            said.append(self.ask(path))
        return said


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    home = Path(tempfile.mkdtemp(prefix="c-"))
    opened = Shell(home)
    try:
        opened.run("init", *WHO)
        opened.run("case", "open", "C-1")
        yield opened
    finally:
        embedded.remove(home)
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def known(shell: Shell) -> Path:
    path = shell.home / "known.jpg"
    path.write_bytes(jpeg(1))
    shell.run("enter", path, "--case", "C-1")
    return path


@pytest.fixture(scope="module")
def near(shell: Shell, known: Path) -> Path:
    path = shell.home / "near.jpg"
    path.write_bytes(jpeg(1, quality=60))
    return path


@pytest.fixture
def asker(shell: Shell, near: Path) -> Iterator[Asker]:
    opened = Asker(shell)
    yield opened
    opened.process.communicate(timeout=PATIENCE_SECONDS)
    assert opened.process.returncode == 0


def _kill_everything(home: Path) -> None:
    kill_all(home, DEFAULT)


def _kill_the_server(home: Path) -> None:
    kill(*(process.pid for process in server_processes(data_of(home, DEFAULT))))


def _kill_the_keeper(home: Path) -> None:
    kill(keeper_pid(home, DEFAULT))


def _kill_one_backend(home: Path) -> None:
    """The one that serves the program. The server then throws everybody out and recovers by itself."""
    titles = told(data_of(home, DEFAULT), psutil.Process.cmdline)
    kill(next(pid for pid, title in titles.items() if Role.APP in " ".join(title)))


def _stop(home: Path) -> None:
    embedded.stop(home)


@pytest.mark.parametrize("fall", [_kill_everything, _kill_the_server, _kill_the_keeper, _kill_one_backend, _stop])
def test_whatever_happens_to_the_server_no_answer_is_wrong_and_asking_goes_on(
    shell: Shell, asker: Asker, known: Path, near: Path, fall: object
) -> None:
    assert (asker.ask(known), asker.ask(near)) == ("KNOWN", "KNOWN")
    assert callable(fall)
    fall(shell.home)
    for path in (near, known):
        *refusals, answer = asker.ask_until_answered(path)
        assert answer == "KNOWN"
        assert set(refusals) <= REFUSED


def test_a_server_that_died_before_is_no_hindrance_to_the_next_command(shell: Shell, near: Path) -> None:
    with contextlib.closing(embedded.start(shell.home)):
        kill_all(shell.home, DEFAULT)
    assert json.loads(shell.run("ask", near, "--json"))["answer"] == "KNOWN"


def test_pages_and_programs_are_served_on_after_a_kill(shell: Shell, near: Path) -> None:
    token = shell.run("token", "issue", "--label", "test").split()[-1]
    with serving(shell.home) as port:
        assert _asked(port, token, near) == (200, "KNOWN")
        kill_all(shell.home, DEFAULT)
        replies = [_asked(port, token, near)]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while replies[-1][0] == 503 and time.monotonic() < deadline:
            replies.append(_asked(port, token, near))
        assert replies[-1] == (200, "KNOWN")
        assert all(reply in {(503, code) for code in REFUSED} for reply in replies[:-1])


def _asked(port: int, token: str, path: Path) -> tuple[int, str]:
    """Status, and the answer or the error's code."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    connection.request("POST", "/api/v1/ask", path.read_bytes(), headers)
    response = connection.getresponse()
    body = json.loads(response.read())
    return response.status, body["answer"] if response.status == 200 else body["error"]["code"]


def test_keys_without_a_mark_are_no_installation(tmp_path: Path) -> None:
    make_keys(read_config({"CONCORD_HOME": str(tmp_path)}).keys)
    assert "There is no installation" in Shell(tmp_path).run("migrate", status=1)


# ---- the keys -----------------------------------------------------------------------------------------------------


@pytest.fixture
def exchanged(shell: Shell, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The file of a key that is another installation's for the length of the test."""
    path = shell.home / "keys" / request.param
    ours = path.read_bytes()
    path.write_bytes(bytes(32))
    yield path
    path.write_bytes(ours)


@pytest.mark.parametrize("exchanged", ["identity", "vault-root"], indirect=True)
@pytest.mark.parametrize("command", [("ask", "ab" * 32), ("migrate",), ("case", "open", "C-2")])
def test_with_another_key_nothing_is_opened(shell: Shell, exchanged: Path, command: tuple[str, ...]) -> None:
    said = " ".join(shell.run(*command, status=1).split())
    assert f"{exchanged}: not the key" in said
    assert MARK in said
    assert "backup" in said


@pytest.mark.parametrize("exchanged", ["identity", "vault-root"], indirect=True)
def test_the_database_tells_another_key_as_well(shell: Shell, exchanged: Path) -> None:
    """A host that shares it may have been given a mark and keys that fit one another and nothing else."""
    mark = shell.home / MARK
    ours = mark.read_text()
    mark.write_text(json.dumps({"version": "0.1.0", "demo": False, "keys": {}}))
    try:
        for command in ("migrate", "doctor"):
            said = " ".join(shell.run(command, status=1).split())
            assert f"{exchanged}: not the key" in said
            assert "its database" in said
        mark.unlink()
        assert f"{exchanged}: not the key" in " ".join(shell.run("init", *WHO, status=1).split())
        assert not mark.exists()
    finally:
        mark.write_text(ours)


@pytest.mark.parametrize("exchanged", ["web"], indirect=True)
def test_another_key_of_the_sessions_does_no_harm(shell: Shell, exchanged: Path, near: Path) -> None:
    assert json.loads(shell.run("ask", near, "--json"))["answer"] == "KNOWN"


def test_a_mark_written_anew_by_hand_is_enough(shell: Shell, near: Path) -> None:
    (shell.home / MARK).write_text(json.dumps({"version": "0.1.0", "demo": False, "keys": {}}))
    assert json.loads(shell.run("ask", near, "--json"))["answer"] == "KNOWN"


def test_a_database_of_the_first_versions_learns_its_keys_when_it_is_migrated(shell: Shell) -> None:
    with embedded.start(shell.home) as lease, psycopg.connect(lease.conninfo(Role.OWNER)) as connection:
        connection.execute("comment on table unit is null")
        connection.commit()
        shell.run("case", "open", "C-3")
        assert connection.execute(_COMMENT).fetchone() == (None,)
        shell.run("migrate")
        told = connection.execute(_COMMENT).fetchone()
        assert told is not None
        assert set(re.findall(r'"([a-z-]+)"', told[0])) == {"identity", "vault-root"}


_COMMENT = "select obj_description('unit'::regclass, 'pg_class')"
