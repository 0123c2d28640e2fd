"""A test run leaves nothing behind: no server, no keeper, no worker, no home."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database.processes import gone, wait_until

ROOT = Path(__file__).parents[2]

# Looks, in the process of the run and while it works, at what must be gone after it.
WITNESS = """
import json, os
from pathlib import Path
import psutil
import pytest

@pytest.fixture(autouse=True)
def witness(terminal, tmp_path):
    yield
    from concord.database import word
    from concord.database.place import settle
    from concord.database.terms import DEFAULT
    home = terminal.config.home
    place = settle(home, DEFAULT)
    keeper = psutil.Process(word.heard(place.keeper_lock).keeper_pid)
    processes = {"keeper": keeper.pid, "server": keeper.children()[0].pid, "worker": terminal.kept.jail.process_ids[0]}
    Path(os.environ["SEEN"]).write_text(json.dumps({"processes": processes, "homes": [str(home), str(place.base)]}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int] | list[str]]:
    """What a run of its own had while it worked."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "witness.py").write_text(WITNESS)
    (folder / "temporary").mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "witness", "-p", "no:cacheprovider", f"{ROOT}/tests/cli/test_enter.py",
         "-k", "test_one_entry_of_the_audit_names", "--basetemp", folder / "paths"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(folder), "SEEN": str(folder / "seen"), "TMPDIR": str(folder / "temporary")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert "1 passed" in run.stdout, run.stdout + run.stderr
    assert list((folder / "temporary").iterdir()) == []
    return dict(json.loads((folder / "seen").read_text()))


@pytest.mark.parametrize("which", ["keeper", "server", "worker"])
def test_no_process_is_left(seen: dict[str, dict[str, int]], which: str) -> None:
    wait_until(lambda: gone(seen["processes"][which]))


def test_no_home_is_left(seen: dict[str, list[str]]) -> None:
    assert [home for home in seen["homes"] if Path(home).exists()] == []
