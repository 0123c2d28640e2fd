"""Rows are guarded on a PostgreSQL of one's own as in the embedded server: the same tests once more, on the other one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

TESTS = ["tests/database/test_rows.py", "tests/database/test_engine.py", "tests/actions", "tests/records"]


def test_rows_are_guarded_there_as_in_the_embedded_server(programs: Path, request: pytest.FixtureRequest) -> None:
    """The tests of row-level security and of the actions; their campaigns where campaigns run."""
    campaigns = ["--long"] if request.config.getoption("--long") else ["-m", "not long"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--postgresql", str(programs)]
    done = subprocess.run(
        [*command, *campaigns, *TESTS], cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, done.stdout
    assert " skipped" not in done.stdout
