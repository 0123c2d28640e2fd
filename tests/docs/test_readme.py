"""The README's examples are run, and must print what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from concord.database import embedded
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
HOME_IN_README = "/home/ada/.local/share/concord"


def _block(name: str) -> str:
    return re.split(rf"<!-- checked by tests/docs/test_readme.py: {name} -->\n```\w+\n", README)[1].split("```")[0]


def _run(command: list[str], cwd: Path, home: Path) -> str:
    environment = {**os.environ, "CONCORD_HOME": str(home), "COLUMNS": "100"}
    done = subprocess.run([sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(str(home), HOME_IN_README)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def test_the_demo_prints_what_the_readme_says(tmp_path: Path) -> None:
    shown = _lines(_block("demo"))
    printed = _lines(_run(["-m", "concord", "demo", "--check"], tmp_path, tmp_path / "unused"))
    assert printed[: len(shown)] == shown
    assert printed[-1] == "18 questions, all as they must be."


def test_the_officers_day_goes_as_the_readme_says(tmp_path: Path) -> None:
    home = tmp_path / "home"
    try:
        for step in (_block("day") + _block("rights")).split("$ ./run ")[1:]:
            command, _, expected = step.partition("\n")
            words = shlex.split(command)
            arguments = words[1:] if words[0] == "python" else ["-m", *words]
            assert _lines(_run(arguments, tmp_path, home)) == _lines(expected), command
    finally:
        embedded.remove(home)


def test_the_readme_names_the_two_commands() -> None:
    assert re.findall(r"^(\./run \w+)  ", README, re.MULTILINE) == ["./run demo", "./run test"]


@pytest.mark.parametrize("word", ["demo", "test", "check", "bench", "concord", "python", "lock", "audit"])
def test_the_script_helps(word: str) -> None:
    done = subprocess.run([str(ROOT / "run"), "help"], capture_output=True, text=True, check=True)
    assert f"./run {word}" in done.stdout
