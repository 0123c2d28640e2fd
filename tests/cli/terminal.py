"""The program as its users meet it: arguments go in; an exit status, what it writes and what it complains of come out."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

from click.testing import CliRunner

from concord.actions.installation import Installation
from concord.cli.main import concord
from concord.cli.wiring import Wiring
from concord.config import Config
from concord.site import wiring
from concord.site.terminal import serve

CODES = ("--purpose", "TRAINING", "--basis", "TRAINING")

BEGIN = ("init", "--country", "XA", "--unit", "Unit", "--user", "Officer", *CODES)


@dataclass(frozen=True, slots=True)
class Said:
    """What one run of the program said."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What it wrote, one object a line; anything else than that fails here. Keys keep their order."""
        return [json.loads(line) for line in self.out.split("\n")[:-1]]

    @property
    def complaint(self) -> str:
        """What it complained of: one line, and nothing written. Anything else fails here."""
        assert not self.out
        assert self.err.startswith("concord: ")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        return self.err.removesuffix("\n")


class KeptOpen(Installation):
    """An installation that goes on when a command is done with it: a process opens one only."""

    def close(self) -> None:
        """Whoever opened it closes it."""


class Terminal:
    """Runs commands in this process, on its open installation."""

    def __init__(self, installation: Installation) -> None:
        parts = {field.name: getattr(installation, field.name) for field in fields(installation)}
        self.kept = KeptOpen(**parts)
        self.config = installation.config

    def run(self, *arguments: str | Path, home: Path | None = None) -> Said:
        """`home`: another one than that of the installation. What is not an error of ours is raised."""
        config = replace(self.config, home=home) if home else self.config
        parts = Wiring(
            config,
            create=wiring.create_installation,
            open=self._open,
            migrate=wiring.migrate_installation,
            serve=serve,
        )
        result = CliRunner().invoke(concord, [str(one) for one in arguments], obj=parts, prog_name="concord")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    def _open(self, config: Config) -> Installation:
        return self.kept if config.home == self.config.home else wiring.open_installation(config)


class Runner(Protocol):
    """Whatever runs commands of the program."""

    def run(self, *arguments: str | Path) -> Said: ...


@dataclass(frozen=True, slots=True)
class Clerk:
    """An officer at a terminal."""

    terminal: Runner
    profile: str

    @classmethod
    def enrolled(cls, terminal: Runner, profile: str, country: str = "XA", codes: Sequence[str] = CODES) -> "Clerk":
        """An officer of a unit of its own; with the case C-1 open, if all codes are given."""
        names = ("--country", country, "--unit", f"Unit of {profile}", "--user", f"Officer {profile}")
        assert terminal.run("profile", "add", profile, *names, *codes).status == 0
        clerk = cls(terminal, profile)
        if codes == CODES:
            assert clerk.run("case", "open", "C-1").status == 0
        return clerk

    def run(self, *arguments: str | Path) -> Said:
        return self.terminal.run(*arguments, "--as", self.profile)

    def enter(self, *items: str | Path) -> list[dict[str, Any]]:
        return self.run("enter", *items, "--case", "C-1", "--json").objects

    def ask(self, *items: str | Path) -> list[dict[str, Any]]:
        return self.run("ask", *items, "--json").objects

    def make(self, what: str, *arguments: str | Path) -> str:
        """Opens a record; returns its id."""
        (made,) = self.run(what, *arguments, "--json").objects
        return str(made[what])


def environment(home: Path, **more: str) -> dict[str, str]:
    """For a process of its own that works in this home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONCORD_")}
    return inherited | {"CONCORD_HOME": str(home), "CONCORD_WORKERS": "2"} | more


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "concord", *map(str, arguments)]


def run_process(home: Path, *arguments: str | Path, **more: str) -> Said:
    """Runs the program as a process of its own, in a folder where nothing of ours lies."""
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, cwd="/", env=environment(home, **more)
    )
    return Said(done.returncode, done.stdout, done.stderr)
