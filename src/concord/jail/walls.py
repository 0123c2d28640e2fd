"""What a worker cannot do: use more than its share (rlimits), reach a path or a network (landlock), or ask the system
for anything that decoding does not need (seccomp). Each stands for good, and each alone would refuse most escapes.
"""

import math
import resource
from collections.abc import Callable
from dataclasses import dataclass

from concord.config import Limits
from concord.jail.kernel import PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, Kernel
from concord.jail.landlock import forbid_paths
from concord.jail.seccomp import forbid_system_calls

RLIMITS, LANDLOCK, SECCOMP = "rlimits", "landlock", "seccomp"
ALL_WALLS = (RLIMITS, LANDLOCK, SECCOMP)

DESCRIPTORS = 5  # three standard streams, the channel, one input: with these the table is full


@dataclass(frozen=True, slots=True)
class Standing:
    """The names of the walls in force; and what the system refused, each with its reason."""

    walls: tuple[str, ...]
    missing: tuple[str, ...]


def raise_walls(limits: Limits, kernel: Kernel | None = None) -> Standing:
    """Of this process, for good. The filter comes last: it refuses what raises the others."""
    kernel = kernel or Kernel()
    walls, missing = [RLIMITS], list(_lower_limits(limits))
    if kernel.is_linux:
        _give_up_privileges(kernel)
    wanted: dict[str, Callable[[Kernel], object]] = {LANDLOCK: forbid_paths, SECCOMP: forbid_system_calls}
    for name, forbid in wanted.items():
        if reason := _refusal(forbid, kernel):
            missing.append(f"{name} ({reason})")
        else:
            walls.append(name)
    # It counts threads as well, and of those the filter allows the ones that a decoder needs.
    if SECCOMP not in walls and not _lower(getattr(resource, "RLIMIT_NPROC", None), 0):
        missing.append("limit of processes (not here)")
    return Standing(tuple(walls), tuple(missing))


def _refusal(forbid: Callable[[Kernel], object], kernel: Kernel) -> str | None:
    """Why the system does not raise a wall; None: it stands."""
    if not kernel.is_linux:
        return "only Linux has it"
    try:
        forbid(kernel)
    except (OSError, NotImplementedError) as error:
        return str(error.strerror if isinstance(error, OSError) else error)
    return None


def _give_up_privileges(kernel: Kernel) -> None:
    """No program that it could start would bring privileges back, and no other process of this user may look inside."""
    kernel.drop_capabilities()
    kernel.prctl(PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(PR_SET_DUMPABLE, 0)


def _lower_limits(limits: Limits) -> tuple[str, ...]:
    """Returns those that the system refused (macOS has no limit of the address space)."""
    wanted = (
        ("limit of address space", "RLIMIT_AS", limits.decode_memory_bytes),
        ("limit of file size", "RLIMIT_FSIZE", 0),  # also keeps a writable input from being written to
        ("limit of open files", "RLIMIT_NOFILE", DESCRIPTORS),
        ("limit of core dumps", "RLIMIT_CORE", 0),
    )
    return tuple(f"{wall} (not here)" for wall, name, most in wanted if not _lower(getattr(resource, name, None), most))


def _lower(limit: int | None, most: int) -> bool:
    if limit is None:
        return False
    _, hard = resource.getrlimit(limit)
    value = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(limit, (value, value))
    except (OSError, ValueError):
        return False
    return True


def allow_cpu_seconds(budget_seconds: int) -> None:
    """From now on so much processor time; beyond it the kernel ends this process with SIGXCPU.

    Only where the outside cannot set it (`process.py`). Only the soft limit moves: a hard limit, once lowered, could not
    be raised for the next item.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    end_seconds = math.ceil(usage.ru_utime + usage.ru_stime) + budget_seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = end_seconds if hard == resource.RLIM_INFINITY else min(end_seconds, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
