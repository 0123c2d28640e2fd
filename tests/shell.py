"""The program as its users run it: a process, an environment, an exit status."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

WHO = ("--country", "XA", "--unit", "Unit", "--user", "Officer", "--purpose", "TRAINING", "--basis", "TRAINING")


@dataclass(frozen=True)
class Shell:
    """`concord` with a home of its own. `everything` is all that it ever said."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "concord", *map(str, arguments)]

    def all_variables(self) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("CONCORD_", "PG"))}
        return mine | {"CONCORD_HOME": str(self.home), "CONCORD_WORKERS": "1", **self.environment}

    def run(self, *arguments: str | Path, status: int = 0, **environment: str) -> str:
        """What it printed, with errors. Fails where the exit status is another."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.all_variables() | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            timeout=300,
            check=False,
        )
        self.said.append(done.stdout)
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}"
        assert "Traceback" not in done.stdout
        return done.stdout
