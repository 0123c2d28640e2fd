"""Samples of times compared: whether they can be told apart, and by how much. Plain tests of ranks, which no outlier moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, sqrt

import numpy as np
from numpy.typing import NDArray

NORMAL_99 = 2.5758  # two-sided


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


@dataclass(frozen=True)
class Shift:
    """By how much the one of each pair is more than the other: the estimate of Hodges and Lehmann with its interval of 99 %, and
    the probability of so much by chance (the signed-rank test of Wilcoxon). In the unit of the values."""

    by: float
    low: float
    high: float
    p: float

    def __str__(self) -> str:
        return f"{self.by:+.1f} [{self.low:+.1f}, {self.high:+.1f}], p {self.p:.2g}"


def shift(one: Sequence[float], other: Sequence[float]) -> Shift:
    """Of pairs that were measured one beside the other, in an order drawn for each: what drifts falls on both."""
    differences = np.asarray(one) - np.asarray(other)
    n = len(differences)
    averages = _averages(differences)
    mean, spread = n * (n + 1) / 4, sqrt(n * (n + 1) * (2 * n + 1) / 24)
    above = (averages > 0).sum() + (averages == 0).sum() / 2  # the sum of the ranks of those above zero
    outside = max(0, int(mean - NORMAL_99 * spread))
    low, high = averages[outside], averages[len(averages) - 1 - outside]
    return Shift(float(np.median(averages)), float(low), float(high), erfc(abs(above - mean) / spread / sqrt(2)))


def _averages(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of every two, each with itself as well, in order."""
    rows, columns = np.triu_indices(len(values))
    return np.sort((values[rows] + values[columns]) / 2)
