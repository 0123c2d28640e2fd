"""A seat at an installation: a process of its own that stays, and runs one command after the other as it is told."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.cli.terminal import Said, environment

PATIENCE_SECONDS = 180


class Seat:
    """Makes the installation where there is none. Two seats with different `hash_seed` order their sets differently."""

    def __init__(self, home: Path, hash_seed: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.promises.seated"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env=environment(home, PYTHONHASHSEED=str(hash_seed)),
        )

    def run(self, *arguments: str | Path) -> Said:
        return Said(**self._told({"run": [str(one) for one in arguments]}))

    def materials(self, profile: str) -> list[dict[str, Any]]:
        """What the officer's country entered, newest first."""
        return list(self._told({"list": profile})["materials"])

    def twin(self, step: str, **what: Any) -> dict[str, Any]:
        """A step of tests/promises/twin.py."""
        return self._told({"twin": step, **what})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        status = self._process.wait(PATIENCE_SECONDS)
        self._process.stdout.close()
        assert error or status == 0

    def _told(self, what: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"the seat ended with status {self._process.wait(PATIENCE_SECONDS)}"
        return dict(json.loads(answer))
