"""Clients as processes of their own, on a line to the real server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from concord.pocket.packing import pack
from tests.cli.terminal import Said
from tests.desk import Desk
from tests.line import Line, Weather
from tests.officers import Officers


@dataclass(frozen=True)
class Client:
    """Of the officer at the desk; has no installation."""

    program: tuple[str, ...]
    token: str
    home: Path

    def command(self, port: int, *arguments: str | Path) -> list[str]:
        return [*self.program, "--server", f"http://127.0.0.1:{port}", *map(str, arguments)]

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONCORD_")}
        return inherited | {"CONCORD_TOKEN": self.token, "CONCORD_HOME": str(self.home), "CONCORD_WORKERS": "1"}

    def run(self, port: int, *arguments: str | Path) -> Said:
        done = subprocess.run(
            self.command(port, *arguments), capture_output=True, text=True, check=False, env=self.environment
        )
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pocket") / "concord-ask.pyz"
    pack(path)
    return path


@pytest.fixture
def pocket(pyz: Path, desk: Desk, officers: Officers, tmp_path: Path) -> Client:
    """The one file, isolated from everything installed here."""
    return Client((sys.executable, "-I", str(pyz)), officers.token(desk.actor), tmp_path / "none")


@pytest.fixture
def far(desk: Desk, officers: Officers, tmp_path: Path) -> Client:
    """`concord ask --server`."""
    return Client((sys.executable, "-m", "concord", "ask"), officers.token(desk.actor), tmp_path / "none")


@pytest.fixture
def line_of(live_server_url: str) -> Iterator[Callable[[Weather], Line]]:
    made: list[Line] = []

    def line(weather: Weather) -> Line:
        made.append(Line(int(urlsplit(live_server_url).port or 0), weather))
        return made[-1]

    yield line
    for one in made:
        one.__exit__()
