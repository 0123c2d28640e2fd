"""docs/operations.md: what it lists is what there is."""

import re

import click
import pytest

from concord.cli.main import concord
from concord.config import Config, environment_of, read_config
from concord.database.cluster import Role
from concord.database.vetting import OLDEST_MAJOR
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text()
SOURCE = (ROOT / "src" / "concord" / "config.py").read_text()


class Noticing(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(name)
        return default


def _table(heading: str) -> list[str]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)


def test_the_table_of_variables_is_complete_and_true() -> None:
    environment = Noticing()
    read_config(environment)
    assert sorted(_table("Environment variables")) == sorted(environment.asked)
    assert set(environment.asked) == set(environment_of(read_config({})))


def test_every_variable_that_the_page_names_exists() -> None:
    assert set(re.findall(r"CONCORD_[A-Z_]+", PAGE)) == set(_table("Environment variables"))


def test_the_roles_are_those_that_are_made() -> None:
    assert set(_table("The database")) == {role for role in Role if role is not Role.BOOTSTRAP}
    assert f"from PostgreSQL {OLDEST_MAJOR}" in PAGE


def test_every_command_that_the_page_names_exists() -> None:
    assert isinstance(concord, click.Group)
    for name in re.findall(r"`(?:CONCORD\S+ )?concord ([a-z-]+)", PAGE):
        assert name in concord.commands, name


@pytest.mark.usefixtures("live_server_url")
def test_what_lies_in_a_home_is_what_the_page_says(config: Config) -> None:
    """After a server ran, which makes what `concord init` does not."""
    lies = {f"{one.name}/" if one.is_dir() else one.name for one in config.home.iterdir()}
    lies = lies - {"keys/"} | {f"keys/{one.name}" for one in config.keys.iterdir()}
    listed = set(_table("An installation and its home"))
    assert lies <= listed
    assert listed - lies <= {"profiles/", "objects/", "uploads/", "index/"}  # made with the first that needs them
