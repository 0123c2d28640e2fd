import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.training.arrangement import Arrangement, overlap
from concord.training.decor import WHITE
from concord.training.furniture import Piece
from concord.training.solids import Box, box

CUPBOARD = Piece((box((0, 0.3, 0), (1.0, 0.6, 2.0), WHITE),))


def _plan(seed: int = 0) -> Arrangement:
    return Arrangement(np.random.default_rng(seed), (4.0, 3.0, 2.5))


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        (0, ((0.7, 0.0, 0.0), (1.7, 0.6, 2.0))),
        (1, ((3.4, 0.7, 0.0), (4.0, 1.7, 2.0))),
        (2, ((2.3, 2.4, 0.0), (3.3, 3.0, 2.0))),
        (3, ((0.0, 1.3, 0.0), (0.6, 2.3, 2.0))),
    ],
)
def test_a_piece_stands_with_its_back_to_its_wall_and_takes_that_place(wall: int, expected: Box) -> None:
    plan = _plan()
    placed = plan.fix(CUPBOARD, wall, 1.2)
    for corner, wanted, taken in zip(placed.bounds, expected, plan.taken[0], strict=True):
        assert corner == pytest.approx(wanted, abs=1e-6)
        assert taken == pytest.approx(wanted, abs=1e-6)


@given(seed=st.integers(0, 9999))
@settings(max_examples=50, deadline=None)
def test_no_piece_is_put_into_another(seed: int) -> None:
    plan = _plan(seed)
    placed = [plan.against(CUPBOARD, (number % 4, 0)) for number in range(8)] + [plan.on_floor(CUPBOARD)]
    boxes = [piece.bounds for piece in placed if piece]
    assert len(boxes) >= 3
    assert not any(overlap(one, other) for at, one in enumerate(boxes) for other in boxes[:at])


def test_what_finds_no_place_is_left_out() -> None:
    plan = _plan()
    plan.taken.append(((0, 0, 0), plan.size))
    assert plan.against(CUPBOARD, (0, 1, 2, 3)) is None
    assert plan.on_floor(CUPBOARD) is None
    assert plan.pieces == []
