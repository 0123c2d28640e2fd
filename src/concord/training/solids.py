"""What a room is made of: surfaces and solids. Lengths in metres; x to the right, y away, z up; angles in degrees."""

import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from concord.training.motifs import MOTIFS
from concord.training.noise import F32
from concord.training.patterns import WEIGHTS

Colour = tuple[float, float, float]  # sRGB, 0 to 1
Point = tuple[float, float, float]
Box = tuple[Point, Point]  # lower and upper corner


@dataclass(frozen=True, slots=True)
class Surface:
    """How something looks: a two-colour pattern repeated every `scale`, or a motif that fills each face."""

    pattern: str  # a name in patterns.WEIGHTS or motifs.MOTIFS
    colours: tuple[Colour, ...]  # two for a pattern, three or more for a motif
    scale: float = 0.2
    seed: int = 0
    glow: float = 0.0  # light given off by itself, as a share of its colour

    def paint(self, places: F32, face: F32) -> F32:
        """Linear colours float32[3, n] at places float32[2, n] in metres on a face of size float32[2]."""
        linear = np.array(self.colours, np.float32) ** np.float32(2.2)
        if self.pattern in MOTIFS:
            s, t = 2 * places / face[:, None]
            return MOTIFS[self.pattern](s, t, (float(face[0]), float(face[1])), linear, self.seed)
        x, y = places / np.float32(self.scale)
        weight = WEIGHTS[self.pattern](x, y, self.seed)
        result: F32 = linear[0][:, None] + (linear[1] - linear[0])[:, None] * weight
        return result


class Shape(enum.Enum):
    BOX = enum.auto()
    CYLINDER = enum.auto()  # upright
    BALL = enum.auto()  # stretched to its half sizes


@dataclass(frozen=True, slots=True)
class Solid:
    shape: Shape
    centre: Point
    half: Point  # half sizes along its own axes
    surface: Surface
    turn: float = 0.0  # degrees about the vertical, against the clock seen from above
    taper: float = 1.0  # of a cylinder: radius at the top as a share of that at the bottom
    soft: float = 0.004  # width of the rounded rim of a box
    casts: bool = True  # a shadow

    @property
    def bounds(self) -> Box:
        """The upright box that encloses it."""
        cos, sin = abs(math.cos(math.radians(self.turn))), abs(math.sin(math.radians(self.turn)))
        reach = (cos * self.half[0] + sin * self.half[1], sin * self.half[0] + cos * self.half[1], self.half[2])
        low, high = zip(*((c - r, c + r) for c, r in zip(self.centre, reach, strict=True)), strict=True)
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    def moved(self, turn: float, by: Point) -> "Solid":
        """Turned about the origin, then shifted."""
        return replace(self, centre=moved(self.centre, turn, by), turn=self.turn + turn)


def moved(point: Point, turn: float, by: Point) -> Point:
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    x, y, z = point
    return cos * x - sin * y + by[0], sin * x + cos * y + by[1], z + by[2]


def bounds_of(solids: Iterable[Solid]) -> Box:
    corners = [solid.bounds for solid in solids]
    low = [min(box[0][axis] for box in corners) for axis in range(3)]
    high = [max(box[1][axis] for box in corners) for axis in range(3)]
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


# ---- short ways to make one: the place is the middle of the underside ------------------------------------------------


def box(
    place: Point, size: Point, surface: Surface, *, soft: float = 0.004, turn: float = 0, casts: bool = True
) -> Solid:
    return Solid(Shape.BOX, _middle(place, size), _halved(size), surface, turn=turn, soft=soft, casts=casts)


def cylinder(place: Point, radius: float, height: float, surface: Surface, taper: float = 1.0) -> Solid:
    size = (2 * radius, 2 * radius, height)
    return Solid(Shape.CYLINDER, _middle(place, size), _halved(size), surface, taper=taper)


def ball(place: Point, size: Point, surface: Surface, turn: float = 0) -> Solid:
    return Solid(Shape.BALL, _middle(place, size), _halved(size), surface, turn=turn)


def _middle(place: Point, size: Point) -> Point:
    return place[0], place[1], place[2] + size[2] / 2


def _halved(size: Point) -> Point:
    return size[0] / 2, size[1] / 2, size[2] / 2
