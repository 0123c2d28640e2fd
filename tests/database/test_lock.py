import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from concord.database import lock
from concord.errors import DatabaseUnavailable

_HOLDER = """
import sys
from pathlib import Path
from concord.database import lock
descriptor = lock.try_exclusive(Path(sys.argv[1]))
print("held" if descriptor is not None else "busy", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_the_exclusive_lock_is_held_by_one_at_a_time(path: Path) -> None:
    first = lock.try_exclusive(path)
    assert first is not None
    assert lock.try_exclusive(path) is None
    assert lock.try_shared(path) is None
    os.close(first)
    second = lock.try_exclusive(path)
    assert second is not None
    os.close(second)


def test_a_shared_lock_is_held_by_many_and_keeps_the_exclusive_one_away(path: Path) -> None:
    held = [lock.try_shared(path), lock.try_shared(path)]
    assert lock.try_exclusive(path) is None
    for descriptor in held:
        assert descriptor is not None
        os.close(descriptor)


def test_a_killed_holder_holds_nothing(path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        assert lock.try_exclusive(path) is None
        holder.kill()
    descriptor = lock.try_exclusive(path)
    assert descriptor is not None
    os.close(descriptor)


def test_the_lock_of_a_removed_file_binds_nobody(path: Path) -> None:
    old = lock.try_exclusive(path)
    assert old is not None
    path.unlink()
    new = lock.try_exclusive(path)
    assert new is not None
    os.close(old)
    os.close(new)


def test_failed_attempts_leave_no_descriptor_open(path: Path) -> None:
    with lock.exclusive(path, deadline=time.monotonic()):
        for _ in range(5):
            assert lock.try_shared(path) is None
        assert open_on(path) == 1


def open_on(path: Path) -> int:
    """How many of this process's descriptors lead to this file; others are opened and closed by whoever likes."""
    found = path.stat()
    return sum(one is not None and os.path.samestat(one, found) for one in map(_stat, Path("/dev/fd").iterdir()))


def _stat(descriptor: Path) -> os.stat_result | None:
    try:
        return os.fstat(int(descriptor.name))
    except OSError:  # that of the listing itself
        return None


def test_waiting_ends_at_the_deadline_and_names_the_lock(path: Path) -> None:
    with (
        lock.exclusive(path, deadline=time.monotonic()),
        pytest.raises(DatabaseUnavailable, match="lock"),
        lock.exclusive(path, deadline=time.monotonic()),
    ):
        pass


def test_a_lock_file_is_private(path: Path) -> None:
    with lock.exclusive(path, deadline=time.monotonic()):
        assert path.stat().st_mode & 0o077 == 0


def test_a_link_in_the_place_of_a_lock_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        lock.try_exclusive(path)
    assert not (tmp_path / "elsewhere").exists()
