"""Who reads far more than he used to: one's own norm, and when it is left. Pure; the database computes the same.

Other units' records are counted in spans of 24 hours that end now. Three of them are looked at together; the norm is the
median of all such sums of the 28 days before in which there was anything. Sums, since a median of single days is nought for
whoever reads every third day and too high for whoever rests at weekends. Twice the norm alone would call every busy week of
the honest; so it must also be a quarter above what was much for this user, one such sum in ten (docs/adr/0014).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WINDOW_DAYS = 3
HISTORY_DAYS = 28
FACTOR = 2  # times the norm
ABOVE_MUCH = 1.25  # times the sum that nine in ten did not exceed
LEAST = 30  # records in a window; fewer never raise an alert
NEAR_BITS = 40  # questions so near to one another look like a walk around a stored hash
NEAR_QUESTIONS = 8  # earlier ones near a new one, within a week


@dataclass(frozen=True, slots=True)
class Excess:
    count: int  # in the window
    norm: int  # of windows before, rounded down; 0: there were none


def excess(per_day: Sequence[int]) -> Excess | None:
    """`per_day`: of one user, newest first, the first that of the last 24 hours. None: it is as usual."""
    count, before = sum(per_day[:WINDOW_DAYS]), per_day[WINDOW_DAYS : WINDOW_DAYS + HISTORY_DAYS]
    sums = [sum(before[start : start + WINDOW_DAYS]) for start in range(HISTORY_DAYS - WINDOW_DAYS + 1)]
    some = sorted(one for one in sums if one) or [0]
    norm = median(some)
    return Excess(count, int(norm)) if count >= max(LEAST, FACTOR * norm, ABOVE_MUCH * _ninth_tenth(some)) else None


def _ninth_tenth(ordered: Sequence[int]) -> float:
    """Between the two next to it in proportion, as PostgreSQL's percentile_cont."""
    below, part = divmod(9 * (len(ordered) - 1), 10)
    upper = ordered[min(below + 1, len(ordered) - 1)]
    return ordered[below] + (upper - ordered[below]) * part / 10
