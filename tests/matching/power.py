"""Cutting the power between any two steps of writing to files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from concord.matching import disk

STEPS = ("create", "finish", "write", "sync", "replace", "remove")


class PowerCut(BaseException):
    pass


class Power:
    """Goes away at a step of `disk`, which is then half done, or after it."""

    def __init__(self, steps: int, *, halfway: bool) -> None:
        self.left, self.halfway = steps, halfway

    @contextmanager
    def supplying(self) -> Iterator[None]:
        with patch.multiple(disk, **{name: self._guarded(name) for name in STEPS}):
            yield

    def _guarded(self, name: str) -> Any:
        step = getattr(disk, name)

        def guarded(*arguments: Any) -> Any:
            if self.left < 0:
                raise PowerCut  # nothing happens any more, not even tidying up
            self.left -= 1
            if self.left >= 0:
                return step(*arguments)
            if not self.halfway:
                step(*arguments)
            elif name in HALVES:
                HALVES[name](*arguments)
            raise PowerCut

        return guarded


def _half_written(path: Path, content: bytes) -> None:
    path.write_bytes(content[: len(content) // 2])


def _half_finished(memory: Any, path: Path) -> None:
    """What was not synced is not there: some pages came to the disk and others did not."""
    for begin in range(0, len(memory), 8192):
        memory[begin : begin + 4096] = bytes(len(memory[begin : begin + 4096]))


def _half_created(path: Path, size_bytes: int) -> None:
    path.write_bytes(b"")


HALVES = {"write": _half_written, "finish": _half_finished, "create": _half_created}
