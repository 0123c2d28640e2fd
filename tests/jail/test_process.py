import os
from pathlib import Path

import pytest

from concord.jail.process import Process

STATUS = "Name:\tpython\nThreads:\t1\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n"
LIMITS = """Limit                     Soft Limit           Hard Limit           Units
Max file size             0                    0                    bytes
Max open files            5                    5                    files
Max address space         805306368            805306368            bytes
"""


@pytest.fixture
def shown(tmp_path: Path) -> Process:
    """A process as the system would show it, behind all walls."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "status").write_text(STATUS)
    (tmp_path / "7" / "limits").write_text(LIMITS)
    return Process(7, tmp_path)


def change(shown: Process, file: str, old: str, new: str) -> None:
    path = shown.proc / "7" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


ALL = ("rlimits", "landlock", "seccomp")


def test_walls_that_the_system_shows_are_confirmed(shown: Process) -> None:
    assert shown.unconfirmed(ALL) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "wall"),
    [
        ("status", "Seccomp:\t2", "Seccomp:\t0", "seccomp"),
        ("status", "NoNewPrivs:\t1", "NoNewPrivs:\t0", "seccomp"),
        ("status", "Threads:\t1", "Threads:\t2", "seccomp"),
        (
            "limits",
            "Max file size             0                    0 ",
            "Max file size             0                    9 ",
            "rlimits",
        ),
        (
            "limits",
            "Max open files            5                    5 ",
            "Max open files            5                    6 ",
            "rlimits",
        ),
        ("limits", "805306368            805306368", "805306368            unlimited", "rlimits"),
    ],
)
def test_a_wall_that_the_system_denies_is_not_confirmed(
    shown: Process, file: str, old: str, new: str, wall: str
) -> None:
    change(shown, file, old, new)
    assert shown.unconfirmed(ALL) == (wall,)
    assert shown.unconfirmed(tuple(one for one in ALL if one != wall)) == ()


def test_where_the_system_shows_no_processes_nothing_is_denied(tmp_path: Path) -> None:
    assert Process(7, tmp_path).unconfirmed(ALL) == ()
    assert Process(7, tmp_path).memory_bytes() is None


def test_this_process_stands_behind_no_filter() -> None:
    if not Path("/proc/self/status").is_file():
        pytest.skip("only Linux shows it")
    myself = Process(os.getpid())
    assert "rlimits" in myself.unconfirmed(ALL)
    assert (myself.memory_bytes() or 0) > 10 << 20


def test_the_processor_time_of_another_process_grows_with_its_work() -> None:
    myself = Process(os.getpid())
    before = myself.cpu_seconds()
    if before is None:
        pytest.skip("only Linux tells it")
    sum(range(3_000_000))
    after = myself.cpu_seconds()
    assert after is not None
    assert after > before


def test_a_process_that_is_gone_has_no_processor_time_and_takes_no_limit() -> None:
    nobody = Process(2**22 + 1)  # more than the kernel ever gives
    assert nobody.cpu_seconds() is None
    assert nobody.allow_cpu_seconds(0.0, 1) == 0.0
