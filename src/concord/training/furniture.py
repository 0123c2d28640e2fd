"""Furniture for sleeping, sitting and storing.

A piece stands in its own frame: its back on the plane y = 0, its front towards +y, its middle at x = 0, the floor at
z = 0. Metres throughout.
"""

from dataclasses import dataclass

from concord.training.decor import BRASS, CLAY, DARK, LEAF, WHITE, Decor, Draw, fabric, spines
from concord.training.solids import Box, Colour, Point, Solid, Surface, ball, bounds_of, box, cylinder, moved


@dataclass(frozen=True, slots=True)
class Glow:
    """Light that a piece gives off in all directions."""

    place: Point
    strength: float
    colour: Colour = (1.0, 0.80, 0.55)


@dataclass(frozen=True, slots=True)
class Piece:
    solids: tuple[Solid, ...]
    glows: tuple[Glow, ...] = ()

    @property
    def bounds(self) -> Box:
        return bounds_of(self.solids)

    def moved(self, turn: float, by: Point) -> "Piece":
        """Turned about the origin by degrees, then shifted."""
        glows = (Glow(moved(glow.place, turn, by), glow.strength, glow.colour) for glow in self.glows)
        return Piece(tuple(solid.moved(turn, by) for solid in self.solids), tuple(glows))

    def __add__(self, other: "Piece") -> "Piece":
        return Piece(self.solids + other.solids, self.glows + other.glows)


def legs(width: float, depth: float, height: float, thickness: float, surface: Surface) -> tuple[Solid, ...]:
    x, y = width / 2 - thickness, depth - thickness
    size = (thickness, thickness, height)
    return tuple(box((across, along, 0), size, surface) for across in (-x, x) for along in (thickness, y))


# ---- sleeping -----------------------------------------------------------------------------------------------------


def bed(draw: Draw, decor: Decor) -> Piece:
    width, length = float(draw.choice((0.95, 1.4, 1.6))), 2.0
    head = decor.wood if draw.uniform() < 0.6 else decor.upholstery
    solids = [
        box((0, 0.045, 0.1), (width + 0.08, 0.08, draw.uniform(0.85, 1.15)), head, soft=0.03),
        box((0, length / 2, 0.12), (width + 0.06, length, 0.16), decor.wood),
        box((0, length / 2 + 0.04, 0.28), (width, length - 0.06, 0.2), WHITE, soft=0.05),
        box((0, length / 2 + 0.32, 0.25), (width + 0.06, length - 0.62, 0.27), decor.bedspread, soft=0.05),
        box((0, length - 0.36, 0.3), (width + 0.09, 0.42, 0.245), decor.cushion, soft=0.04),
        *legs(width, length, 0.12, 0.06, decor.wood),
    ]
    places = (0.0,) if width < 1 else (-width / 4, width / 4)
    for x in places:
        solids.append(ball((x, 0.34, 0.44), (0.62, 0.4, 0.22), WHITE))
        solids.append(ball((x, 0.54, 0.46), (0.42, 0.22, 0.26), decor.cushion))
    return Piece(tuple(solids))


def nightstand(_draw: Draw, decor: Decor) -> Piece:
    body = box((0, 0.2, 0.05), (0.45, 0.4, 0.47), decor.wood)
    fronts = [box((0, 0.405, 0.08 + 0.22 * row), (0.41, 0.02, 0.2), decor.front) for row in range(2)]
    knobs = [ball((0, 0.43, 0.165 + 0.22 * row), (0.03, 0.03, 0.03), BRASS) for row in range(2)]
    return Piece((body, *fronts, *knobs)) + table_lamp(decor).moved(0, (0, 0.2, 0.52))


def table_lamp(decor: Decor) -> Piece:
    foot = Surface("plain", (decor.accents[0], decor.accents[1]), 0.1)
    solids = (
        cylinder((0, 0, 0), 0.07, 0.03, foot),
        ball((0, 0, 0.02), (0.13, 0.13, 0.2), foot),
        cylinder((0, 0, 0.24), 0.15, 0.18, decor.shade, taper=0.65),
    )
    return Piece(solids, (Glow((0, 0, 0.48), 0.35),))


# ---- storing ------------------------------------------------------------------------------------------------------


def wardrobe(draw: Draw, decor: Decor) -> Piece:
    doors, height = int(draw.integers(2, 4)), draw.uniform(1.95, 2.2)
    width = 0.52 * doors
    solids = [box((0, 0.29, 0), (width, 0.58, height), decor.wood)]
    for door in range(doors):
        x = (door + 0.5) * 0.52 - width / 2
        solids.append(box((x, 0.59, 0.09), (0.5, 0.025, height - 0.13), decor.front))
        solids.append(box((x, 0.60, 0.25), (0.34, 0.025, height - 0.5), decor.front))
        solids.append(box((x + (0.2 if door % 2 == 0 else -0.2), 0.62, 0.95), (0.025, 0.03, 0.16), BRASS))
    return Piece(tuple(solids))


def chest(draw: Draw, decor: Decor) -> Piece:
    rows, width = 3, draw.uniform(0.9, 1.2)
    solids = [box((0, 0.23, 0.06), (width, 0.46, 0.78), decor.wood), *legs(width, 0.46, 0.06, 0.06, decor.wood)]
    for row in range(rows):
        for side in (-1, 1):
            x, z = side * width / 4, 0.09 + 0.25 * row
            solids.append(box((x, 0.465, z), (width / 2 - 0.04, 0.02, 0.23), decor.front))
            solids.append(ball((x, 0.49, z + 0.1), (0.035, 0.03, 0.035), BRASS))
    return Piece(tuple(solids)) + vase(decor).moved(0, (draw.uniform(-0.3, 0.3), 0.23, 0.84))


def vase(decor: Decor) -> Piece:
    glaze = Surface("stripes", (decor.accents[2], decor.accents[3]), 0.06)
    stems = (ball((dx, dy, 0.24), (0.1, 0.1, 0.2), LEAF) for dx, dy in ((-0.05, 0.0), (0.05, 0.02), (0.0, -0.04)))
    blooms = (ball((dx, dy, 0.4), (0.09, 0.09, 0.08), decor.cushion) for dx, dy in ((-0.07, 0.0), (0.06, 0.03)))
    return Piece((ball((0, 0, 0), (0.17, 0.17, 0.26), glaze), *stems, *blooms))


def bookcase(draw: Draw, decor: Decor) -> Piece:
    width, rows = draw.uniform(0.85, 1.2), int(draw.integers(4, 6))
    height = 0.06 + 0.36 * rows
    solids = [box((0, 0.01, 0), (width, 0.02, height), decor.wood)]
    solids += [box((side * width / 2, 0.15, 0), (0.03, 0.3, height + 0.02), decor.wood) for side in (-1, 1)]
    for row in range(rows + 1):
        solids.append(box((0, 0.15, 0.04 + 0.36 * row), (width, 0.29, 0.025), decor.wood))
    for row in range(rows):
        solids += _books(draw, decor, width - 0.04, 0.065 + 0.36 * row)
    return Piece(tuple(solids))


def _books(draw: Draw, decor: Decor, width: float, z: float) -> list[Solid]:
    """Two blocks of books of different height, with a gap that sometimes holds a ball."""
    left = width * draw.uniform(0.35, 0.6)
    right = width * draw.uniform(0.2, 0.38)
    tall, low = draw.uniform(0.22, 0.29), draw.uniform(0.16, 0.26)
    solids = [
        box((-width / 2 + left / 2, 0.14, z), (left, 0.2, tall), spines(draw, decor)),
        box((width / 2 - right / 2, 0.13, z), (right, 0.18, low), spines(draw, decor)),
    ]
    if width - left - right > 0.16:
        place = (-width / 2 + left + (width - left - right) / 2, 0.15, z)
        solids.append(ball(place, (0.13, 0.13, 0.14), Surface("plain", (decor.accents[1], decor.accents[2]), 0.1)))
    return solids


def plant(draw: Draw, decor: Decor) -> Piece:
    height = draw.uniform(0.7, 1.2)
    solids = [
        cylinder((0, 0.34, 0), 0.14, 0.28, CLAY, taper=1.25),
        cylinder((0, 0.34, 0.27), 0.025, height - 0.3, decor.wood),
    ]
    for leaf in range(8):
        turn, z = 137.5 * leaf, 0.35 + (height - 0.35) * (leaf + 1) / 8
        reach = 0.11 * (1.3 - 0.5 * leaf / 8)
        solids.append(
            ball((0, 0, 0), (0.34, 0.13, 0.07), LEAF).moved(turn, (0, 0, 0)).moved(0, (*_around(turn, reach), z))
        )
    return Piece(tuple(solids))


def _around(turn: float, reach: float) -> tuple[float, float]:
    x, y, _ = moved((reach, 0, 0), turn, (0, 0.34, 0))
    return x, y


# ---- sitting ------------------------------------------------------------------------------------------------------


def sofa(draw: Draw, decor: Decor) -> Piece:
    return _upholstered(draw, decor, seats=int(draw.integers(2, 4)))


def armchair(draw: Draw, decor: Decor) -> Piece:
    return _upholstered(draw, decor, seats=1)


def _upholstered(draw: Draw, decor: Decor, seats: int) -> Piece:
    width, cloth = 0.66 * seats, decor.upholstery
    solids = [
        box((0, 0.45, 0.08), (width + 0.34, 0.86, 0.2), cloth, soft=0.03),
        box((0, 0.12, 0.2), (width + 0.3, 0.22, 0.62), cloth, soft=0.08),
        *(box((side * (width / 2 + 0.09), 0.45, 0.1), (0.18, 0.88, 0.52), cloth, soft=0.08) for side in (-1, 1)),
        *legs(width + 0.3, 0.86, 0.09, 0.06, decor.wood),
    ]
    for seat in range(seats):
        x = (seat + 0.5) * 0.66 - width / 2
        solids.append(box((x, 0.52, 0.27), (0.65, 0.7, 0.16), cloth, soft=0.05))
        solids.append(box((x, 0.27, 0.4), (0.63, 0.16, 0.42), cloth, soft=0.07))
    for side in (-1, 1) if seats > 1 else (0,):
        x = side * (width / 2 - 0.2) + draw.uniform(-0.05, 0.05)
        solids.append(box((x, 0.4, 0.43), (0.42, 0.14, 0.4), decor.cushion, soft=0.065, turn=draw.uniform(-15, 15)))
    return Piece(tuple(solids))


def chair(_draw: Draw, decor: Decor) -> Piece:
    slats = tuple(box((0, 0.03, z), (0.38, 0.02, 0.07), decor.wood) for z in (0.55, 0.68, 0.81))
    posts = tuple(box((side * 0.19, 0.03, 0.44), (0.035, 0.035, 0.46), decor.wood) for side in (-1, 1))
    seat = box((0, 0.22, 0.43), (0.42, 0.42, 0.035), decor.wood)
    pad = box((0, 0.23, 0.455), (0.38, 0.36, 0.04), decor.cushion, soft=0.018)
    return Piece((seat, pad, *slats, *posts, *legs(0.42, 0.44, 0.43, 0.035, decor.wood)))


def table(decor: Decor, width: float, depth: float, height: float = 0.74) -> Piece:
    top = box((0, depth / 2, height - 0.04), (width, depth, 0.04), decor.wood)
    apron = box((0, depth / 2, height - 0.11), (width - 0.14, depth - 0.14, 0.07), decor.wood)
    return Piece((top, apron, *legs(width, depth, height - 0.04, 0.06, decor.wood)))


def low_table(draw: Draw, decor: Decor) -> Piece:
    bowl = cylinder(
        (0.2, 0.25, 0.4), 0.07, 0.07, Surface("plain", (decor.accents[3], decor.accents[2]), 0.1), taper=1.7
    )
    magazine = box((-0.22, 0.27, 0.4), (0.22, 0.3, 0.02), spines(draw, decor), turn=draw.uniform(-25, 25))
    return table(decor, draw.uniform(0.8, 1.1), 0.55, 0.4) + Piece((bowl, magazine))


def dining_group(draw: Draw, decor: Decor) -> Piece:
    """A laid table and its chairs, some of them pushed back."""
    width = draw.uniform(1.2, 1.7)
    group = table(decor, width, 0.85).moved(0, (0, 0.45, 0))
    cloth = box((0, 0.875, 0.74), (width * 0.4, 0.87, 0.006), fabric(draw, decor.accents[2], 0.12))
    group += Piece((cloth,)) + vase(decor).moved(0, (0, 0.875, 0.745))
    for side, turn, y in ((-1, 0, 0.2), (1, 0, 0.2), (-1, 180, 1.55), (1, 180, 1.55)):
        back = draw.uniform(0, 0.12)
        at = (side * width / 4, y - back if turn == 0 else y + back, 0)
        group += chair(draw, decor).moved(turn + draw.uniform(-8, 8), at)
        group += Piece((cylinder((side * width / 4, 0.64 if turn == 0 else 1.1, 0.742), 0.12, 0.012, WHITE),))
    return group.moved(0, (0, 0.15, 0))


def television(draw: Draw, decor: Decor) -> Piece:
    cabinet = box((0, 0.2, 0.08), (1.4, 0.4, 0.36), decor.wood)
    fronts = tuple(box((0.46 * place, 0.405, 0.11), (0.43, 0.02, 0.3), decor.front) for place in (-1, 0, 1))
    picture = Surface("landscape", (*decor.accents, (0.9, 0.9, 0.9)), seed=int(draw.integers(999)), glow=0.5)
    screen = (
        box((0, 0.2, 0.44), (0.3, 0.2, 0.02), DARK),
        box((0, 0.2, 0.46), (0.06, 0.04, 0.08), DARK),
        box((0, 0.2, 0.52), (1.05, 0.05, 0.62), DARK),
        box((0, 0.228, 0.54), (1.01, 0.004, 0.58), picture, casts=False),
    )
    return Piece((cabinet, *fronts, *screen, *legs(1.4, 0.4, 0.08, 0.05, decor.wood)))


def floor_lamp(_draw: Draw, decor: Decor) -> Piece:
    solids = (
        cylinder((0, 0.22, 0), 0.14, 0.03, DARK),
        cylinder((0, 0.22, 0.03), 0.014, 1.35, DARK),
        cylinder((0, 0.22, 1.36), 0.2, 0.28, decor.shade, taper=0.7),
    )
    return Piece(solids, (Glow((0, 0.22, 1.72), 0.6),))
