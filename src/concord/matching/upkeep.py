"""When the index is put in order, and which of its segments. Pure: store.py does the work."""

from collections.abc import Sequence
from datetime import datetime, timedelta

SEAL_ENTRIES = 1 << 16  # in the tail: scanning them costs 20 us a question, four times as many 150
ERASE_AFTER = timedelta(minutes=30)  # an hour is promised; rewriting a hundred million entries takes minutes of it
RATIO = 2


def must_seal(entries: int) -> bool:
    """Whether a tail of so many entries, or of so many removals, is to be sealed."""
    return entries >= SEAL_ENTRIES


def must_erase(removed_since: datetime | None, now: datetime) -> bool:
    """Whether what has been removed since then must now go from the disk."""
    return removed_since is not None and now - removed_since >= ERASE_AFTER


def to_merge(sizes: Sequence[int]) -> set[int]:
    """Which segments become one: the smallest ones, up to the last that is less than RATIO times what is below it.

    So each is at least RATIO times all smaller ones together: there are few (a question asks every one of them), and
    an entry is written anew only when its segment grows by half (twelve times on the way to 100,000,000).
    """
    ascending = sorted(range(len(sizes)), key=lambda at: (sizes[at], at))
    below = merged = 0
    for rank, at in enumerate(ascending):
        if rank and sizes[at] < RATIO * below:
            merged = rank + 1
        below += sizes[at]
    return set(ascending[:merged])
