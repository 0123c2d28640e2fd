"""Two-colour patterns for walls, floors and fabrics.

Every function takes places `x`, `y` in units of the pattern (float32, any one shape) and a seed, and returns the weight
of the second colour there, from 0 to 1, in the same shape.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from concord.training.noise import F32, cell_noise, smooth_noise


def _fraction(x: F32) -> F32:
    return x - np.floor(x)


def _below(value: F32, edge: float, softness: float = 0.04) -> F32:
    """1 where the value is below the edge, 0 above it, with a soft step between so that it does not flicker."""
    result: F32 = np.clip((edge - value) / softness + 0.5, 0, 1)
    return result


def _staggered(x: F32, y: F32) -> tuple[F32, F32]:
    """Places within cells, from -0.5 to 0.5; every second row is shifted by half a cell."""
    return _fraction(x + 0.5 * (np.floor(y) % np.float32(2))) - 0.5, _fraction(y) - 0.5


def plain(x: F32, y: F32, seed: int) -> F32:
    return 0.6 * smooth_noise(x, y, seed) + 0.4 * smooth_noise(5 * x, 5 * y, seed + 1)


def stripes(x: F32, _y: F32, _seed: int) -> F32:
    place = _fraction(x)
    line = 0.6 * _below(np.abs(place - 0.75), 0.04, 0.03)
    result: F32 = np.maximum(_below(np.abs(place - 0.25), 0.25), line)
    return result


def dots(x: F32, y: F32, _seed: int) -> F32:
    across, along = _staggered(x, y)
    return _below(np.hypot(across, along), 0.26)


def damask(x: F32, y: F32, _seed: int) -> F32:
    across, along = _staggered(x, y / 1.4)
    radius, angle = np.hypot(across, along), np.arctan2(along, across)
    leaf = _below(np.abs(radius - 0.30 - 0.10 * np.cos(4 * angle)), 0.05)
    heart = _below(radius - 0.14 - 0.06 * np.cos(6 * angle), 0.0)
    vine = _below(np.abs(across - 0.10 * np.sin(2 * np.pi * y / 1.4) - 0.42), 0.025)
    result: F32 = np.clip(leaf + heart + vine, 0, 1)
    return result


def tiles(x: F32, y: F32, seed: int) -> F32:
    joint = np.minimum(_fraction(x), _fraction(y))
    tone = 0.30 * cell_noise(np.floor(x), np.floor(y), seed) + 0.1 * smooth_noise(3 * x, 3 * y, seed)
    return np.maximum(_below(joint, 0.05), tone)


def chessboard(x: F32, y: F32, seed: int) -> F32:
    joint = _below(np.minimum(_fraction(x), _fraction(y)), 0.03)
    dark = (np.floor(x) + np.floor(y)) % 2
    result: F32 = np.clip(dark * 0.9 + 0.1 * smooth_noise(4 * x, 4 * y, seed) + 0.4 * joint * (1 - dark), 0, 1)
    return result


def bricks(x: F32, y: F32, seed: int) -> F32:
    row = np.floor(2 * y)
    shifted = x + 0.5 * (row % np.float32(2))
    joint = np.minimum(_fraction(shifted), _fraction(2 * y) / np.float32(2))
    result: F32 = np.maximum(_below(joint, 0.04), 0.45 * cell_noise(np.floor(shifted), row, seed))
    return result


def planks(x: F32, y: F32, seed: int) -> F32:
    row = np.floor(y)
    along = x / np.float32(7) + 7 * cell_noise(row, row * 0, seed)
    joint = np.maximum(_below(_fraction(y), 0.05), _below(_fraction(along) * 7, 0.05))
    tone = 0.5 * cell_noise(np.floor(along), row, seed) + 0.25 * smooth_noise(x * 0.8, y * 9, seed)
    return np.maximum(joint, tone)


def boards(x: F32, y: F32, seed: int) -> F32:
    column = np.floor(x)
    tone = 0.35 * cell_noise(column, column * 0, seed) + 0.3 * smooth_noise(x * 9, y * 0.8 + 7 * column, seed)
    return np.maximum(_below(_fraction(x), 0.07), tone)


def wood(x: F32, y: F32, seed: int) -> F32:
    bent = y + 0.6 * smooth_noise(x * 0.5, y, seed)
    return 0.7 * smooth_noise(x * 0.4, bent * 6, seed) + 0.3 * smooth_noise(x * 2, bent * 25, seed + 1)


def carpet(x: F32, y: F32, seed: int) -> F32:
    return 0.5 * cell_noise(np.floor(18 * x), np.floor(18 * y), seed) + 0.5 * smooth_noise(x, y, seed)


def checks(x: F32, y: F32, _seed: int) -> F32:
    return 0.5 * (_below(np.abs(_fraction(x) - 0.25), 0.25) + _below(np.abs(_fraction(y) - 0.25), 0.25))


def chevron(x: F32, y: F32, _seed: int) -> F32:
    return _below(np.abs(_fraction(y + np.abs(_fraction(x) - 0.5)) - 0.25), 0.25, 0.08)


def diamonds(x: F32, y: F32, _seed: int) -> F32:
    distance = np.abs(_fraction(x) - 0.5) + np.abs(_fraction(y) - 0.5)
    return np.maximum(_below(np.abs(distance - 0.5), 0.05), _below(distance, 0.2))


def flowers(x: F32, y: F32, seed: int) -> F32:
    column, row = np.floor(x), np.floor(y)
    across = x - column - 0.35 - 0.3 * cell_noise(column, row, seed)
    along = y - row - 0.35 - 0.3 * cell_noise(column, row, seed + 1)
    radius, angle = np.hypot(across, along), np.arctan2(along, across)
    size = 0.17 + 0.12 * cell_noise(column, row, seed + 2)
    petals = _below(radius / size - 0.75 - 0.35 * np.cos(5 * angle + 6 * cell_noise(column, row, seed + 3)), 0, 0.15)
    return np.clip(petals - 0.7 * _below(radius, 0.05), 0, 1)


def folds(x: F32, y: F32, seed: int) -> F32:
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * (x + 0.5 * smooth_noise(0.7 * x, 0.1 * y, seed)))
    return np.clip(0.8 * wave + 0.2 * smooth_noise(4 * x, 0.5 * y, seed), 0, 1)


Weight = Callable[[F32, F32, int], F32]

_ON_WALLS: tuple[Weight, ...] = (plain, stripes, dots, damask, tiles, bricks, boards, chevron, diamonds, flowers)
_ELSEWHERE: tuple[Weight, ...] = (chessboard, planks, wood, carpet, checks, folds)

WEIGHTS: Mapping[str, Weight] = MappingProxyType({pattern.__name__: pattern for pattern in _ON_WALLS + _ELSEWHERE})
