"""One pass over the pixels, compiled or not, gives the reference's reduction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.fingerprints import reduce
from concord.fingerprints.pdq_reference import SIDE, reduce_to_64
from concord.fingerprints.reduce import LEVELS, bands, can_be_compiled, reduce_fast, weigh, weigh_compiled

from .publisher import Pixels

SIDES = st.integers(5, 900)
ROUNDING = 2e-3  # levels of brightness; the reference's own running sums are what differs most

compiled = pytest.mark.skipif(not LEVELS, reason="nothing was compiled here: NumPy serves")


def noise(height: int, width: int, seed: int = 7) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


@settings(deadline=None, max_examples=50)
@given(height=SIDES, width=SIDES, seed=st.integers(0, 1000))
def test_the_reduction_is_the_references(height: int, width: int, seed: int) -> None:
    luma = noise(height, width, seed)
    assert np.abs(reduce_fast(luma) - reduce_to_64(luma)).max() < ROUNDING


@settings(deadline=None, max_examples=50)
@given(height=SIDES, width=SIDES, seed=st.integers(0, 1000))
def test_rows_are_weighed_as_by_definition(height: int, width: int, seed: int) -> None:
    luma = noise(height, width, seed)
    wanted = np.array([band.weights.astype(np.float64) @ luma[band.start : band.stop] for band in bands(height)])
    assert np.abs(weigh(luma) - wanted).max() < ROUNDING
    for level in LEVELS:
        assert np.abs(weigh_compiled(luma, level) - wanted).max() < ROUNDING


@compiled
@settings(deadline=None, max_examples=50)
@given(height=SIDES, width=st.integers(5, 5000), seed=st.integers(0, 1000))
def test_every_level_of_processor_gives_the_same_to_the_last_bit(height: int, width: int, seed: int) -> None:
    luma = noise(height, width, seed)
    portable = weigh_compiled(luma, "portable")
    assert all(np.array_equal(weigh_compiled(luma, level), portable) for level in LEVELS)


@pytest.mark.parametrize("shape", [(960, 1280), (1280, 960), (2448, 3264), (64, 700), (5, 9), (390, 520)])
def test_a_picture_is_reduced_alike_however_it_lies_in_memory(shape: tuple[int, int]) -> None:
    luma = noise(*shape)
    upright = reduce_fast(luma)
    for view in (np.asfortranarray(luma), np.ascontiguousarray(luma[::-1])[::-1], luma.astype(np.float32)):
        assert np.abs(reduce_fast(view) - upright).max() < ROUNDING


def test_without_compiled_code_numpy_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    luma = noise(400, 300)
    as_it_is = reduce_fast(luma)
    monkeypatch.setattr(reduce, "LEVELS", ())
    assert np.abs(reduce_fast(luma) - as_it_is).max() < ROUNDING


def test_only_whole_pictures_of_bytes_are_given_to_compiled_code() -> None:
    luma = noise(100, 100)
    assert can_be_compiled(luma)
    assert not any(can_be_compiled(view) for view in (luma[:, 1:], luma[::-1], luma.T, luma.astype(np.float32)))


@compiled
def test_compiled_code_refuses_what_does_not_fit() -> None:
    from concord.fingerprints import _weigh

    luma, sums = noise(100, 80), np.empty((1, 80), np.float32)
    one, three, weights = np.array([0]), np.array([3]), np.ones(3, np.float32)
    _weigh.rows(luma, one, three, weights, sums, "portable")
    assert np.array_equal(sums[0], luma[:3].sum(axis=0))
    refused = [
        (luma[:, ::2], one, three, weights, sums, "portable"),
        (luma.astype(np.float32), one, three, weights, sums, "portable"),
        (luma, np.array([98]), three, weights, sums, "portable"),
        (luma, np.array([-1]), three, weights, sums, "portable"),
        (luma, one, np.array([-3]), weights, sums, "portable"),
        (luma, one, np.array([4]), weights, sums, "portable"),
        (luma, one, three, weights, np.empty((SIDE, 80), np.float32), "portable"),
        (luma, one, three, weights, np.empty((1, 79), np.float32), "portable"),
        (luma, one, three, weights, sums, "quantum"),
    ]
    for given_arrays in refused:
        with pytest.raises(ValueError, match=r"wanted|shape|outside|few|cannot run"):
            _weigh.rows(*given_arrays)
