"""What the machine's memory gives, which is the floor under every search; its pages, and how much of it is taken."""

import ctypes
import enum
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

READ_BYTES = 1 << 29  # more than the caches hold that one core has to itself
READINGS = 5
_STATUS, _MAPS, _FORGET = Path("/proc/self/status"), Path("/proc/self/smaps"), Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"
_PR_SET_THP_DISABLE = 41


def bandwidth_gb_s() -> float:
    """Reading in order, on one core; the best of some readings, as nothing makes memory faster than it is."""
    words = np.ones(READ_BYTES // 8, np.uint64)
    best = float("inf")
    for _ in range(READINGS):
        began = time.perf_counter()
        np.bitwise_or.reduce(words)
        best = min(best, time.perf_counter() - began)
    return READ_BYTES / best / 1e9


# ---- pages --------------------------------------------------------------------------------------------------------


class Pages(enum.StrEnum):
    HUGE = "huge"  # of 2 MiB, as far as the system gives them
    SMALL = "small"  # of 4 KiB


POSSIBLE = tuple(Pages) if sys.platform == "linux" else (Pages.HUGE,)  # elsewhere none can be refused


@contextmanager
def only(pages: Pages) -> Iterator[None]:
    """What this process maps and touches meanwhile is on such pages. Raises OSError where the system refuses."""
    if pages is Pages.HUGE:
        yield
        return
    _refuse_huge(refuse=True)
    try:
        yield
    finally:
        _refuse_huge(refuse=False)


def huge_file_bytes() -> int:
    """How much of mapped files this process sees through huge pages. 0 where the system does not tell."""
    try:
        text = _MAPS.read_text()
    except OSError:
        return 0
    return 1024 * sum(map(int, re.findall(r"^(?:FilePmdMapped|ShmemPmdMapped):\s+(\d+) kB", text, re.MULTILINE)))


def _refuse_huge(*, refuse: bool) -> None:
    """Of the whole process: it overrides whatever advice the index gives for its files."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_THP_DISABLE, int(refuse), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "huge pages cannot be refused here")


# ---- how much is taken --------------------------------------------------------------------------------------------


class Peak:
    """The most memory that this process takes from now on beyond what it takes now, mapped files included."""

    def __init__(self) -> None:
        self._known = _FORGET.exists()
        if self._known:
            _FORGET.write_text(_FORGET_PEAK)
            self._before = _status_bytes("VmRSS")

    def bytes(self) -> int | None:
        """None: the system does not tell."""
        return _status_bytes("VmHWM") - self._before if self._known else None


def _status_bytes(name: str) -> int:
    (kib,) = re.findall(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    return 1024 * int(kib)
