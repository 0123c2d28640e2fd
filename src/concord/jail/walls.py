"""What a worker cannot do: use more than its share (resource limits). System-call and file-system walls belong here."""

import math
import resource

from concord.config import Limits

DESCRIPTORS = 16  # three standard streams, the socket, one input, and what imports open for a moment


def raise_walls(limits: Limits) -> tuple[str, ...]:
    """Limits this process for good. Returns the walls that this system refused (macOS has no address-space limit)."""
    wanted = (
        ("address space", "RLIMIT_AS", limits.decode_memory_bytes),
        ("file size", "RLIMIT_FSIZE", 0),  # also keeps a writable input from being written to
        ("open files", "RLIMIT_NOFILE", DESCRIPTORS),
        ("processes", "RLIMIT_NPROC", 0),
        ("core dump", "RLIMIT_CORE", 0),
    )
    return tuple(wall for wall, name, most in wanted if not _lower(getattr(resource, name, None), most))


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

    Only the soft limit moves: a hard limit, once lowered, could not be raised for the next item.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    end_seconds = math.ceil(usage.ru_utime + usage.ru_stime) + budget_seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = end_seconds if hard == resource.RLIM_INFINITY else min(end_seconds, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
