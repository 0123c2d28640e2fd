"""Restricted in silence and not there take the same time: nobody learns by a stop-watch what no answer tells.

A campaign: its result hangs on the clock, so it never stands in the suite. Questions of both kinds come in random order; the
two samples are compared by the test of Mann and Whitney, and by that of Kolmogorov and Smirnov. docs/rights.md has figures.
"""

import gc
import random
import time
from collections.abc import Sequence
from hashlib import sha256
from math import erfc, exp, sqrt
from statistics import median

import pytest
from django.db import connections

from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests
from concord.media import fingerprint
from concord.values import Category
from tests.desk import Desk, Desks

QUESTIONS = 2000
LEVEL = 0.01


def mann_whitney(one: Sequence[float], other: Sequence[float]) -> float:
    """The probability of so large a difference of ranks by chance; two-sided, by the normal approximation."""
    ranked = sorted([(value, True) for value in one] + [(value, False) for value in other])
    n, m = len(one), len(other)
    ranks = sum(rank for rank, (_, is_one) in enumerate(ranked, 1) if is_one)
    return erfc(abs(ranks - n * (n + 1) / 2 - n * m / 2) / sqrt(n * m * (n + m + 1) / 12) / sqrt(2))


def kolmogorov_smirnov(one: Sequence[float], other: Sequence[float]) -> float:
    """The probability of so large a distance of the distributions by chance; its first term, an upper bound."""
    n, m = len(one), len(other)
    ranked = sorted([(value, 1 / n) for value in one] + [(value, -1 / m) for value in other])
    height, distance = 0.0, 0.0
    for _, step in ranked:
        height += step
        distance = max(distance, abs(height))
    return min(1.0, 2 * exp(-2 * distance**2 * n * m / (n + m)))


def test_the_tests_tell_what_differs_from_what_does_not() -> None:
    chance = random.Random(2)
    same, alike, other = ([chance.gauss(mean, 1) for _ in range(500)] for mean in (0, 0, 0.3))
    for test in (mann_whitney, kolmogorov_smirnov):
        assert test(same, alike) > LEVEL > test(same, other)


def _times(desk: Desk, silent: Sequence[str], absent: Sequence[str]) -> tuple[list[float], list[float]]:
    """Seconds of each question."""
    questions = [(True, text) for text in silent] + [(False, text) for text in absent]
    random.Random(7).shuffle(questions)
    for _, text in questions[:200]:
        desk.ask_texts([text])
    samples: dict[bool, list[float]] = {True: [], False: []}
    gc.disable()
    try:
        for is_silent, text in questions:
            began = time.perf_counter()
            desk.ask_texts([text])
            samples[is_silent].append(time.perf_counter() - began)
    finally:
        gc.enable()
    return samples[True], samples[False]


@pytest.mark.long
@pytest.mark.parametrize("how", ["digest", "picture"])
def test_silence_takes_as_long_as_absence(desks: Desks, how: str) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    terms = Terms("C-1", Category.CATEGORY_1, own_country_only="a running operation")
    held = [sha256(f"{ours.actor.unit} {number}".encode()).hexdigest() for number in range(QUESTIONS)]
    enter_digests(ours.installation, ours.actor, held, terms)
    pictures = [ours.picture(f"{number}.jpg") for number in range(40)]
    ours.enter(*pictures, own_country_only="a running operation")
    with connections[OWNER].cursor() as cursor:
        cursor.execute("analyze")
    if how == "digest":
        silent, absent = held, [sha256(text.encode()).hexdigest() for text in held]
    else:
        values = [
            one.value.hex() for path in pictures for one in fingerprint(path).fingerprints if one.transform == "none"
        ]
        silent = [f"pdq:{values[number % len(values)]}" for number in range(QUESTIONS)]
        absent = [f"pdq:{sha256(text.encode()).hexdigest()}" for text in held]
    one, other = _times(theirs, silent, absent)
    found = mann_whitney(one, other), kolmogorov_smirnov(one, other)
    print(f"{how}: silent {median(one) * 1e6:.0f} us, absent {median(other) * 1e6:.0f} us, p {found}")  # with -s
    assert min(found) > LEVEL
