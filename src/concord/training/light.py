"""How much light falls on each place: lamps and window with soft shadows, sun through the panes, darker corners.

Shadows and corners are looked for at every second pixel, like the black fields of a chessboard. For shadows each of
them looks at one of sixteen points of a lamp, neighbours at others; `Probes.spread` then averages blocks of four by four
pixels of the same face (interleaved sampling, Keller and Heidrich 2001).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from concord.training.noise import F32
from concord.training.probes import BLOCK, Probes
from concord.training.rays import Lines, meeting, to_own
from concord.training.rooms import Daylight, Room
from concord.training.sight import Sight
from concord.training.solids import Box, Colour, Point, Shape, Solid

Flags = npt.NDArray[np.bool_]

FAINT = 0.01  # light too weak to look for shadows
SLIGHT = 0.05  # metres; thinner things cast no shadow that one would miss
SUN: Colour = (1.0, 0.88, 0.68)
SUN_STRENGTH = 3.2


@dataclass(frozen=True, slots=True)
class Lamp:
    centre: Point
    half: Point  # it shines from all of this box, metres
    colour: Colour
    strength: float  # what a place that faces it gets at one metre, about
    facing: Point | None  # None: shines in all directions


def falling(room: Room, sight: Sight, width: int) -> F32:
    """Light on each place, linear float32[3, n], pixels row by row in rows of `width`."""
    probes = Probes.of(sight, width)
    open_share = probes.spread(_openness(room, probes))
    total = _ambient(room, sight) * open_share
    direct = np.float32(0.5) + np.float32(0.5) * open_share
    for lamp in _lamps(room):
        total += _column(lamp.colour) * (_from_lamp(room, lamp, sight, probes) * direct)
    if room.daylight.towards_sun:
        total += _column(SUN) * _from_sun(room, room.daylight.towards_sun, sight, probes)
    return total


def _lamps(room: Room) -> Iterator[Lamp]:
    day = room.daylight
    yield Lamp(
        day.centre, (0.7 * day.half[0], 0.7 * day.half[1], 0.7 * day.half[2]), day.colour, day.strength, day.facing
    )
    for glow in room.glows:
        yield Lamp(glow.place, (0.05, 0.05, 0.05), glow.colour, glow.strength, None)


def _ambient(room: Room, sight: Sight) -> F32:
    """Light that has been thrown about: from above the sky's and lamps' colour, from below the floor's."""
    day = min(room.daylight.strength, 5.0) / 5
    above = np.array([0.30, 0.30, 0.31], np.float32) * np.float32(0.45 + 0.55 * day)
    ground = np.array(room.floor.colours[0], np.float32) ** np.float32(2.2)
    below = above * (0.35 + 0.65 * ground / ground.max())
    share = (0.5 + 0.5 * sight.normals[2])[None]
    towards = _along(sight.normals, room.daylight.facing)
    result: F32 = (below[:, None] + (above - below)[:, None] * share) * (1 - np.float32(0.22) * towards)
    return result


# ---- lamps and the sun --------------------------------------------------------------------------------------------


def _from_lamp(room: Room, lamp: Lamp, sight: Sight, probes: Probes) -> F32:
    """Light from one lamp, [n], with its shadows."""
    step = _column(lamp.centre) - sight.places
    squared = _along(step, step)
    distance: F32 = np.sqrt(squared)
    light: F32 = np.clip(_along(step, sight.normals), 0, None)
    light /= distance
    light *= np.float32(lamp.strength) / (squared + np.float32(0.35))
    if lamp.facing:
        light *= np.maximum(-_along(step, lamp.facing), np.float32(0)) / distance
    return light * probes.spread(_seen(room, lamp, light[probes.pixels] > FAINT, probes).astype(np.float32))


def _seen(room: Room, lamp: Lamp, lit: Flags, probes: Probes) -> Flags:
    """Which of the lit probes have nothing between them and their point of the lamp; those not lit do not matter."""
    lines = Lines.of(probes.places, _points_of(lamp)[:, probes.turns] - probes.places)
    casters = [solid for solid in room.solids if _casts(solid) and not _holds(solid.bounds, lamp.centre)]
    left = lit.copy()
    for solid, near in zip(casters, probes.between(casters, lamp.centre, lamp.half), strict=True):
        members = np.flatnonzero(near & left)
        if members.size:
            left[members] = meeting(solid, lines, members) >= 1
    return left


def _points_of(lamp: Lamp) -> F32:
    """Points of the lamp, evenly spread: an additive recurrence in three dimensions (Roberts 2018). float32[3, 16]"""
    number = np.arange(BLOCK * BLOCK, dtype=np.float32)
    spread = np.stack([(0.5 + number * ratio) % 1 for ratio in (0.8191725, 0.6710436, 0.5497005)]) * 2 - 1
    return _column(lamp.centre) + _column(lamp.half) * spread.astype(np.float32)


def _casts(solid: Solid) -> bool:
    return solid.casts and sorted(solid.half)[1] > SLIGHT / 2


def _holds(bounds: Box, place: Point) -> bool:
    return all(low <= at <= high for low, at, high in zip(bounds[0], place, bounds[1], strict=True))


def _from_sun(room: Room, towards: Point, sight: Sight, probes: Probes) -> F32:
    """Sunlight, [n], where the line to the sun goes out through the window and past everything else."""
    aim = np.array(towards, np.float32) / np.float32(np.linalg.norm(towards))
    light = np.maximum(_along(sight.normals, aim), 0) * np.float32(SUN_STRENGTH)
    seen = (light[probes.pixels] > FAINT) & _through(room.daylight, probes.places, aim)
    lines = Lines.of(probes.places, aim[:, None])
    for solid in room.solids:
        if _casts(solid):
            members = np.flatnonzero(seen)
            seen[members] = ~np.isfinite(meeting(solid, lines, members))
    return light * probes.spread(seen.astype(np.float32))


def _through(day: Daylight, places: F32, aim: F32) -> Flags:
    """Which places see the sun's direction within the window's rectangle."""
    axis = int(np.argmax(np.abs(day.facing)))
    distance = (np.float32(day.centre[axis]) - places[axis]) / aim[axis]
    inside: Flags = distance > 0
    for other in range(3):
        if other != axis:
            crossing = places[other] + distance * aim[other]
            inside &= np.abs(crossing - np.float32(day.centre[other])) < day.half[other]
    return inside


# ---- corners ------------------------------------------------------------------------------------------------------


def _openness(room: Room, probes: Probes) -> F32:
    """How open the place about each probe is, from about 0.35 to 1: the room there is at two steps off the surface."""
    openness = np.ones(probes.pixels.size, np.float32)
    for reach, weight in ((0.12, 0.35), (0.45, 0.45)):
        clear = _clearance(room, probes, reach)
        openness *= 1 - np.float32(weight) * np.clip(1 - clear / np.float32(reach), 0, 1)
    return openness


def _clearance(room: Room, probes: Probes, reach: float) -> F32:
    """Distance to the nearest surface from `reach` metres off each probe, up to `reach`; small things do not count."""
    places = probes.places + np.float32(reach) * probes.normals
    clear = np.full(places.shape[1], reach, np.float32)
    for axis in range(3):
        np.minimum(clear, places[axis], out=clear)
        np.minimum(clear, np.float32(room.size[axis]) - places[axis], out=clear)
    solids = [solid for solid in room.solids if sorted(solid.half)[1] > reach / 6]
    for solid, near in zip(solids, probes.within(solids, reach), strict=True):
        members = np.flatnonzero(near)
        if members.size:
            clear[members] = np.minimum(clear[members], _to_solid(solid, places[:, members]))
    return np.maximum(clear, 0)


def _to_solid(solid: Solid, places: F32) -> F32:
    """Distance to a solid's surface; a ball's and a cylinder's are estimates that are exact at the surface."""
    own, half = to_own(solid, places, place=True), _column(solid.half)
    if solid.shape is Shape.BALL:
        unit = own / half
        estimate: F32 = (np.sqrt(_along(unit, unit)) - 1) * half.min()
        return estimate
    if solid.shape is Shape.CYLINDER:
        gap = np.stack([np.hypot(own[0], own[1]) - half[0], np.abs(own[2]) - half[2]])
    else:
        gap = np.abs(own) - half
    outside = np.maximum(gap, 0)
    result: F32 = np.sqrt((outside * outside).sum(axis=0)) + np.minimum(gap.max(axis=0), 0)
    return result


def _along(vectors: F32, others: F32 | Point) -> F32:
    """Scalar products, [n]."""
    if isinstance(others, tuple):
        others = _column(others)
    result: F32 = vectors[0] * others[0] + vectors[1] * others[1] + vectors[2] * others[2]
    return result


def _column(point: Point) -> F32:
    return np.array(point, np.float32)[:, None]
