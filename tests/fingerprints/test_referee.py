"""The compiled referee is the reference, to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.fingerprints.pdq_reference import reduce_to_64
from concord.fingerprints.referee import reduce_as_reference

SIDES = st.one_of(st.integers(1, 300), st.sampled_from([63, 64, 65, 127, 128, 129, 480, 640]))


@settings(max_examples=60)
@given(height=SIDES, width=SIDES, seed=st.integers(0, 2**32 - 1), flat=st.booleans())
def test_it_gives_what_the_reference_gives(height: int, width: int, seed: int, flat: bool) -> None:
    random = np.random.default_rng(seed)
    luma = random.integers(0, 3 if flat else 256, (height, width), dtype=np.uint8)
    assert reduce_as_reference(luma).tobytes() == reduce_to_64(luma).tobytes()


def test_views_and_floats_are_taken_as_they_are() -> None:
    luma = np.random.default_rng(1).integers(0, 256, (200, 320), dtype=np.uint8)
    for view in (luma.T, luma[::-1, 3:200], luma.astype(np.float32)):
        assert reduce_as_reference(view).tobytes() == reduce_to_64(view).tobytes()


def test_what_does_not_fit_is_refused() -> None:
    compiled = pytest.importorskip("concord.fingerprints._referee", reason="nothing was compiled")
    small = np.empty((64, 64), np.float32)
    for picture, sums in ((np.zeros((0, 5), np.uint8), small), (np.zeros((5, 5), np.uint8), small[:, :63])):
        with pytest.raises(ValueError, match=r"picture|small"):
            compiled.reduce(picture, sums)
