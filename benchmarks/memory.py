"""What the machine's memory gives: the floor under every search."""

import re
import time
from pathlib import Path

import numpy as np

READ_BYTES = 1 << 29  # more than the caches hold that one core has to itself
READINGS = 5


def bandwidth_gb_s() -> float:
    """Reading in order, on one core; the best of some readings, as nothing makes memory faster than it is."""
    words = np.ones(READ_BYTES // 8, np.uint64)
    best = float("inf")
    for _ in range(READINGS):
        began = time.perf_counter()
        np.bitwise_or.reduce(words)
        best = min(best, time.perf_counter() - began)
    return READ_BYTES / best / 1e9


def huge_file_bytes() -> int:
    """How much of mapped files this process sees through huge pages. 0 where the system does not tell."""
    try:
        text = Path("/proc/self/smaps").read_text()
    except OSError:
        return 0
    return 1024 * sum(map(int, re.findall(r"^(?:FilePmdMapped|ShmemPmdMapped):\s+(\d+) kB", text, re.MULTILINE)))
