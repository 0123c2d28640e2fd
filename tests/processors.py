"""How many processors a run of the tests may really use, and how many workers keep them busy."""

import math
import os
from pathlib import Path

MOST = 8  # each worker of a run has a server and an installation of its own, so that more would not be faster
QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable(quota: Path = QUOTA) -> int:
    """In a container these are fewer than the machine has, and as many workers as that would only be in each other's way."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _share(quota), MOST))


def workers(processors: int) -> int:
    """Half of the time a test waits: for the disk, for a server that starts, for a bound that runs out."""
    return processors + (processors + 1) // 2


def _share(quota: Path) -> int:
    """What the control group gives, in whole processors, begun ones included; MOST where it sets no limit."""
    try:
        given, _, period = quota.read_text().partition(" ")
        return MOST if given == "max" else math.ceil(int(given) / int(period))
    except (OSError, ValueError):
        return MOST
