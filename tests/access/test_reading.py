"""Who reads twice what he used to is seen within a day; who reads as usual hardly ever. On invented people, seeded."""

import math
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from statistics import median

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from concord.access.reading import HISTORY_DAYS, LEAST, NEAR_BITS, NEAR_QUESTIONS, WINDOW_DAYS, excess
from concord.config import Limits

USERS = 200
DAYS = 30
REACH = WINDOW_DAYS + HISTORY_DAYS
BUDGET = Limits().views_per_day


def test_as_usual_is_no_excess_and_few_records_never_are() -> None:
    assert excess([10] * REACH) is None
    assert excess([0] * REACH) is None
    assert excess([]) is None
    assert excess([9, 10, 10]) is None  # of a new user: one less than counts at all
    found = excess([10, 10, 10])
    assert found is not None
    assert (found.count, found.norm) == (LEAST, 0)


def test_a_busy_week_like_others_before_it_is_none_either() -> None:
    usual = [10] * 20 + [22] * 4 + [10] * 4
    assert excess([22, 22, 22, *usual]) is None
    assert excess([30, 30, 30, *usual]) is not None


def test_twice_the_norm_is_the_bound() -> None:
    usual = [10] * HISTORY_DAYS
    assert excess([20, 20, 19, *usual]) is None
    found = excess([20, 20, 20, *usual])
    assert found is not None
    assert (found.count, found.norm) == (60, 30)


def test_what_lies_further_back_than_four_weeks_counts_for_nothing() -> None:
    assert excess([20] * 3 + [10] * HISTORY_DAYS + [1000]) == excess([20] * 3 + [10] * HISTORY_DAYS)


def test_the_oldest_day_of_four_weeks_counts_as_well() -> None:
    once = [*[20] * WINDOW_DAYS, *[0] * (HISTORY_DAYS - 1)]
    assert excess([*once, 31]) is None
    found = excess([*once, 30])
    assert found is not None
    assert (found.count, found.norm) == (60, 30)


def test_whoever_rests_at_weekends_or_reads_every_third_day_has_a_norm() -> None:
    weekly = [0, 0, *([12] * 5)] * 5
    assert excess(weekly[2:]) is None
    every_third = [30, 0, 0] * 11
    assert excess(every_third) is None
    assert excess([60, 0, 0, *every_third]) is not None


def second_wording(per_day: list[int]) -> tuple[int, int] | None:
    """docs/budgets.md once more, with NumPy's percentile for PostgreSQL's."""
    days = (per_day + [0] * 31)[:31]
    sums = [sum(days[start : start + 3]) for start in range(29)]
    some = [one for one in sums[3:] if one] or [0]
    usual = float(np.median(some))
    return (sums[0], int(usual)) if sums[0] >= max(30, 2 * usual, 1.25 * np.percentile(some, 90)) else None


@given(st.lists(st.sampled_from([0, 0, 3, 7, 10, 11, 20, 40, 90]), max_size=34))
def test_the_rule_and_the_page_say_the_same(per_day: list[int]) -> None:
    found = excess(per_day)
    assert (found and (found.count, found.norm)) == second_wording(per_day)


@given(st.lists(st.sampled_from([0, 0, 0, 1, 5, 20, 60, 90]), max_size=28))
def test_an_alert_begins_at_the_bound_and_not_one_record_before(history: list[int]) -> None:
    """With PostgreSQL's percentile_cont in fractions."""
    padded = history + [0] * (28 - len(history))
    sums = [sum(padded[start : start + 3]) for start in range(26)]
    some = sorted(one for one in sums if one) or [0]
    at = Fraction(9 * (len(some) - 1), 10)
    low, high = some[math.floor(at)], some[math.ceil(at)]
    bound = Fraction(5, 4) * (low + (high - low) * (at - math.floor(at)))
    assume(bound.denominator > 1)  # else a rounding decides
    least = max(30, math.ceil(2 * median(some)), math.ceil(bound))
    assert excess([least, 0, 0, *history]) is not None
    assert excess([least - 1, 0, 0, *history]) is None


@pytest.mark.parametrize("low", range(29))
def test_what_was_much_counts_a_quarter_more(low: int) -> None:
    """From every side of its bound: the sums of four weeks in which `low` days were low, and three days around it."""
    usual = [10] * low + [21] * (28 - low)
    for count in range(60, 80):
        days = [count, 0, 0, *usual]
        found = excess(days)
        assert (found and (found.count, found.norm)) == second_wording(days)


def test_a_walk_around_a_hash_is_what_the_page_calls_one() -> None:
    assert (NEAR_BITS, NEAR_QUESTIONS) == (40, 8)  # the ninth is one too many


# ---- two hundred people, thirty days -------------------------------------------------------------------------------------


@dataclass
class Reader:
    """Weekdays around a norm of his own, which differs from day to day more than chance alone would have it."""

    random: Random
    norm: float
    shown: list[int] = field(default_factory=list)  # a day, oldest first
    refused: int = 0

    def day(self, number: int, factor: float = 1.0) -> None:
        wanted = 0
        if number % 7 < 5 and self.random.random() > 0.08:  # a day off
            level = self.norm * factor * self.random.gammavariate(4, 0.25)  # a coefficient of variation of a half
            wanted = sum(1 for _ in range(400) if self.random.random() < level / 400)
            if self.random.random() < 0.03:
                wanted *= 2  # a case that needs it
        self.shown.append(min(wanted, BUDGET))
        self.refused += wanted - self.shown[-1]

    def is_noticed(self) -> bool:
        return excess(self.shown[::-1]) is not None


def _readers(seed: int) -> list[Reader]:
    random = Random(seed)
    found = [Reader(Random(seed * 1000 + one), min(random.lognormvariate(2.3, 0.5), 35)) for one in range(USERS)]
    for reader in found:
        for number in range(REACH):
            reader.day(number)
    return found


def _alerts(reader: Reader, factor: float, begins: int) -> list[int]:
    """The days of this month on which an alert is raised; a supervisor answers it at once, and it rests for a week."""
    found: list[int] = []
    for number in range(DAYS):
        reader.day(REACH + number, factor if number >= begins else 1.0)
        if reader.is_noticed() and (not found or number - found[-1] >= 7):
            found.append(number)
    return found


def _found_within(factor: float, days: int) -> float:
    """The share of those who read `factor` times as much from a Monday on of whom there is an alert after so many days."""
    begins = -REACH % 7 + 7
    found = [_alerts(reader, factor, begins) for reader in _readers(2)]
    return sum(any(begins <= day < begins + days for day in one) for one in found) / USERS


def test_of_two_hundred_honest_people_there_is_less_than_one_alert_a_user_and_month() -> None:
    """The figures of docs/budgets.md."""
    honest = [len(_alerts(reader, 1.0, DAYS)) for reader in _readers(1)]
    assert sum(honest) / USERS <= 1
    assert max(honest) <= 3


@pytest.mark.parametrize(("factor", "share"), [(2.0, 0.70), (3.0, 0.90)])
def test_who_reads_far_more_for_three_days_is_found_within_a_day_of_them(factor: float, share: float) -> None:
    assert _found_within(factor, WINDOW_DAYS + 1) >= share


def test_a_burst_stops_at_the_budget() -> None:
    reader = Reader(Random(3), 5.0)
    reader.day(0, factor=60)
    assert reader.shown == [BUDGET]
    assert reader.refused > 0
