"""ARCHITECTURE.md lists the rooms that the import contract knows, in its order."""

import re
import tomllib

from tests.conftest import ROOT


def _contract() -> list[list[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {one["id"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    assert contracts["one-way-down"]["exhaustive"]
    return [re.split(r"\s*[|:]\s*", layer) for layer in contracts["one-way-down"]["layers"]]


def test_the_rooms_are_those_of_the_contract() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert [re.findall(r"`(\w+)`", row) for row in rows] == _contract()


def test_every_room_is_there_and_says_what_it_is() -> None:
    for rooms in _contract():
        for room in rooms:
            folder = ROOT / "src" / "concord" / room
            source = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
            assert source.read_text().startswith('"""'), f"{source} does not say what it is"


def test_no_module_is_a_drawer() -> None:
    drawers = {"util", "utils", "helper", "helpers", "common", "manager", "base", "misc", "tools"}
    modules = [
        path for path in (ROOT / "src").rglob("*.py") if path.parent.name != "engine"
    ]  # Django names that module
    names = {path.stem for path in modules} | {path.name for path in (ROOT / "src" / "concord").iterdir()}
    assert not names & drawers


def test_no_module_is_over_600_lines() -> None:
    for folder in ("src", "native", "tests", "benchmarks"):
        for path in (ROOT / folder).rglob("*"):
            generated = path.name == "0001_initial.py"  # by Django, from the models
            if path.suffix in (".py", ".cpp", ".hpp", ".js", ".css") and not generated:
                assert len(path.read_text().splitlines()) <= 600, path
