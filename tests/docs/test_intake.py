"""docs/intake.md: its story is run and must print what it says; what it lists is what there is."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from concord.config import Limits
from concord.database import embedded
from concord.media.image_list import SUFFIXES
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "intake.md").read_text()
STORY = re.split(r"<!-- checked by tests/docs/test_intake.py: day -->\n```\w+\n", PAGE)[1].split("```")[0]
HOME_IN_PAGE = "/home/ada/.local/share/concord"
FOLDER_IN_PAGE = "/home/ada"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d UTC)?")


def _run(command: str, folder: Path, home: Path) -> str:
    program, *words = shlex.split(command)
    if program == "./run":
        arguments = [sys.executable, *(words[1:] if words[0] == "python" else ["-m", *words])]
    else:
        arguments = ["sh", "-c", command]
    environment = {**os.environ, "CONCORD_HOME": str(home), "COLUMNS": "100"}
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(str(home), HOME_IN_PAGE).replace(str(folder), FOLDER_IN_PAGE)


def _lines(text: str) -> list[str]:
    return [DATE.sub("DATE", line.rstrip()) for line in text.strip().splitlines()]


def test_the_story_goes_as_the_page_says(tmp_path: Path) -> None:
    home, (told,) = tmp_path / "home", set(ID.findall(STORY))
    made = told  # until the intake is there
    try:
        for step in STORY.removeprefix("$ ").split("\n$ "):
            command, _, expected = step.partition("\n")
            printed = _run(command.replace(told, made), tmp_path, home)
            made = next(iter(ID.findall(printed)), made)
            assert _lines(printed.replace(made, told)) == _lines(expected), command
    finally:
        embedded.remove(home)


def test_the_days_are_those_of_the_limits() -> None:
    assert f"else {Limits().intake_days}; never later than {Limits().intake_most_days} days" in PAGE


def test_the_names_of_lists_are_all_told() -> None:
    assert set(re.findall(r"`(\.\w+)`", PAGE)) == SUFFIXES
