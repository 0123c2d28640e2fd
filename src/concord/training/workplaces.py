"""Furniture for working and cooking, in the same frame as `furniture`."""

from concord.training.decor import BRASS, CLAY, DARK, STEEL, WHITE, Decor, Draw, spines
from concord.training.furniture import Glow, Piece, table
from concord.training.solids import Solid, Surface, ball, box, cylinder


def desk(draw: Draw, decor: Decor) -> Piece:
    width = draw.uniform(1.3, 1.7)
    unit = (
        box((-width / 2 + 0.26, 0.36, 0.05), (0.4, 0.58, 0.62), decor.front),
        *(box((-width / 2 + 0.26, 0.655, 0.08 + 0.2 * row), (0.37, 0.02, 0.18), decor.front) for row in range(3)),
        *(box((-width / 2 + 0.26, 0.67, 0.16 + 0.2 * row), (0.12, 0.02, 0.02), STEEL) for row in range(3)),
    )
    on_top = (
        box((0.1, 0.48, 0.74), (0.44, 0.14, 0.02), DARK),
        box((0.42, 0.48, 0.74), (0.06, 0.1, 0.03), DARK, soft=0.015),
        box((width / 2 - 0.25, 0.42, 0.74), (0.21, 0.3, 0.03), WHITE, turn=draw.uniform(-20, 20)),
        cylinder((-width / 2 + 0.3, 0.25, 0.74), 0.04, 0.1, CLAY),
    )
    return table(decor, width, 0.72) + Piece((*unit, *on_top, *_monitor(draw, decor, 0.1)))


def _monitor(draw: Draw, decor: Decor, x: float) -> tuple[Solid, ...]:
    desktop = Surface("screen", decor.accents, seed=int(draw.integers(999)), glow=0.7)
    return (
        box((x, 0.2, 0.74), (0.24, 0.18, 0.015), DARK),
        box((x, 0.17, 0.75), (0.05, 0.03, 0.2), DARK),
        box((x, 0.2, 0.86), (0.6, 0.035, 0.36), DARK),
        box((x, 0.219, 0.875), (0.57, 0.004, 0.33), desktop, casts=False),
    )


def office_chair(_draw: Draw, decor: Decor) -> Piece:
    feet = tuple(box((0, 0, 0.05), (0.56, 0.05, 0.04), DARK, turn=turn) for turn in (0, 72, 144))
    solids = (
        *feet,
        cylinder((0, 0, 0.08), 0.03, 0.36, STEEL),
        box((0, 0, 0.43), (0.48, 0.46, 0.08), decor.upholstery, soft=0.035),
        box((0, -0.22, 0.58), (0.44, 0.07, 0.52), decor.upholstery, soft=0.03),
        box((0, -0.25, 0.42), (0.08, 0.03, 0.3), DARK),
        *(box((side * 0.27, 0.02, 0.62), (0.05, 0.28, 0.03), DARK, soft=0.012) for side in (-1, 1)),
    )
    return Piece(solids).moved(0, (0, 0.3, 0))


def filing_cabinet(draw: Draw, _decor: Decor) -> Piece:
    drawers = int(draw.integers(3, 5))
    solids = [box((0, 0.28, 0), (0.48, 0.56, 0.06 + 0.3 * drawers), STEEL)]
    for row in range(drawers):
        solids.append(box((0, 0.565, 0.05 + 0.3 * row), (0.44, 0.02, 0.28), STEEL))
        solids.append(box((0, 0.585, 0.22 + 0.3 * row), (0.14, 0.02, 0.025), DARK))
        solids.append(box((0, 0.58, 0.12 + 0.3 * row), (0.1, 0.01, 0.05), WHITE))
    return Piece(tuple(solids))


def open_shelves(draw: Draw, decor: Decor) -> Piece:
    """Two boards on the wall with books and boxes."""
    solids = []
    for z in (1.35, 1.72):
        solids.append(box((0, 0.13, z), (1.1, 0.26, 0.03), decor.wood))
        length = draw.uniform(0.35, 0.6)
        solids.append(box((-0.5 + length / 2, 0.12, z + 0.03), (length, 0.19, 0.25), spines(draw, decor)))
        lid = Surface("plain", (decor.accents[draw.integers(4)], decor.accents[0]), 0.2)
        solids.append(box((0.35, 0.13, z + 0.03), (0.26, 0.22, draw.uniform(0.14, 0.24)), lid))
    return Piece(tuple(solids))


# ---- cooking ------------------------------------------------------------------------------------------------------


def kitchen_row(draw: Draw, decor: Decor) -> Piece:
    """Base units with worktop, sink, hob and oven, tiles behind, cupboards and a hood above."""
    units = int(draw.integers(4, 6))
    width = 0.6 * units
    tiled = Surface("tiles", ((0.9, 0.9, 0.87), decor.accents[2]), draw.uniform(0.1, 0.2), int(draw.integers(999)))
    solids = [
        box((0, 0.3, 0.1), (width, 0.56, 0.76), decor.front),
        box((0, 0.28, 0), (width, 0.5, 0.1), DARK),
        box((0, 0.31, 0.86), (width + 0.02, 0.62, 0.04), decor.wood),
        box((0, 0.006, 0.9), (width, 0.012, 0.56), tiled),
    ]
    hob = int(draw.integers(1, units - 1))
    for unit in range(units):
        x = (unit + 0.5) * 0.6 - width / 2
        solids += _oven(x) if unit == hob else _base_unit(x, decor)
        solids += _hood(x) if unit == hob else _wall_unit(x, decor)
    sink = (0.5 + (0 if hob > 1 else units - 1)) * 0.6 - width / 2
    return Piece((*solids, *_sink(sink), *_crockery(decor, hob * 0.6 + 0.3 - width / 2)))


def _base_unit(x: float, decor: Decor) -> list[Solid]:
    return [
        box((x, 0.59, 0.13), (0.57, 0.025, 0.52), decor.front),
        box((x, 0.59, 0.68), (0.57, 0.025, 0.16), decor.front),
        box((x, 0.62, 0.60), (0.2, 0.03, 0.02), STEEL),
        box((x, 0.62, 0.76), (0.2, 0.03, 0.02), STEEL),
    ]


def _wall_unit(x: float, decor: Decor) -> list[Solid]:
    return [
        box((x, 0.17, 1.46), (0.6, 0.34, 0.7), decor.front),
        box((x, 0.345, 1.47), (0.57, 0.02, 0.68), decor.front),
        box((x, 0.37, 1.5), (0.02, 0.03, 0.16), STEEL),
    ]


def _oven(x: float) -> list[Solid]:
    plates = [(dx, dy) for dx in (-0.13, 0.13) for dy in (0.2, 0.43)]
    return [
        box((x, 0.59, 0.13), (0.57, 0.03, 0.52), DARK),
        box((x, 0.59, 0.67), (0.57, 0.03, 0.17), STEEL),
        box((x, 0.63, 0.59), (0.46, 0.03, 0.025), STEEL),
        *(ball((x + dx, 0.61, 0.73), (0.05, 0.04, 0.05), DARK) for dx in (-0.2, -0.07, 0.07, 0.2)),
        box((x, 0.31, 0.9), (0.56, 0.5, 0.008), DARK),
        *(cylinder((x + dx, dy, 0.908), 0.08, 0.006, STEEL) for dx, dy in plates),
    ]


def _hood(x: float) -> list[Solid]:
    return [box((x, 0.24, 1.5), (0.6, 0.46, 0.08), STEEL), box((x, 0.15, 1.58), (0.26, 0.26, 0.7), STEEL)]


def _sink(x: float) -> tuple[Solid, ...]:
    return (
        box((x, 0.33, 0.895), (0.5, 0.42, 0.01), STEEL),
        box((x, 0.35, 0.898), (0.4, 0.32, 0.009), DARK),
        cylinder((x, 0.12, 0.9), 0.018, 0.26, STEEL),
        box((x, 0.2, 1.14), (0.025, 0.16, 0.025), STEEL),
    )


def _crockery(decor: Decor, hob: float) -> tuple[Solid, ...]:
    enamel = Surface("plain", (decor.accents[0], decor.accents[1]), 0.2)
    free = hob + 0.6
    return (
        cylinder((hob - 0.13, 0.2, 0.912), 0.1, 0.15, enamel),
        cylinder((hob - 0.13, 0.2, 1.062), 0.1, 0.02, STEEL, taper=0.6),
        cylinder((free, 0.2, 0.9), 0.06, 0.17, CLAY),
        ball((free + 0.15, 0.2, 0.9), (0.13, 0.13, 0.2), decor.cushion),
        box((free - 0.1, 0.1, 0.9), (0.26, 0.03, 0.34), decor.wood),
    )


def refrigerator(draw: Draw, decor: Decor) -> Piece:
    skin = (WHITE, STEEL, Surface("plain", (decor.accents[0], decor.accents[0]), 0.3))[draw.integers(3)]
    return Piece(
        (
            box((0, 0.31, 0.03), (0.6, 0.6, 1.78), skin, soft=0.02),
            box((0, 0.62, 0.06), (0.59, 0.04, 1.1), skin, soft=0.018),
            box((0, 0.62, 1.18), (0.59, 0.04, 0.62), skin, soft=0.018),
            box((-0.24, 0.66, 0.8), (0.025, 0.03, 0.32), DARK),
            box((-0.24, 0.66, 1.22), (0.025, 0.03, 0.25), DARK),
            box((0.1, 0.642, 1.42), (0.13, 0.006, 0.18), spines(draw, decor)),
        )
    )


def pendant(decor: Decor, drop: float) -> Piece:
    """A lamp hanging from the plane z = 0."""
    solids = (
        cylinder((0, 0, -drop), 0.008, drop, DARK),
        cylinder((0, 0, -drop - 0.2), 0.24, 0.22, decor.shade, taper=0.45),
        cylinder((0, 0, -0.03), 0.06, 0.03, BRASS),
    )
    return Piece(solids, (Glow((0, 0, -drop - 0.26), 1.6, (1.0, 0.90, 0.74)),))
