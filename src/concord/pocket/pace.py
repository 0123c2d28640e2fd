"""How much goes into one request: little at first, more while answers come quickly, less when the line suffers."""

from __future__ import annotations

from random import Random

FIRST_ITEMS = 16
LARGEST_ITEMS = 2000
GOAL_SECONDS = 5.0  # of one request: an officer who watches sees answers come, and a cut line costs no more

BASE_SECONDS = 0.5
LONGEST_SECONDS = 60.0


class Pace:
    """The size of the next batch, in items or in bytes."""

    def __init__(self, first: int = FIRST_ITEMS, largest: int = LARGEST_ITEMS) -> None:
        self._least = min(first, largest)
        self.size, self.largest = self._least, largest

    def went(self, size: int, seconds: float) -> None:
        """A request of this size was answered. Only a full one tells whether more would do."""
        if seconds > 2 * GOAL_SECONDS:
            self.size = max(self._least, self.size // 2)
        elif size >= self.size and seconds < GOAL_SECONDS / 2:
            self.size = min(self.largest, 2 * self.size)

    def failed(self) -> None:
        self.size = max(self._least, self.size // 2)


def pause_seconds(attempt: int, random: Random) -> float:
    """How long to wait before trying again, after so many attempts (1 or more).

    Full jitter (Brooker, Exponential Backoff And Jitter, 2015): many clients that lost one line do not come back at once.
    """
    return random.uniform(0, min(LONGEST_SECONDS, BASE_SECONDS * 2.0 ** min(attempt, 20)))
