"""Where straight lines meet solids and the room's shell.

A result is the distance along each line in lengths of its direction, float32[...], infinite where there is no meeting.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from concord.training.noise import F32, Int
from concord.training.solids import Point, Shape, Solid

NEAR = np.float32(1e-4)
FAR = np.float32(np.inf)


@dataclass(frozen=True, slots=True)
class Lines:
    """Origins and directions, float32[3, ...], that broadcast together; one of them may be one column for all."""

    origin: F32
    direction: F32
    inverse: F32  # 1 / direction; kept because most solids need nothing else of it

    @classmethod
    def of(cls, origin: F32, direction: F32) -> "Lines":
        return cls(origin, direction, np.float32(1) / _not_zero(direction))


Part = tuple[slice, slice] | npt.NDArray[np.intp]  # rows and columns, or members


def meeting(solid: Solid, lines: Lines, part: Part) -> F32:
    """Distance at which those lines, coming from outside, enter the solid."""
    origin = _chosen(lines.origin, part)
    if solid.shape is Shape.BOX and solid.turn % 90 == 0:
        low, high = solid.bounds
        return _slabs(origin, _chosen(lines.inverse, part), low, high)
    start = to_unit(solid, origin, place=True)
    step = to_unit(solid, _chosen(lines.direction, part), place=False)
    if solid.shape is Shape.BOX:
        return _slabs(start, np.float32(1) / _not_zero(step), (-1, -1, -1), (1, 1, 1))
    return _ball(start, step) if solid.shape is Shape.BALL else _cylinder(start, step, np.float32(solid.taper))


def _chosen(values: F32, part: Part) -> F32:
    if values.size == 3:  # one column for all
        return values
    return values[:, part[0], part[1]] if isinstance(part, tuple) else values.take(part, axis=1)


def to_unit(solid: Solid, vectors: F32, *, place: bool) -> F32:
    """Places or directions in the solid's own frame, in which it reaches from -1 to 1 along each axis."""
    own = to_own(solid, vectors, place=place)
    for axis in range(3):
        own[axis] /= np.float32(max(solid.half[axis], 1e-6))
    return own


def to_own(solid: Solid, vectors: F32, *, place: bool) -> F32:
    """Places or directions along the solid's own axes, in metres from its middle."""
    cos, sin = turned(solid.turn)
    x, y, z = vectors
    if place:
        x, y, z = x - np.float32(solid.centre[0]), y - np.float32(solid.centre[1]), z - np.float32(solid.centre[2])
    return np.stack([cos * x + sin * y, cos * y - sin * x, z])


def turned(degrees: float) -> tuple[np.float32, np.float32]:
    """Cosine and sine."""
    return np.float32(math.cos(math.radians(degrees))), np.float32(math.sin(math.radians(degrees)))


def leaving(size: Point, lines: Lines) -> tuple[F32, Int]:
    """For lines from inside the room: distance to its shell, and the axis 0, 1 or 2 of the plane met."""
    bounds = (np.where(lines.inverse[axis] > 0, np.float32(size[axis]), np.float32(0)) for axis in range(3))
    away = np.stack([(bound - lines.origin[axis]) * lines.inverse[axis] for axis, bound in enumerate(bounds)])
    return away.min(axis=0), away.argmin(axis=0).astype(np.int32)


def _slabs(start: F32, inverse: F32, low: Point, high: Point) -> F32:
    """Into an upright box. Kay and Kajiya's method: within three pairs of planes at once."""
    enter, leave = _pair(start, inverse, low, high, 0)
    for axis in (1, 2):
        near, far = _pair(start, inverse, low, high, axis)
        np.maximum(enter, near, out=enter)
        np.minimum(leave, far, out=leave)
    enter[(enter >= leave) | (enter <= NEAR)] = FAR
    return enter


def _pair(start: F32, inverse: F32, low: Point, high: Point, axis: int) -> tuple[F32, F32]:
    """Distances to the nearer and to the farther of the two planes across an axis."""
    one = (np.float32(low[axis]) - start[axis]) * inverse[axis]
    other = (np.float32(high[axis]) - start[axis]) * inverse[axis]
    return np.minimum(one, other), np.maximum(one, other)


def _ball(start: F32, step: F32) -> F32:
    a, b, c = _dot(step, step), _dot(start, step), _dot(start, start) - 1
    inner = b * b - a * c
    distance = (-b - np.sqrt(np.maximum(inner, 0))) / a
    return np.where((inner > 0) & (distance > NEAR), distance, FAR)


def _cylinder(start: F32, step: F32, taper: np.float32) -> F32:
    """An upright cone stump: radius 1 at the bottom, `taper` at the top."""
    middle, slope = (1 + taper) / 2, (taper - 1) / 2
    radius, change = middle + slope * start[2], slope * step[2]
    a = step[0] ** 2 + step[1] ** 2 - change**2
    b = start[0] * step[0] + start[1] * step[1] - radius * change
    c = start[0] ** 2 + start[1] ** 2 - radius**2
    root = np.sqrt(np.maximum(b * b - a * c, 0))
    safe = np.where(np.abs(a) < 1e-9, np.float32(1e-9), a)
    nearest = np.full(np.broadcast_shapes(a.shape, c.shape), FAR, np.float32)
    for distance in ((-b - root) / safe, (-b + root) / safe):
        height = start[2] + distance * step[2]
        met = (b * b > a * c) & (np.abs(height) <= 1) & (middle + slope * height > 0) & (distance > NEAR)
        nearest = np.where(met & (distance < nearest), distance, nearest)
    for end, reach in ((np.float32(-1), np.float32(1)), (np.float32(1), taper)):
        distance = (end - start[2]) / _not_zero(step[2])
        off = (start[0] + distance * step[0]) ** 2 + (start[1] + distance * step[1]) ** 2
        nearest = np.where((off <= reach**2) & (distance > NEAR) & (distance < nearest), distance, nearest)
    return nearest


def _dot(one: F32, other: F32) -> F32:
    result: F32 = one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
    return result


def _not_zero(values: F32) -> F32:
    return np.where(np.abs(values) < 1e-9, np.float32(1e-9), values)
