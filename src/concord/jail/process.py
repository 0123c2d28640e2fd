"""A worker's process as the system shows it from outside: what stands there is not the worker's own word.

Where the system shows nothing (other systems than Linux), the answers are None or True: not known, nothing against it.
"""

import contextlib
import math
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from concord.jail.walls import DESCRIPTORS, LANDLOCK, RLIMITS, SECCOMP

_FILTER_MODE = "2"  # of Seccomp in /proc/PID/status
_UNCHECKABLE = frozenset({LANDLOCK})  # the kernel shows it nowhere


@dataclass(frozen=True, slots=True)
class Process:
    """By its id, which must be that of a child not yet waited for: nobody else can have it then."""

    id: int
    proc: Path = Path("/proc")

    def unconfirmed(self, claimed: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the walls that a worker claims which the system does not confirm."""
        confirmed = {RLIMITS: self._confirms_rlimits, SECCOMP: self._confirms_seccomp}
        if not (self.proc / str(self.id)).is_dir():
            return ()
        return tuple(wall for wall in claimed if wall not in _UNCHECKABLE and not confirmed[wall]())

    def _confirms_seccomp(self) -> bool:
        """One thread only, too: a filter stands around the thread that raised it."""
        status = self._facts("status")
        wanted = {"Seccomp": _FILTER_MODE, "NoNewPrivs": "1", "Threads": "1"}
        return all(status.get(name, value) == value for name, value in wanted.items())

    def _confirms_rlimits(self) -> bool:
        """By the hard limits, which nobody can raise again."""
        lines = self._read("limits").splitlines()
        limits = {line[:26].strip(): line[26:].split()[:2] for line in lines}
        most = {"Max file size": 0, "Max open files": DESCRIPTORS}
        closed = all(limits.get(name, ["0"])[-1] in map(str, range(limit + 1)) for name, limit in most.items())
        return closed and limits.get("Max address space", [""])[-1] != "unlimited"

    def cpu_seconds(self) -> float | None:
        """Processor time used so far by all its threads."""
        if sys.platform != "linux":
            return None
        try:
            # The clock of another process, as clock_getcpuclockid(3) makes its number.
            return time.clock_gettime((~self.id << 3) | 2)
        except OSError:
            return None

    def allow_cpu_seconds(self, used_seconds: float, budget_seconds: int) -> float:
        """From now on so much processor time; beyond it, and at most a second later, the kernel ends it with SIGXCPU.

        Set from outside, as behind its walls the worker cannot move its limits, nor should it. Returns at which
        processor time it ends; 0: the system cannot be told.
        """
        if not hasattr(resource, "prlimit"):
            return 0.0
        try:
            _, hard = resource.prlimit(self.id, resource.RLIMIT_CPU)
            soft = math.ceil(used_seconds) + budget_seconds
            if hard != resource.RLIM_INFINITY:
                soft = min(soft, hard)
            resource.prlimit(self.id, resource.RLIMIT_CPU, (soft, hard))
        except OSError:
            return 0.0
        return float(soft)

    def memory_bytes(self) -> int | None:
        """Its address space, which is what is limited."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(self._read("statm").split()[0]) * os.sysconf("SC_PAGE_SIZE")
        return None

    def _facts(self, name: str) -> dict[str, str]:
        pairs = (line.partition(":") for line in self._read(name).splitlines())
        return {fact: value.strip() for fact, _, value in pairs}

    def _read(self, name: str) -> str:
        return (self.proc / str(self.id) / name).read_text()
