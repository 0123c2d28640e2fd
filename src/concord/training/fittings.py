"""What is fixed to a room: skirting, door, window, posters. Same frame as `furniture`: the wall is the plane y = 0."""

from concord.training.decor import BRASS, DARK, STEEL, WHITE, Decor, Draw, poster
from concord.training.furniture import Piece
from concord.training.solids import Surface, ball, box

SILL = 0.85  # metres above the floor


def skirting(length: float, surface: Surface) -> Piece:
    return Piece((box((0, 0.008, 0), (length, 0.016, 0.09), surface),))


def cornice(length: float, height: float) -> Piece:
    return Piece((box((0, 0.03, height - 0.06), (length, 0.06, 0.06), WHITE, casts=False),))


def door(draw: Draw, decor: Decor) -> Piece:
    leaf = decor.front if draw.uniform() < 0.6 else WHITE
    frame = [box((side * 0.46, 0.02, 0), (0.08, 0.05, 2.08), decor.wood) for side in (-1, 1)]
    frame.append(box((0, 0.02, 2.04), (1.0, 0.05, 0.08), decor.wood))
    fields = [box((side * 0.2, 0.03, z), (0.3, 0.02, 0.8), leaf) for side in (-1, 1) for z in (0.15, 1.1)]
    handle = (box((0.36, 0.05, 1.0), (0.1, 0.03, 0.025), BRASS), ball((0.4, 0.045, 0.88), (0.03, 0.03, 0.05), BRASS))
    return Piece((box((0, 0.015, 0), (0.86, 0.02, 2.04), leaf), *fields, *frame, *handle))


def window(draw: Draw, decor: Decor, width: float, height: float, brightness: float) -> Piece:
    """Glass with the view behind it, bars, sill, curtains on a rod, a radiator below."""
    sky = (0.62, 0.78, 0.98) if brightness > 1 else (0.10, 0.14, 0.30)
    view = Surface(
        "town", (sky, (0.45, 0.58, 0.52), (0.25, 0.35, 0.20), *decor.accents), 1, int(draw.integers(999)), brightness
    )
    bars = [box((x, 0.03, SILL), (0.06, 0.06, height), WHITE) for x in (-width / 2, 0, width / 2)]
    bars += [box((0, 0.03, SILL + z - 0.03), (width + 0.06, 0.06, 0.06), WHITE) for z in (0, 0.7 * height, height)]
    return Piece(
        (
            box((0, 0.005, SILL), (width, 0.01, height), view, casts=False),
            box((0, 0.1, SILL - 0.05), (width + 0.2, 0.2, 0.04), decor.wood),
            *bars,
            *_curtains(draw, decor, width, height).solids,
            box((0, 0.07, 0.15), (width * 0.7, 0.1, 0.5), Surface("folds", ((0.9, 0.9, 0.88), (0.6, 0.6, 0.58)), 0.06)),
        )
    )


def _curtains(draw: Draw, decor: Decor, width: float, height: float) -> Piece:
    bottom = 0.04 if draw.uniform() < 0.5 else SILL - 0.15
    broad = draw.uniform(0.26, 0.42)
    top = SILL + height + 0.1
    drapes = [
        box((side * (width / 2 + broad * 0.35), 0.16, bottom), (broad, 0.09, top - bottom), decor.curtain, soft=0.04)
        for side in (-1, 1)
    ]
    rod = box((0, 0.16, top + 0.01), (width + 2 * broad + 0.1, 0.03, 0.03), DARK)
    ends = [ball((side * (width / 2 + broad + 0.06), 0.16, top - 0.01), (0.07, 0.07, 0.07), BRASS) for side in (-1, 1)]
    return Piece((*drapes, rod, *ends))


def picture(draw: Draw, decor: Decor, width: float, height: float) -> Piece:
    """A framed poster; its lower edge is at z = 0."""
    frame = (decor.wood, DARK, WHITE, BRASS)[draw.integers(4)]
    return Piece(
        (
            box((0, 0.015, 0), (width, 0.03, height), frame),
            box((0, 0.02, 0.03), (width - 0.06, 0.03, height - 0.06), WHITE),
            box((0, 0.022, 0.07), (width - 0.14, 0.03, height - 0.14), poster(draw, decor), casts=False),
        )
    )


def clock() -> Piece:
    """A round clock; its lower edge is at z = 0."""
    hands = (
        box((0, 0.035, 0.15), (0.015, 0.006, 0.1), DARK),
        box((0.04, 0.035, 0.145), (0.08, 0.006, 0.015), DARK),
    )
    return Piece(
        (ball((0, 0.012, 0), (0.32, 0.03, 0.32), STEEL), ball((0, 0.016, 0.02), (0.28, 0.032, 0.28), WHITE), *hands)
    )
