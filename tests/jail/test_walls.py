"""Walls cannot be taken down again, so each test raises them in a process of its own. `test_escape.py` tries to get out."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from concord.jail.kernel import Kernel

BEHIND_WALLS = """
import os, resource, sys, tempfile
from concord.config import Limits
from concord.jail.kernel import Kernel
from concord.jail.walls import allow_cpu_seconds, raise_walls
from tests.jail.test_walls import *
file = tempfile.TemporaryFile()
"""
LIMITS = "Limits(decode_memory_bytes=512 << 20)"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this wall")


class WithoutLandlock(Kernel):
    """As a kernel before 5.13, or a container that forbids it."""

    def syscall(self, number: int, *arguments: int | bytes | None) -> int:
        if number == 444:
            raise OSError(errno.ENOSYS, "Function not implemented")
        return super().syscall(number, *arguments)


class WithoutSeccomp(Kernel):
    def syscall(self, number: int, *arguments: int | bytes | None) -> int:
        if number in (317, 277):
            raise OSError(errno.EINVAL, "Invalid argument")
        return super().syscall(number, *arguments)


class OtherProcessor(Kernel):
    def __init__(self) -> None:
        super().__init__()
        self.machine = "riscv64"


class OtherSystem(Kernel):
    def __init__(self) -> None:
        super().__init__()
        self.is_linux = False


def behind(code: str, kernel: str = "Kernel()") -> subprocess.CompletedProcess[str]:
    """Runs the code where the walls stand. What it finds out is told by its exit status: it can write nothing."""
    raised = f"standing = raise_walls({LIMITS}, {kernel})\n"
    command = [sys.executable, "-c", BEHIND_WALLS + raised + code]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])


def holds(condition: str, kernel: str = "Kernel()") -> bool:
    ended = behind(f"os._exit(7 if {condition} else 8)", kernel)
    assert ended.returncode in (7, 8), ended.stderr
    return ended.returncode == 7


def raises(statement: str, error: str, kernel: str = "Kernel()") -> bool:
    ended = behind(f"try:\n    {statement}\nexcept {error}:\n    os._exit(7)\nos._exit(8)", kernel)
    assert ended.returncode in (7, 8), ended.stderr
    return ended.returncode == 7


@linux_only
def test_every_wall_stands_where_the_system_has_them() -> None:
    kernel = Kernel()
    if kernel.machine not in ("x86_64", "aarch64"):
        pytest.skip("no table of system calls for this processor")
    assert holds("'seccomp' in standing.walls")
    assert holds("len(standing.walls) + len(standing.missing) == 3")


@pytest.mark.parametrize(
    ("kernel", "walls", "reason"),
    [
        ("WithoutLandlock()", ("rlimits", "seccomp"), "landlock (Function not implemented)"),
        ("WithoutSeccomp()", ("rlimits", "landlock"), "seccomp (Invalid argument)"),
        ("OtherProcessor()", ("rlimits", "landlock"), "seccomp (no table of system calls for riscv64)"),
    ],
)
@linux_only
def test_without_one_wall_the_others_stand_and_the_reason_is_told(
    kernel: str, walls: tuple[str, ...], reason: str
) -> None:
    if not holds("'landlock' in standing.walls and 'seccomp' in standing.walls"):
        pytest.skip("this system has not both walls")
    assert holds(f"standing.walls == {walls!r}", kernel)
    assert holds(f"standing.missing == ({reason!r},)", kernel)


def test_another_system_has_only_its_limits_and_says_so() -> None:
    reasons = ("landlock (only Linux has it)", "seccomp (only Linux has it)")
    assert holds("standing.walls == ('rlimits',)", "OtherSystem()")
    assert holds(f"set({reasons!r}) <= set(standing.missing)", "OtherSystem()")


@pytest.mark.parametrize("kernel", ["Kernel()", "OtherSystem()"])
@linux_only
def test_memory_beyond_the_limit_is_refused(kernel: str) -> None:
    assert raises("bytearray(600 << 20)", "MemoryError", kernel)


def test_no_file_can_be_written() -> None:
    assert raises("os.write(file.fileno(), b'x')", "OSError")
    assert raises("os.write(file.fileno(), b'x')", "OSError", "OtherSystem()")


def test_no_descriptor_can_be_opened_beyond_those_that_are_needed() -> None:
    assert raises("[os.dup(0) for _ in range(5)]", "OSError", "OtherSystem()")


def test_where_no_filter_stands_no_process_can_be_started_but_by_the_superuser() -> None:
    assert holds("resource.getrlimit(resource.RLIMIT_NPROC) == (0, 0)", "OtherSystem()")


@linux_only
def test_limits_cannot_be_raised_again_not_even_by_who_was_the_superuser() -> None:
    assert raises("resource.setrlimit(resource.RLIMIT_CORE, (1, 1))", "(OSError, ValueError)", "WithoutSeccomp()")


@linux_only
def test_this_process_cannot_be_looked_into() -> None:
    assert holds("Kernel().prctl(3, 0) == 0 and Kernel().prctl(39, 0) == 1", "WithoutSeccomp()")


def test_processor_time_beyond_the_budget_ends_the_process() -> None:
    assert behind("allow_cpu_seconds(1)\nwhile True: pass", "OtherSystem()").returncode == -signal.SIGXCPU


ANEW = """
used_seconds, allowed_seconds = iter([0.2, 3.7, 8.0]), []
class Usage:
    def __init__(self, _): self.ru_utime, self.ru_stime = next(used_seconds), 0.1
resource.getrusage = Usage
for _ in range(3):
    allow_cpu_seconds(4)
    allowed_seconds.append(resource.getrlimit(resource.RLIMIT_CPU)[0])
os._exit(7 if allowed_seconds == [5, 8, 13] else 8)
"""


def test_the_budget_starts_anew_for_each_item() -> None:
    """By the limit that stands there: what is really used, the system counts in two ways that drift apart under load."""
    assert behind(ANEW, "OtherSystem()").returncode == 7
