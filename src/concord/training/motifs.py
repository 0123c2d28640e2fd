"""Coloured motifs that fill one face: posters, book spines, a screen, a rug, the view from a window.

Every function takes places on the face, `s` across and `t` upwards, both from -1 to 1 (float32 of shape [n]), the
face's size in metres, colours as float32[k, 3] with k >= 3 and a seed, and returns float32[3, n].
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from concord.training.noise import F32, cell_noise, smooth_noise

Size = tuple[float, float]  # width and height in metres


def _over(ground: F32, colour: F32, weight: F32) -> F32:
    """The colour laid over the ground where the weight says so."""
    return ground + (colour[:, None] - ground) * weight


def _inside(value: F32, edge: float) -> F32:
    result: F32 = np.clip((edge - value) / 0.02 + 0.5, 0, 1)
    return result


def _filled(colour: F32, like: F32) -> F32:
    return np.repeat(colour[:, None], like.size, axis=1)


def landscape(s: F32, t: F32, size: Size, colours: F32, seed: int) -> F32:
    """Sky, a sun and four ranges of hills, each darker than the one behind it."""
    sky, far, near = colours[0], colours[1], colours[2]
    painted = sky[:, None] * (0.75 + 0.25 * t)
    sun = np.hypot((s - _draw(seed, 0, -0.6, 0.6)) * size[0] / size[1], t - _draw(seed, 1, 0.3, 0.7))
    painted = _over(painted, np.array([1.0, 0.9, 0.6], np.float32), _inside(sun, _draw(seed, 2, 0.12, 0.3)))
    for layer in range(4):
        ridge = 0.25 - 0.3 * layer + 0.5 * (smooth_noise(s * (1.5 + layer) + 20, s * 0, seed + layer) - 0.5)
        shade = far + (near - far) * np.float32(layer / 3)
        painted = _over(painted, shade, _inside(t - ridge, 0))
    return painted


def abstract(s: F32, t: F32, size: Size, colours: F32, seed: int) -> F32:
    """Seven overlapping discs and bars."""
    painted = _filled(colours[0], s)
    for layer in range(7):
        across, along = s - _draw(seed, 4 * layer, -0.8, 0.8), t - _draw(seed, 4 * layer + 1, -0.8, 0.8)
        extent = _draw(seed, 4 * layer + 2, 0.15, 0.6)
        bar = np.maximum(np.abs(across), np.abs(along) * _draw(seed, 4 * layer + 3, 1, 4))
        shape = np.hypot(across * size[0] / size[1], along) if layer % 2 else bar
        painted = _over(painted, colours[1 + layer % (len(colours) - 1)], 0.9 * _inside(shape, extent))
    return painted


def rings(s: F32, t: F32, size: Size, colours: F32, seed: int) -> F32:
    """Rings about one point, cut by a diagonal."""
    centre = _draw(seed, 0, -0.4, 0.4), _draw(seed, 1, -0.4, 0.4)
    radius = np.hypot((s - centre[0]) * size[0] / size[1], t - centre[1])
    ring = np.floor(radius * _draw(seed, 2, 3, 5)) + 2 * (s + t > _draw(seed, 3, -0.5, 0.5))
    result: F32 = colours[ring.astype(np.intp) % len(colours)].T.copy()
    return result


def mosaic(s: F32, t: F32, size: Size, colours: F32, seed: int) -> F32:
    """A coarse quilt: every patch takes one colour, and some are halved."""
    patches = _draw(seed, 0, 1.5, 2.5) / min(size)
    x, y = s * size[0] * patches, t * size[1] * patches
    halved = (x - np.floor(x) > y - np.floor(y)) & (cell_noise(x, y, seed + 1) > 0.4)
    chosen = cell_noise(x, y, seed) * len(colours) + halved
    result: F32 = colours[chosen.astype(np.intp) % len(colours)].T.copy()
    return result


def books(s: F32, t: F32, size: Size, colours: F32, seed: int) -> F32:
    """Spines of different colours, some with a label."""
    x = (s + 1) * np.float32(size[0] / 2 / 0.042)
    x = x + 0.6 * smooth_noise(x, x * 0, seed)
    spine = np.floor(x)
    chosen = (cell_noise(spine, spine * 0, seed) * len(colours)).astype(np.intp)
    tone = 0.55 + 0.6 * cell_noise(spine, spine * 0, seed + 1)
    painted = colours[chosen].T * tone
    label = _inside(np.abs(t - 0.3), 0.12) * (cell_noise(spine, spine * 0, seed + 2) > 0.5)
    painted = _over(painted, np.array([0.85, 0.8, 0.65], np.float32), 0.8 * label)
    return painted * (1 - 0.7 * _inside(np.abs(x - spine - 0.5) * -1, -0.42))


def screen(s: F32, t: F32, size: Size, colours: F32, seed: int) -> F32:
    """A desktop with two windows of text lines."""
    painted = landscape(s, t, size, colours, seed) * np.float32(0.7)
    for window in range(2):
        across = s - _draw(seed, 2 * window, -0.4, 0.4)
        along = t - _draw(seed, 2 * window + 1, -0.3, 0.3)
        painted = _over(painted, np.full(3, 0.85, np.float32), _inside(np.maximum(abs(across), abs(along)), 0.42))
        written = (np.abs(across) < 0.36) & (cell_noise(along * 16, along * 0, seed) * 0.9 > across + 0.3)
        lines = written & (np.abs(along) < 0.36) & (along * 16 - np.floor(along * 16) < 0.5)
        painted = _over(painted, np.full(3, 0.15, np.float32), lines.astype(np.float32))
    return painted


def rug(s: F32, t: F32, size: Size, colours: F32, _seed: int) -> F32:
    """Two borders, a field of small diamonds, a medallion."""
    to_edge = np.minimum((1 - np.abs(s)) * size[0], (1 - np.abs(t)) * size[1]) * np.float32(0.5)
    diamond = np.abs((s * size[0] * 3) % 1 - 0.5) + np.abs((t * size[1] * 3) % 1 - 0.5)
    painted = _over(_filled(colours[0], s), colours[1], 0.8 * _inside(diamond, 0.22))
    medallion = np.abs(s) + np.abs(t)
    for layer, extent in enumerate((0.62, 0.45, 0.2)):
        painted = _over(painted, colours[(layer + 2) % len(colours)], _inside(medallion, extent))
    painted = _over(painted, colours[2], _inside(to_edge, 0.2))
    return _over(painted, colours[1], _inside(np.abs(to_edge - 0.1), 0.03))


def town(s: F32, t: F32, size: Size, colours: F32, seed: int) -> F32:
    """The view from a window: sky, hills and, below, house fronts with windows of their own."""
    painted = landscape(s, t, size, colours, seed)
    house = np.floor(s * 2.5 + 0.3)
    roof = 0.5 * cell_noise(house, house * 0, seed + 1) - 0.5
    front = colours[(cell_noise(house, house * 0, seed + 2) * len(colours)).astype(np.intp)].T * np.float32(0.6)
    painted = np.where(t < roof, front, painted)
    pane = ((s * 10) % 1 > 0.45) & ((t * 6) % 1 > 0.4) & (t < roof - 0.1)
    return _over(painted, np.array([0.25, 0.28, 0.33], np.float32), pane.astype(np.float32))


def _draw(seed: int, which: int, low: float, high: float) -> float:
    """The motif's own fixed choice number `which`."""
    at = np.array([which], np.float32)
    return low + (high - low) * float(cell_noise(at, at * 0, seed)[0])


Motif = Callable[[F32, F32, Size, F32, int], F32]

MOTIFS: Mapping[str, Motif] = MappingProxyType(
    {motif.__name__: motif for motif in (landscape, abstract, rings, mosaic, books, screen, rug, town)}
)
POSTERS = ("landscape", "abstract", "rings", "mosaic")
