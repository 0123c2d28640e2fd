import numpy as np
import pytest

from concord.training.motifs import MOTIFS
from concord.training.noise import cell_noise, smooth_noise
from concord.training.patterns import WEIGHTS

GRID = np.stack(np.meshgrid(np.linspace(-6, 6, 90), np.linspace(-5, 5, 70))).astype(np.float32).reshape(2, -1)
COLOURS = np.array([(0.9, 0.1, 0.1), (0.1, 0.8, 0.2), (0.1, 0.2, 0.9), (0.9, 0.9, 0.2)], np.float32)


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_pattern_stays_between_its_two_colours_and_shows_both(name: str) -> None:
    weight = WEIGHTS[name](GRID[0], GRID[1], 5)
    assert weight.dtype == np.float32
    assert weight.shape == GRID[0].shape
    assert 0 <= weight.min() < 0.35
    assert 0.4 < weight.max() <= 1


@pytest.mark.parametrize("name", MOTIFS)
def test_a_motif_is_colourful_and_changes_with_its_seed(name: str) -> None:
    s, t = GRID / np.abs(GRID).max(axis=1, keepdims=True)
    one, same, other = (MOTIFS[name](s, t, (0.8, 0.6), COLOURS, seed) for seed in (1, 1, 2))
    assert one.shape == (3, s.size)
    assert one.min() >= 0
    assert one.max() <= 1.2
    assert one.std(axis=1).max() > 0.05
    assert (one == same).all()
    assert name == "rug" or (one != other).any()  # a rug's pattern is fixed; only its colours are drawn


def test_noise_is_evenly_spread_and_smooth_where_it_says_so() -> None:
    cells = cell_noise(np.floor(GRID[0] * 50), np.floor(GRID[1] * 50), 3)
    assert abs(float(cells.mean()) - 0.5) < 0.02
    assert abs(float(cells.std()) - 1 / 12**0.5) < 0.02
    x = np.linspace(-3, 3, 2001, dtype=np.float32)
    assert np.abs(np.diff(smooth_noise(x, x * 0, 3))).max() < 0.01
