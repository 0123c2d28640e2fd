"""The whole program on a PostgreSQL of one's own, in processes, as an operator and an officer run it."""

import json
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import pytest

from concord.database import vetting
from concord.database.cluster import Role
from concord.database.vetting import OLDEST_MAJOR
from concord.errors import ServerTooOld
from tests.database.servers import PASSWORD, VARIABLES, OwnServer, own_server, skip_without, system_programs
from tests.pictures import jpeg
from tests.serving import serving, status
from tests.shell import WHO, Shell

NOWHERE = "ab" * 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("by-url")


@pytest.fixture(scope="module")
def shell(own: OwnServer, folder: Path) -> Shell:
    """An installation on that server; the application comes over the network, the others by the socket."""
    by_socket = {name: own.url(role, by_socket=True) for name, role in VARIABLES.items() if role is not Role.APP}
    opened = Shell(folder / "home", own.urls() | by_socket)
    opened.run("init", *WHO)
    return opened


# ---- the story ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pictures(shell: Shell, folder: Path) -> tuple[Path, Path]:
    """One that was entered and whose victim is identified, and a copy that was saved again."""
    entered, copy = folder / "a.jpg", folder / "b.jpg"
    entered.write_bytes(jpeg(1))
    copy.write_bytes(jpeg(1, quality=60))
    shell.run("case", "open", "C-1")
    assert shell.run("ask", entered).startswith("+ new")
    material = json.loads(shell.run("enter", entered, "--case", "C-1", "--json"))["material"]
    assert shell.run("ask", entered).startswith("= known")
    person = json.loads(shell.run("person", "add", "--role", "VICTIM", "--label", "P-1", "--json"))["person"]
    shell.run("appearance", "add", "--person", person, "--material", material)
    shell.run("identify", person)
    return entered, copy


def test_an_officers_day_by_url(shell: Shell, own: OwnServer, pictures: tuple[Path, Path]) -> None:
    answers = [json.loads(line) for line in shell.run("ask", *pictures, NOWHERE, "--json").splitlines()]
    found = [(one["answer"], one["match"]) for one in answers]
    assert found == [("IDENTIFIED", "exact"), ("IDENTIFIED", "near"), ("NEW", "none")]
    found = shell.run("doctor")
    assert "by URL" in found
    assert f"PostgreSQL {own.ask('show server_version_num')[0][0][:2]}" in found
    assert not (shell.home / "database").exists()


def test_no_role_that_works_is_above_the_policies(shell: Shell, own: OwnServer) -> None:
    held = own.ask(
        "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname like 'concord%'"
    )
    above = {name for name, *powers in held if any(powers)}
    assert len(held) == 4
    assert above == {"concord_backup"}
    owners = own.ask("select distinct tableowner from pg_tables where schemaname = 'public'")
    assert owners == [("concord_owner",)]


def test_laying_the_foundation_again_changes_nothing(shell: Shell, own: OwnServer) -> None:
    before = own.ask("select datacl::text, datdba from pg_database where datname = 'concord'")
    assert own.lay_foundation() == ""
    assert own.ask("select datacl::text, datdba from pg_database where datname = 'concord'") == before
    shell.run("ask", NOWHERE)


def test_the_command_prints_what_the_embedded_server_runs(shell: Shell) -> None:
    printed = shell.run("database-sql")
    folder = Path(vetting.__file__).parent
    for name in ("cluster.sql", "concord.sql"):
        assert (folder / name).read_text() in printed


def test_an_administrator_who_is_no_superuser_can_lay_the_foundation(tmp_path: Path, programs: Path) -> None:
    """As on a hosted server. Only what needs a superuser is left out, and is said."""
    with own_server(programs) as hosted:
        hosted.psql(f"create role landlord login createrole createdb password '{PASSWORD}';")
        said = hosted.lay_foundation("landlord")
        assert "WARNING" in said
        assert "concord_backup" in said
        shell = Shell(tmp_path / "home", hosted.urls())
        shell.run("init", *WHO)
        shell.run("ask", NOWHERE)
        member = "select pg_has_role('landlord', 'concord_owner', 'usage')"
        assert hosted.ask(member) == [(False,)]


# ---- what is refused ----------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there(shell: Shell) -> None:
    nobody = {"CONCORD_DATABASE_URL": f"postgresql://concord_app:{'p' * 30}@127.0.0.1:1/concord"}
    said = shell.run("ask", NOWHERE, status=1, **nobody)
    assert "The database cannot be reached" in said
    assert "127.0.0.1" in said
    assert "p" * 30 not in said
    assert "NOT WORKING" in shell.run("doctor", status=1, **nobody)


def test_a_wrong_password(shell: Shell, own: OwnServer) -> None:
    wrong = own.urls("no such word")
    for variable in ("CONCORD_DATABASE_URL", "CONCORD_DATABASE_MATCHER_URL"):
        said = shell.run("ask", _a_picture(shell), status=1, **{variable: wrong[variable]})
        assert "password authentication failed" in said
        assert "no such word" not in said
        assert "no%20such" not in said


def _a_picture(shell: Shell) -> Path:
    path = shell.home.parent / "question.jpg"
    path.write_bytes(jpeg(2))
    return path


@pytest.mark.parametrize(
    ("role", "cause"),
    [
        ("admin", "is a superuser"),
        ("concord_owner", "owns the tables"),
        ("concord_backup", "bypasses row-level security"),
        ("concord_matcher", "is not concord_app"),
    ],
)
def test_a_role_above_the_policies_may_not_be_the_programs(shell: Shell, own: OwnServer, role: str, cause: str) -> None:
    said = shell.run("ask", NOWHERE, status=1, CONCORD_DATABASE_URL=own.url(role))
    assert f"The database role {role} may not work as concord_app: it {cause}" in said


@pytest.mark.parametrize(
    ("change", "back", "cause"),
    [
        ("alter role concord_app bypassrls", "alter role concord_app nobypassrls", "bypasses row-level security"),
        ("alter role concord_app superuser", "alter role concord_app nosuperuser", "is a superuser"),
        ("grant concord_owner to concord_app", "revoke concord_owner from concord_app", "owns the tables"),
        ("grant concord_matcher to concord_app", "revoke concord_matcher from concord_app", "as well"),
        ("grant admin to concord_app", "revoke admin from concord_app", "is a superuser, or can become one"),
    ],
)
def test_a_right_given_later_is_noticed_at_the_next_opening(
    shell: Shell, own: OwnServer, change: str, back: str, cause: str
) -> None:
    own.ask(change)
    try:
        assert cause in shell.run("ask", NOWHERE, status=1)
    finally:
        own.ask(back)
    shell.run("ask", NOWHERE)


def test_the_matcher_too_has_only_its_own_rights(shell: Shell, own: OwnServer) -> None:
    said = shell.run("ask", _a_picture(shell), status=1, CONCORD_DATABASE_MATCHER_URL=own.url("concord_app"))
    assert "The database role concord_app may not work as concord_matcher" in said


def test_a_server_too_old_is_named_with_what_is_needed(own: OwnServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vetting, "OLDEST_MAJOR", 99)
    with (
        psycopg.connect(own.conninfo(Role.APP), autocommit=True) as connection,
        pytest.raises(ServerTooOld, match=r"PostgreSQL \d+, and 99"),
    ):
        vetting.vet(connection, Role.APP)
    assert OLDEST_MAJOR == 15


def test_roles_that_lead_to_two_databases_are_not_mixed(shell: Shell, own: OwnServer) -> None:
    """An index that follows another database would say NEW of what is known."""
    own.ask("create database other")
    try:
        elsewhere = own.url(Role.MATCHER, database="other")
        said = shell.run("ask", _a_picture(shell), status=1, CONCORD_DATABASE_MATCHER_URL=elsewhere)
        assert "not the one that this process opened" in said
    finally:
        own.ask("drop database other")


def test_a_database_that_holds_an_installation_is_not_taken_for_a_second(shell: Shell, tmp_path: Path) -> None:
    said = replace(shell, home=tmp_path / "second").run("init", *WHO, status=1)
    assert "holds an installation already" in said
    shell.run("ask", NOWHERE)


def test_without_its_foundation_nothing_is_made_and_the_way_out_is_named(
    tmp_path: Path, shell: Shell, own: OwnServer
) -> None:
    own.ask("create database bare")
    try:
        said = replace(shell, home=tmp_path / "home", environment=own.urls(database="bare")).run("init", *WHO, status=1)
        assert "concord database-sql" in said
        assert own.ask("select from pg_tables where schemaname = 'public'", database="bare") == []
    finally:
        own.ask("drop database bare")


# ---- an older and a newer schema ------------------------------------------------------------------------------------


def test_a_database_older_than_the_program_is_refused_until_it_is_migrated(tmp_path: Path, shell: Shell) -> None:
    with own_server(skip_without(system_programs(), "PostgreSQL server programs")) as fresh:
        fresh.lay_foundation()
        restored = replace(shell, environment=fresh.urls())  # a home, and an empty database beside it
        said = restored.run("ask", NOWHERE, status=1)
        assert "records.0001_initial" in said
        assert "concord migrate" in said
        assert "concord migrate" in restored.run("doctor", status=1)
        assert "applied records.0001_initial" in restored.run("migrate")
        assert restored.run("migrate") == "The database is up to date.\n"
        restored.run("doctor")


def test_a_dump_restored_on_another_server_answers_as_before(
    tmp_path: Path, shell: Shell, own: OwnServer, pictures: tuple[Path, Path]
) -> None:
    """As docs/operations.md tells it: dumped as concord_backup, restored by an administrator, migrated."""
    dump = tmp_path / "dump"
    try:
        own.ask("update fingerprint set xid = '1000000000'")  # as if that server had counted much further
        own.tool("pg_dump", Role.BACKUP, "--format=custom", f"--file={dump}", "concord")
    finally:
        own.ask("update fingerprint set xid = pg_current_xact_id()")
    with own_server(own.programs) as fresh:
        fresh.lay_foundation()
        fresh.tool("pg_restore", "admin", "--exit-on-error", "--dbname=concord", dump)
        restored = replace(shell, environment=fresh.urls())
        restored.run("migrate")
        assert fresh.ask(
            "select count(*) filter (where xid > pg_current_xact_id()), count(*) > 0 from fingerprint"
        ) == [(0, True)]
        answers = [json.loads(restored.run("ask", path, "--json"))["answer"] for path in pictures]
        assert answers == ["IDENTIFIED", "IDENTIFIED"]


def test_a_server_is_not_ready_while_the_schema_is_another(shell: Shell, own: OwnServer) -> None:
    with serving(shell.home, shell.environment) as port:
        assert status(port, "/readyz") == 200
        own.ask("insert into django_migrations (app, name, applied) values ('records', '9999_later', now())")
        try:
            assert _ready(port) == (503, {"ready": False, "waiting_for": ["schema"]})
            assert "newer than this program" in shell.run("ask", NOWHERE, status=1)
            assert "newer than this program" in shell.run("migrate", status=1)
        finally:
            own.ask("delete from django_migrations where name = '9999_later'")
        assert status(port, "/readyz") == 200
        assert status(port, "/healthz") == 200


def _ready(port: int) -> tuple[int, object]:
    connection = HTTPConnection("127.0.0.1", port, timeout=180)
    connection.request("GET", "/readyz")
    response = connection.getresponse()
    return response.status, json.loads(response.read())


# ---- passwords, and a server that goes ----------------------------------------------------------------------------


def test_a_server_that_restarts_is_used_again_by_who_has_it_open(shell: Shell, own: OwnServer) -> None:
    with serving(shell.home, shell.environment) as port:
        own.stop()
        try:
            code, body = _ready(port)
            assert (code, body) == (503, {"ready": False, "waiting_for": ["schema", "index"]})
            assert "cannot be reached" in shell.run("ask", NOWHERE, status=1)
        finally:
            own.start()
        assert _ready(port) == (200, {"ready": True, "waiting_for": []})


def test_passwords_are_in_no_output_no_log_and_no_process_list(shell: Shell, own: OwnServer) -> None:
    """Comes last: it looks at all that the tests above made the program say."""
    with serving(shell.home, shell.environment):
        lines = "\n".join(" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
    assert "concord serve" in lines
    everything = [lines, *shell.said, own.log.read_text()]
    everything += [path.read_text(errors="replace") for path in shell.home.rglob("*") if path.is_file()]
    for text in everything:
        assert PASSWORD not in text
        assert quote(PASSWORD, safe="") not in text
    assert len(shell.said) > 10
