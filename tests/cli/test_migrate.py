"""`concord migrate` on an installation whose tables are those of an earlier program: of none at all."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from concord.database import embedded
from concord.database.cluster import Role
from tests.shell import WHO, Shell

EMPTY_THE_DATABASE = """
drop schema public cascade;
create schema public;
grant usage on schema public to concord_app, concord_matcher, concord_backup;
"""


@pytest.fixture
def behind() -> Iterator[Shell]:
    home = Path(tempfile.mkdtemp(prefix="c-"))
    shell = Shell(home)
    try:
        shell.run("init", *WHO)
        with embedded.start(home) as lease, psycopg.connect(lease.conninfo(Role.OWNER)) as connection:
            connection.execute(EMPTY_THE_DATABASE)
        yield shell
    finally:
        embedded.remove(home)
        shutil.rmtree(home)


def test_the_program_refuses_older_tables_until_they_are_migrated(behind: Shell) -> None:
    refused = behind.run("ask", "ab" * 32, status=1)
    assert "The database is older than this program" in refused
    assert "concord migrate" in refused
    applied = behind.run("migrate").splitlines()
    assert applied == sorted(applied)
    assert "applied records.0001_initial" in applied
    assert behind.run("migrate") == "The database is up to date.\n"
    assert "unknown to the installation" in behind.run("ask", "ab" * 32, status=1)  # the tables are there, and empty
