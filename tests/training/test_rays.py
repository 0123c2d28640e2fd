import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.training.rays import Lines, leaving, meeting
from concord.training.solids import Shape, Solid, Surface

PAINT = Surface("plain", ((0, 0, 0), (1, 1, 1)))
EVERYTHING = np.array([0])


def _solid(shape: Shape, turn: float = 0, taper: float = 1) -> Solid:
    return Solid(shape, (1, 2, 3), (0.5, 0.5, 1), PAINT, turn=turn, taper=taper)


def _distance(solid: Solid, origin: tuple[float, ...], direction: tuple[float, ...]) -> float:
    lines = Lines.of(np.array([origin, origin], np.float32).T, np.array([direction, direction], np.float32).T)
    return float(meeting(solid, lines, EVERYTHING)[0])


@pytest.mark.parametrize("shape", Shape)
def test_a_line_into_the_middle_meets_the_side_where_it_is(shape: Shape) -> None:
    assert _distance(_solid(shape), (-4, 2, 3), (1, 0, 0)) == pytest.approx(4.5, abs=1e-4)


@pytest.mark.parametrize("shape", Shape)
def test_a_line_from_above_meets_the_top(shape: Shape) -> None:
    assert _distance(_solid(shape), (1, 2, 9), (0, 0, -1)) == pytest.approx(5, abs=1e-4)


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("direction", [(-1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_a_line_away_or_past_meets_nothing(shape: Shape, direction: tuple[float, ...]) -> None:
    assert math.isinf(_distance(_solid(shape), (-4, 2, 3), direction))


def test_a_stump_is_narrow_where_it_tapers() -> None:
    stump = _solid(Shape.CYLINDER, taper=0.5)
    assert _distance(stump, (-4, 2, 3.99), (1, 0, 0)) == pytest.approx(4.75, abs=0.01)
    assert _distance(stump, (-4, 2, 2.01), (1, 0, 0)) == pytest.approx(4.5, abs=0.01)


@given(turn=st.sampled_from([90, 180, 270]), x=st.floats(-3, 5), z=st.floats(1.5, 4.5))
def test_quick_way_for_square_turns_agrees_with_the_general_one(turn: float, x: float, z: float) -> None:
    quick, general = _solid(Shape.BOX, turn), _solid(Shape.BOX, turn + 1e-4)
    direction = (1 - x, 2 + 3, 3 - z)
    assert _distance(quick, (x, -3, z), direction) == pytest.approx(_distance(general, (x, -3, z), direction), abs=2e-3)


@given(x=st.floats(-1, 1), y=st.floats(-1, 1), z=st.floats(-1, 1))
def test_a_line_leaves_the_room_at_its_shell(x: float, y: float, z: float) -> None:
    direction = np.array([[x], [y], [z]], np.float32)
    if np.abs(direction).max() < 0.01:
        return
    distance, axis = leaving((4, 3, 2.5), Lines.of(np.array([[2], [1.5], [1.25]], np.float32), direction))
    end = np.array([2, 1.5, 1.25]) + distance[0] * direction[:, 0]
    assert min(abs(end[axis[0]]), abs(end[axis[0]] - (4, 3, 2.5)[axis[0]])) < 1e-3
    assert (end > -1e-3).all()
    assert (end < np.array([4, 3, 2.5]) + 1e-3).all()
