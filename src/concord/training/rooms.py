"""Rooms that never existed: `make_room(seed)` builds and furnishes one, always the same for the same seed."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from concord.training import fittings, furniture, workplaces
from concord.training.arrangement import Arrangement
from concord.training.decor import WHITE, Decor, Draw, make_decor, rug
from concord.training.furniture import Glow, Piece
from concord.training.solids import Colour, Point, Solid, Surface, bounds_of, box, moved


class Kind(enum.Enum):
    BEDROOM = "bedroom"
    KITCHEN = "kitchen"
    LIVING_ROOM = "living room"
    OFFICE = "office"
    DINING_ROOM = "dining room"
    STUDIO = "studio"


@dataclass(frozen=True, slots=True)
class Daylight:
    """What comes through the window: a rectangle in one wall's plane, and the sun where it shines in."""

    centre: Point
    half: Point  # zero along the wall's normal
    facing: Point  # into the room
    colour: Colour
    strength: float
    towards_sun: Point | None  # None: overcast, or night


@dataclass(frozen=True, slots=True)
class Room:
    seed: int
    kind: Kind
    size: Point  # width, depth and height in metres; one lower corner is the origin
    walls: tuple[Surface, Surface, Surface, Surface]  # y = 0, x = width, y = depth, x = 0
    floor: Surface
    ceiling: Surface
    solids: tuple[Solid, ...]
    glows: tuple[Glow, ...]
    daylight: Daylight


@lru_cache(maxsize=32)
def make_room(seed: int) -> Room:
    """Seeds that follow one another give rooms of different kinds. The seed is a whole number of at least 0."""
    draw = np.random.default_rng((seed, 0x9007))
    kind = list(Kind)[seed % len(Kind)]
    decor = make_decor(draw)
    size = (draw.uniform(3.7, 5.2), draw.uniform(3.5, 4.8), draw.uniform(2.45, 2.8))
    plan = Arrangement(draw, size)
    daylight = _fit_out(plan, decor)
    FURNISH[kind](plan, decor)
    _hang(plan, decor)
    walls = [decor.wallpaper] * 4
    walls[int(draw.integers(4))] = decor.feature
    return Room(
        seed=seed,
        kind=kind,
        size=size,
        walls=(walls[0], walls[1], walls[2], walls[3]),
        floor=decor.floor,
        ceiling=WHITE,
        solids=tuple(solid for piece in plan.pieces for solid in piece.solids),
        glows=tuple(glow for piece in plan.pieces for glow in piece.glows),
        daylight=daylight,
    )


# ---- what every room has ------------------------------------------------------------------------------------------


def _fit_out(plan: Arrangement, decor: Decor) -> Daylight:
    """Skirting, cornice, door, window and the lamp on the ceiling."""
    draw = plan.draw
    for wall in range(4):
        length = plan.length(wall)
        plan.add(plan.on_wall(fittings.skirting(length, decor.wood), wall, length / 2))
        plan.add(plan.on_wall(fittings.cornice(length, plan.size[2]), wall, length / 2))
    of_door, of_window = (int(wall) for wall in draw.permutation(4)[:2])
    side = draw.uniform(0.62, 0.9)
    along = side if draw.uniform() < 0.5 else plan.length(of_door) - side
    plan.fix(fittings.door(draw, decor), of_door, along, clear=0.8)
    lamp = workplaces.pendant(decor, draw.uniform(0.3, 0.55))
    plan.add(lamp.moved(0, (plan.size[0] / 2, plan.size[1] / 2, plan.size[2])))
    return _daylight(plan, decor, of_window)


def _daylight(plan: Arrangement, decor: Decor, wall: int) -> Daylight:
    draw, evening = plan.draw, plan.draw.uniform() < 0.2
    width, height = draw.uniform(1.2, 1.9), draw.uniform(1.05, 1.3)
    along = plan.length(wall) / 2 + draw.uniform(-0.25, 0.25)
    plan.fix(fittings.window(draw, decor, width, height, 0.25 if evening else 1.8), wall, along)
    pane = Piece((box((0, 0.12, fittings.SILL), (width, 0, height), WHITE),))
    low, high = plan.on_wall(pane, wall, along).bounds
    slant = moved((draw.uniform(-0.8, 0.8), -1, draw.uniform(0.45, 0.9)), 90 * wall, (0, 0, 0))
    return Daylight(
        centre=_each(lambda a, b: (a + b) / 2, low, high),
        half=_each(lambda a, b: (b - a) / 2, low, high),
        facing=moved((0, 1, 0), 90 * wall, (0, 0, 0)),
        colour=(0.45, 0.55, 1.0) if evening else (0.86, 0.93, 1.0),
        strength=0.4 if evening else 5.0,
        towards_sun=None if evening or draw.uniform() < 0.3 else slant,
    )


def _hang(plan: Arrangement, decor: Decor) -> None:
    """Posters on what is left of the walls, and perhaps a clock."""
    draw = plan.draw
    for wall in (0, 1, 2, 3, 0, 1, 2, 3)[: int(draw.integers(5, 9))]:
        size = draw.uniform(0.35, 0.85), draw.uniform(0.4, 0.8)
        plan.against(fittings.picture(draw, decor, *size), (wall,), height=draw.uniform(1.25, 1.4))
    if draw.uniform() < 0.6:
        plan.against(fittings.clock(), _any_wall(draw), height=1.85)


def _lay_rug(plan: Arrangement, decor: Decor, beside: Piece | None) -> None:
    """A rug lies under what stands on it: it takes no place."""
    draw = plan.draw
    width, depth = draw.uniform(1.5, 2.3), draw.uniform(1.1, 1.6)
    low, high = bounds_of(beside.solids) if beside else ((0.0, 0.0, 0.0), plan.size)
    middle = [
        (low[axis] + high[axis]) / 2 + 0.4 * (plan.size[axis] / 2 - (low[axis] + high[axis]) / 2) for axis in (0, 1)
    ]
    x = min(max(middle[0], width / 2 + 0.1), plan.size[0] - width / 2 - 0.1)
    y = min(max(middle[1], depth / 2 + 0.1), plan.size[1] - depth / 2 - 0.1)
    plan.add(Piece((box((x, y, 0), (width, depth, 0.012), rug(draw, decor)),)))


# ---- what each kind has -------------------------------------------------------------------------------------------


def _bedroom(plan: Arrangement, decor: Decor) -> None:
    draw, walls = plan.draw, _any_wall(plan.draw)
    bed = plan.against(_bed_group(draw, decor), walls)
    _lay_rug(plan, decor, bed)
    _line(
        plan,
        decor,
        (furniture.wardrobe, furniture.chest, furniture.armchair, furniture.bookcase, furniture.plant),
        walls,
    )


def _kitchen(plan: Arrangement, decor: Decor) -> None:
    walls = _any_wall(plan.draw)
    _line(plan, decor, (workplaces.kitchen_row, workplaces.refrigerator), walls)
    plan.on_floor(furniture.dining_group(plan.draw, decor))
    _line(plan, decor, (furniture.chest, furniture.plant, furniture.chair), walls)


def _living_room(plan: Arrangement, decor: Decor) -> None:
    walls = _any_wall(plan.draw)
    seat = _sitting_group(plan, decor, walls)
    _lay_rug(plan, decor, seat)
    pieces = (furniture.television, furniture.bookcase, furniture.armchair, furniture.floor_lamp, furniture.plant)
    _line(plan, decor, (*pieces, furniture.bookcase), (*walls[1:], walls[0]))


def _office(plan: Arrangement, decor: Decor) -> None:
    walls = _any_wall(plan.draw)
    for wall in walls[: int(plan.draw.integers(1, 3))]:
        _workplace(plan, decor, wall)
    pieces = (
        workplaces.filing_cabinet,
        furniture.bookcase,
        workplaces.filing_cabinet,
        furniture.bookcase,
        furniture.plant,
    )
    _line(plan, decor, (*pieces, furniture.floor_lamp), walls)
    for wall in walls:
        plan.against(workplaces.open_shelves(plan.draw, decor), (wall,))


def _dining_room(plan: Arrangement, decor: Decor) -> None:
    walls = _any_wall(plan.draw)
    table = plan.on_floor(furniture.dining_group(plan.draw, decor))
    _lay_rug(plan, decor, table)
    pieces = (furniture.chest, furniture.bookcase, furniture.floor_lamp, furniture.plant, furniture.armchair)
    _line(plan, decor, (*pieces, furniture.chest), walls)


def _studio(plan: Arrangement, decor: Decor) -> None:
    """A bed, a place to work and a place to sit in one room."""
    walls = _any_wall(plan.draw)
    plan.against(furniture.bed(plan.draw, decor), walls)
    _workplace(plan, decor, walls[1])
    _lay_rug(plan, decor, None)
    _line(plan, decor, (furniture.wardrobe, furniture.armchair, furniture.bookcase, furniture.floor_lamp), walls)


def _bed_group(draw: Draw, decor: Decor) -> Piece:
    bed = furniture.bed(draw, decor)
    edge = bed.bounds[1][0] + 0.27
    group = bed + furniture.nightstand(draw, decor).moved(0, (edge, 0, 0))
    return group + furniture.nightstand(draw, decor).moved(0, (-edge, 0, 0)) if draw.uniform() < 0.6 else group


def _sitting_group(plan: Arrangement, decor: Decor, walls: tuple[int, ...]) -> Piece | None:
    """A sofa with a low table before it, kept together."""
    table = furniture.low_table(plan.draw, decor).moved(0, (0, 1.25, 0))
    return plan.against(furniture.sofa(plan.draw, decor) + table, walls)


def _workplace(plan: Arrangement, decor: Decor, wall: int) -> None:
    chair = workplaces.office_chair(plan.draw, decor).moved(180 + plan.draw.uniform(-35, 35), (0.1, 1.25, 0))
    plan.against(workplaces.desk(plan.draw, decor) + chair, (wall,))


def _line(
    plan: Arrangement, decor: Decor, makers: tuple[Callable[[Draw, Decor], Piece], ...], walls: tuple[int, ...]
) -> None:
    """The pieces along the walls, each on the first wall that has a place; what finds none is left out."""
    for number, maker in enumerate(makers):
        turned = walls[number % 4 :] + walls[: number % 4]
        plan.against(maker(plan.draw, decor), turned, clear=0.05)


def _any_wall(draw: Draw) -> tuple[int, ...]:
    return tuple(int(wall) for wall in draw.permutation(4))


def _each(rule: Callable[[float, float], float], one: Point, other: Point) -> Point:
    return rule(one[0], other[0]), rule(one[1], other[1]), rule(one[2], other[2])


FURNISH: dict[Kind, Callable[[Arrangement, Decor], None]] = {
    Kind.BEDROOM: _bedroom,
    Kind.KITCHEN: _kitchen,
    Kind.LIVING_ROOM: _living_room,
    Kind.OFFICE: _office,
    Kind.DINING_ROOM: _dining_room,
    Kind.STUDIO: _studio,
}
