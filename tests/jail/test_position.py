import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.position import altitude, degrees, position, xmp_degrees


@pytest.mark.parametrize(
    ("parts", "side", "value"),
    [
        ((48.0, 51.0, 23.76), "N", 48.8566),
        ((48.8566,), "s", -48.8566),
        ((2, 21.5), "E ", 2.358333),
        ((180, 0, 0), "W", -180),
        ((91, 0, 0), "N", None),
        ((180, 0, 0.1), "W", None),
        ((10, 61, 0), "N", None),
        ((10, 10, 61), "N", None),
        ((-10, 0, 0), "N", None),
        ((10, 0, 0), "", None),
        ((10, 0, 0), "X", None),
        ((math.nan, 0, 0), "N", None),
        ((math.inf, 0, 0), "N", None),
        ((), "N", None),
        ((1, 2, 3, 4), "N", None),
    ],
)
def test_degrees_minutes_and_seconds_are_degrees_or_nonsense(
    parts: tuple[float, ...], side: str, value: float | None
) -> None:
    assert degrees(parts, side) == (None if value is None else pytest.approx(value, abs=1e-6))


def test_a_place_has_seven_decimals() -> None:
    assert position(48.85660004, -2.1) == "48.8566000,-2.1000000"
    assert position(-1e-9, 5.0) == "0.0000000,5.0000000"


def test_both_exactly_zero_is_what_those_write_who_know_neither() -> None:
    assert position(0.0, 0.0) is None
    assert position(-0.0, 1e-9) is None
    assert position(0.0, 9.5) == "0.0000000,9.5000000"
    assert position(None, 9.5) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("48,51.396N", 48.8566),
        ("48,51,23.76N", 48.8566),
        ("122,0W", -122),
        ("48N", None),
        ("48,51.4", None),
        ("", None),
    ],
)
def test_xmp_writes_them_with_commas(text: str, value: float | None) -> None:
    assert xmp_degrees(text) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("metres", "below", "written"),
    [
        (35.24, False, "35.2"),
        (35.24, True, "-35.2"),
        (0.0, False, None),
        (math.nan, False, None),
        (200_000, False, None),
        (13_000, True, None),
    ],
)
def test_a_height_is_where_pictures_can_be_taken(metres: float, below: bool, written: str | None) -> None:
    assert altitude(metres, below=below) == written


@given(st.lists(st.floats(), max_size=4), st.text(max_size=2))
def test_any_numbers_are_degrees_or_none(parts: list[float], side: str) -> None:
    value = degrees(parts, side)
    assert value is None or -180 <= value <= 180
