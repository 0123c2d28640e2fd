"""Alive and ready: what a balancer asks, and what it is told while the database is away."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from concord.actions.installation import Installation
from concord.api import health
from concord.database import embedded, schema
from concord.database.cluster import Role
from concord.errors import MissingPart
from tests.api.conftest import ProgramOf
from tests.serving import serving

BACK_SECONDS = 180  # a bound against hanging


@pytest.fixture
def stranger(program_of: ProgramOf) -> Client:
    return program_of(None).client


def test_it_says_that_it_is_alive_and_ready(stranger: Client) -> None:
    assert msgspec.json.decode(stranger.get("/healthz").content) == {"alive": True}
    response = stranger.get("/readyz")
    assert response.status_code == 200
    assert msgspec.json.decode(response.content) == {"ready": True, "waiting_for": []}


def test_an_old_schema_is_not_ready(stranger: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_current() -> None:
        raise MissingPart(part="schema", cause="old", remedy="")

    monkeypatch.setattr(schema, "require_current", not_current)
    response = stranger.get("/readyz")
    assert response.status_code == 503
    assert msgspec.json.decode(response.content) == {"ready": False, "waiting_for": ["schema"]}


def test_nothing_new_to_catch_up_with_is_ready_too(installation: Installation) -> None:
    installation.search.catch_up()
    assert installation.search.catch_up() == 0
    assert health.waiting_for(installation) == []


@pytest.fixture
def database() -> Iterator[Path]:
    """The home of a database that serves others by URL, so that nobody but this test starts and stops it."""
    home = Path(tempfile.mkdtemp(prefix="concord-away-"))
    try:
        yield home
    finally:
        embedded.remove(home)
        shutil.rmtree(home)


def test_while_the_database_is_away_it_is_alive_but_not_ready_and_answers_nothing(
    database: Path, tmp_path: Path
) -> None:
    lease = embedded.start(database)
    urls = {
        "CONCORD_HOME": str(tmp_path / "home"),
        "CONCORD_DATABASE_URL": lease.url(Role.APP),
        "CONCORD_DATABASE_OWNER_URL": lease.url(Role.OWNER),
        "CONCORD_DATABASE_MATCHER_URL": lease.url(Role.MATCHER),
    }
    _concord(urls, "init", "--country=XA", "--unit=Away", "--user=Nobody", "--purpose=TRAINING", "--basis=TRAINING")
    token = _concord(urls, "token", "issue")
    with serving(tmp_path / "home", urls) as port:
        assert _ask(port, token) == (200, None)
        embedded.stop(database)
        lease.close()
        assert _get(port, "/healthz") == (200, {"alive": True})
        assert _get(port, "/readyz") == (503, {"ready": False, "waiting_for": ["schema", "index"]})
        assert _ask(port, token) == (503, "database_unavailable")
        with embedded.start(database):
            deadline = time.monotonic() + BACK_SECONDS
            while _get(port, "/readyz")[0] != 200 and time.monotonic() < deadline:
                time.sleep(0.1)
            assert _ask(port, token) == (200, None)


def _concord(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "concord", *words]
    return subprocess.run(
        command, env=os.environ | environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def _get(port: int, address: str) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=BACK_SECONDS)
    connection.request("GET", address)
    response = connection.getresponse()
    return response.status, msgspec.json.decode(response.read())


def _ask(port: int, token: str) -> tuple[int, str | None]:
    """Status, and the code of the error."""
    connection = HTTPConnection("127.0.0.1", port, timeout=BACK_SECONDS)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/ask", msgspec.json.encode({"item": "ab" * 32}), headers)
    response = connection.getresponse()
    answer = msgspec.json.decode(response.read())
    return response.status, answer["error"] and answer["error"]["code"]
