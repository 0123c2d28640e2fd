"""Walls cannot be taken down again, so each test raises them in a process of its own."""

import subprocess
import sys

BEHIND_WALLS = """
import os, resource, sys, tempfile
from concord.config import Limits
from concord.jail.walls import allow_cpu_seconds, raise_walls
file = tempfile.TemporaryFile()
missing = raise_walls(Limits(decode_memory_bytes=512 << 20))
print(missing)
"""


def behind_walls(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BEHIND_WALLS + code], capture_output=True, text=True, check=False)


def test_every_wall_stands_on_linux() -> None:
    if sys.platform == "linux":
        assert behind_walls("").stdout == "()\n"


def test_memory_beyond_the_limit_is_refused() -> None:
    if sys.platform == "linux":
        assert "MemoryError" in behind_walls("bytearray(600 << 20)").stderr


def test_no_file_can_be_written() -> None:
    ended = behind_walls("file.write(b'x'); file.flush()")
    assert "File too large" in ended.stderr


def test_limits_cannot_be_raised_again_without_privilege() -> None:
    ended = behind_walls("print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_FSIZE))")
    assert ended.stdout.endswith("(0, 0) (0, 0)\n")


def test_processor_time_beyond_the_budget_ends_the_process() -> None:
    import signal

    assert behind_walls("allow_cpu_seconds(1)\nwhile True: pass").returncode == -signal.SIGXCPU


def test_the_budget_starts_anew_for_each_item() -> None:
    once = "allow_cpu_seconds(1)\nsum(range(5_000_000))\n"
    assert behind_walls(once * 10).returncode == 0
