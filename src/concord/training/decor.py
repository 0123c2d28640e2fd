"""The taste of one room: its colours and fabrics, drawn once so that the pieces go together."""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from concord.training.motifs import POSTERS
from concord.training.solids import Colour, Surface

Draw = np.random.Generator
Thing = TypeVar("Thing")

WOODS: tuple[tuple[Colour, Colour], ...] = (
    ((0.72, 0.53, 0.34), (0.52, 0.35, 0.20)),
    ((0.50, 0.33, 0.20), (0.32, 0.19, 0.11)),
    ((0.85, 0.72, 0.53), (0.70, 0.55, 0.37)),
    ((0.36, 0.24, 0.18), (0.20, 0.13, 0.10)),
    ((0.62, 0.36, 0.24), (0.44, 0.22, 0.13)),
)
BRICKS: tuple[tuple[Colour, Colour], ...] = (
    ((0.72, 0.40, 0.30), (0.85, 0.80, 0.74)),
    ((0.90, 0.88, 0.85), (0.70, 0.68, 0.66)),
)
WHITE = Surface("plain", ((0.93, 0.92, 0.89), (0.86, 0.85, 0.82)), 0.4)
DARK = Surface("plain", ((0.10, 0.10, 0.11), (0.15, 0.15, 0.16)), 0.1)
STEEL = Surface("plain", ((0.70, 0.71, 0.73), (0.58, 0.59, 0.61)), 0.3)
BRASS = Surface("plain", ((0.75, 0.60, 0.30), (0.60, 0.46, 0.20)), 0.05)
LEAF = Surface("plain", ((0.20, 0.42, 0.18), (0.36, 0.58, 0.26)), 0.03)
CLAY = Surface("plain", ((0.70, 0.42, 0.30), (0.60, 0.34, 0.24)), 0.1)

WALLPAPERS = ("stripes", "damask", "dots", "flowers", "diamonds", "chevron", "plain", "bricks", "boards")
FLOORS = ("planks", "carpet", "chessboard", "tiles", "planks")
FABRICS = ("checks", "stripes", "flowers", "chevron", "diamonds", "plain", "dots")


@dataclass(frozen=True, slots=True)
class Decor:
    wallpaper: Surface
    feature: Surface  # of one wall, where it differs
    floor: Surface
    wood: Surface
    front: Surface  # doors and drawers
    upholstery: Surface
    bedspread: Surface
    cushion: Surface
    curtain: Surface
    shade: Surface  # of lamps
    accents: tuple[Colour, ...]


def make_decor(draw: Draw) -> Decor:
    hue = draw.uniform()
    accents = tuple(
        _tone((hue + shift) % 1, draw.uniform(0.28, 0.68), draw.uniform(0.38, 0.85)) for shift in _harmony(draw)
    )
    wood = Surface("wood", _one(draw, WOODS), 0.35, _seed(draw))
    wallpaper = _wallpaper(draw, hue)
    painted = Surface("plain", _shades(accents[1], 0.92), 0.5, _seed(draw))
    return Decor(
        wallpaper=wallpaper,
        feature=_wallpaper(draw, (hue + 0.5) % 1) if draw.uniform() < 0.4 else wallpaper,
        floor=_floor(draw),
        wood=wood,
        front=_one(draw, (wood, WHITE, painted)),
        upholstery=Surface("plain", _shades(accents[0], 0.8), 0.06, _seed(draw)),
        bedspread=fabric(draw, accents[0], 0.30),
        cushion=fabric(draw, accents[2], 0.14),
        curtain=Surface("folds", _shades(_one(draw, accents), 0.55), 0.13, _seed(draw)),
        shade=Surface("plain", ((1.0, 0.93, 0.78), (0.98, 0.88, 0.70)), 0.2, glow=0.9),
        accents=accents,
    )


def fabric(draw: Draw, colour: Colour, scale: float) -> Surface:
    second = (0.95, 0.93, 0.88) if draw.uniform() < 0.6 else _darker(colour, 0.45)
    return Surface(_one(draw, FABRICS), (colour, second), scale * draw.uniform(0.7, 1.4), _seed(draw))


def poster(draw: Draw, decor: Decor) -> Surface:
    return Surface(_one(draw, POSTERS), _poster_colours(draw, decor), seed=_seed(draw))


def spines(draw: Draw, decor: Decor) -> Surface:
    muted = tuple(_tone(draw.uniform(), draw.uniform(0.2, 0.7), draw.uniform(0.3, 0.8)) for _ in range(4))
    return Surface("books", decor.accents + muted, seed=_seed(draw))


def rug(draw: Draw, decor: Decor) -> Surface:
    return Surface("rug", (*decor.accents, (0.88, 0.84, 0.75)), seed=_seed(draw))


def _wallpaper(draw: Draw, hue: float) -> Surface:
    pattern = _one(draw, WALLPAPERS)
    if pattern == "boards":
        return Surface(pattern, _one(draw, WOODS), draw.uniform(0.1, 0.18), _seed(draw))
    if pattern == "bricks":
        return Surface(pattern, _one(draw, BRICKS), 0.26)
    ground = _tone(hue, draw.uniform(0.06, 0.38), draw.uniform(0.72, 0.95))
    return Surface(pattern, (ground, _darker(ground, draw.uniform(0.62, 0.85))), draw.uniform(0.22, 0.5), _seed(draw))


def _floor(draw: Draw) -> Surface:
    pattern = _one(draw, FLOORS)
    if pattern == "planks":
        return Surface(pattern, _one(draw, WOODS), draw.uniform(0.11, 0.17), _seed(draw))
    ground = _tone(draw.uniform(), draw.uniform(0.05, 0.4), draw.uniform(0.5, 0.85))
    scale = {"carpet": 0.5, "chessboard": 0.4, "tiles": 0.45}[pattern]
    return Surface(pattern, (ground, _darker(ground, 0.55)), scale, _seed(draw))


def _harmony(draw: Draw) -> tuple[float, ...]:
    """Distances of the accents on the colour circle."""
    return _one(draw, ((0.0, 0.08, 0.5, 0.55), (0.0, 0.33, 0.66, 0.1), (0.0, 0.45, 0.55, 0.05)))


def _poster_colours(draw: Draw, decor: Decor) -> tuple[Colour, ...]:
    order = draw.permutation(len(decor.accents))
    return (*(decor.accents[place] for place in order), (0.95, 0.92, 0.85), (0.12, 0.14, 0.20))


def _tone(hue: float, saturation: float, value: float) -> Colour:
    return colorsys.hsv_to_rgb(hue, saturation, value)


def _darker(colour: Colour, share: float) -> Colour:
    return colour[0] * share, colour[1] * share, colour[2] * share


def _shades(colour: Colour, share: float) -> tuple[Colour, Colour]:
    return colour, _darker(colour, share)


def _one(draw: Draw, things: Sequence[Thing]) -> Thing:
    return things[int(draw.integers(len(things)))]


def _seed(draw: Draw) -> int:
    return int(draw.integers(2**16))
