"""The colours, by the formula of WCAG 2: what is read stands out from its ground, in light and in dark."""

import re
from itertools import product

import pytest
from django.conf import settings

STYLE = (settings.STATICFILES_DIRS[0] / "concord" / "tokens.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", part))
    for part in STYLE.split("@media (prefers-color-scheme: dark)")
)
STATES = ("new", "known", "partly", "identified", "aside", "failed")
READ = [
    *product(("ink", "ink-quiet"), ("ground", "surface", "sunken")),
    *product(("accent",), ("ground", "surface", "accent-tint")),
    *product(STATES, ("surface", "ground")),
    *((state, f"{state}-tint") for state in STATES),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-hover"),
    ("ink", "accent-tint"),
]
SEEN = [*product(("line-strong", "focus"), ("surface", "ground"))]


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ)
def test_what_is_read_has_four_and_a_half_to_one(scheme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(scheme[ink], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), SEEN)
def test_a_line_that_matters_has_three_to_one(scheme: dict[str, str], line: str, ground: str) -> None:
    assert contrast(scheme[line], scheme[ground]) >= 3


def test_both_schemes_name_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK)
