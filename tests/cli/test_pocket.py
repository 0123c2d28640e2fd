"""`concord pocket` writes the one file."""

import subprocess
import sys
from pathlib import Path

from tests.cli.terminal import Terminal


def test_the_file_it_writes_runs(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "concord-ask.pyz"
    assert terminal.run("pocket", out).status == 0
    done = subprocess.run([sys.executable, "-I", out, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: concord-ask")


def test_where_nothing_can_be_written_it_says_so(terminal: Terminal, tmp_path: Path) -> None:
    said = terminal.run("pocket", tmp_path / "nowhere" / "x.pyz")
    assert said.status == 1
    assert "x.pyz" in said.complaint
