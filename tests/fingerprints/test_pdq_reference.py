import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from concord.fingerprints.pdq_reference import reduce_to_64
from concord.fingerprints.small import cosines

from .publisher import Pixels, published_coefficients

SIDES = st.integers(5, 200)


@settings(deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(SIDES, SIDES)))
def test_every_coefficient_is_the_publishers_to_the_last_bit(luma: Pixels) -> None:
    assert np.array_equal(cosines(reduce_to_64(luma)), published_coefficients(luma))


@settings(deadline=None)
@given(st.integers(5, 900), st.integers(5, 900), st.integers(0, 2**32 - 1))
def test_this_holds_for_noise_of_any_size(height: int, width: int, seed: int) -> None:
    luma = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    assert np.array_equal(cosines(reduce_to_64(luma)), published_coefficients(luma))


def test_a_picture_of_64_by_64_is_taken_as_it_is() -> None:
    luma = np.arange(64 * 64, dtype=np.float32).reshape(64, 64) % 251
    assert np.array_equal(reduce_to_64(luma), luma)
