"""Evened tones: what a curve leaves alone, what it may not blow up, and the arithmetic on a picture small enough to count."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from concord.fingerprints.pdq import distance_bits
from concord.fingerprints.pdq_reference import Floats
from concord.fingerprints.small import values
from concord.fingerprints.tone import evened


def halves(*levels: int) -> Floats:
    """[64, 64] in equal stripes."""
    stripes: Floats = np.repeat(np.array(levels, np.float32), 4096 // len(levels)).reshape(64, 64)
    return stripes


def page(seed: int) -> Floats:
    """Lines of text on paper with its grain: three quarters of the picture are within a few levels."""
    written = np.random.default_rng(7).random((16, 64)) * 150 * (np.arange(64) > 12)
    noise = np.random.default_rng(seed).normal(0, 0.8, (64, 64))
    paper: Floats = (230 + noise).astype(np.float32)
    paper[::4] -= written.astype(np.float32)
    return paper


def turned_over(a: Floats, b: Floats) -> int:
    """In how many bits the values of two small pictures differ."""
    return distance_bits(*(values(each)[0]["none"] for each in (a, b)))


@given(
    seed=st.integers(0, 2**32 - 1),
    levels=st.sets(st.integers(0, 255), min_size=2, max_size=60),
    others=st.sets(st.integers(0, 255), min_size=60, max_size=120),
)
def test_a_curve_that_keeps_the_order_of_levels_changes_nothing(seed: int, levels: set[int], others: set[int]) -> None:
    places = np.random.default_rng(seed).integers(0, len(levels), (64, 64))
    before, after = (np.array(sorted(each), np.float32)[places] for each in (levels, others))
    assert np.array_equal(evened(before), evened(after))


@given(st.integers(0, 2**32 - 1))
def test_what_is_darker_stays_so(seed: int) -> None:
    small = np.random.default_rng(seed).integers(0, 256, (64, 64)).astype(np.float32)
    order = np.argsort(small, axis=None, kind="stable")
    even = evened(small).ravel()[order]
    assert (np.diff(even) >= 0).all()
    assert (even >= 0).all()
    assert (even <= 255).all()


def test_a_level_becomes_the_chance_that_the_darker_of_two_places_is_darker() -> None:
    # Four levels of a quarter each: ranks 1/8, 3/8, 5/8, 7/8.
    expected = [255 * (1 - (1 - rank) ** 2) for rank in (1 / 8, 3 / 8, 5 / 8, 7 / 8)]
    assert np.allclose(np.unique(evened(halves(3, 9, 20, 21))), expected)


def test_the_grain_of_paper_is_not_blown_up() -> None:
    assert max(turned_over(evened(page(0)), evened(page(seed))) for seed in range(1, 9)) <= 31
