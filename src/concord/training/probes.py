"""Where shadows and corners are looked for: every second pixel, kept in tiles so that far things cost nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from concord.training.noise import F32, Int
from concord.training.sight import Sight
from concord.training.solids import Point, Solid

BLOCK = 4  # pixels along each side of a block that shares the points of a lamp
TILE = 16  # pixels along each side of a tile
LIFT = np.float32(2e-3)  # metres off the surface, so that a surface does not shade itself

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Probes:
    """m probes in t tiles, tile by tile."""

    pixels: npt.NDArray[np.intp]  # [m] which pixels
    places: F32  # [3, m]
    normals: F32  # [3, m]
    turns: Int  # [m] which of the points of a lamp each looks at
    tiles: npt.NDArray[np.intp]  # [m] the tile of each
    low: F32  # [t, 3] lower corner of each tile's places in the room
    high: F32  # [t, 3]
    faces: Int  # [n] of all pixels
    width: int  # pixels in a row

    @classmethod
    def of(cls, sight: Sight, width: int) -> "Probes":
        row, column = np.divmod(np.arange(sight.faces.size), width)
        chosen = np.flatnonzero((row + column) % 2 == 0)
        tile = row[chosen] // TILE * width + column[chosen] // TILE
        order = np.argsort(tile, kind="stable")
        pixels, starts = chosen[order], np.flatnonzero(np.diff(tile[order], prepend=-1))
        normals = sight.normals[:, pixels]
        places = sight.places[:, pixels] + LIFT * normals
        return cls(
            pixels=pixels,
            places=places,
            normals=normals,
            turns=(row % BLOCK * BLOCK + column % BLOCK).astype(np.int32)[pixels],
            tiles=np.repeat(np.arange(starts.size), np.diff(starts, append=pixels.size)),
            low=np.minimum.reduceat(places, starts, axis=1).T,
            high=np.maximum.reduceat(places, starts, axis=1).T,
            faces=sight.faces,
            width=width,
        )

    def within(self, solids: Sequence[Solid], reach: float) -> Iterator[Flags]:
        """For each solid the probes, [m], that can be so close to it once they are as many metres off their surface."""
        starts = np.flatnonzero(np.diff(self.tiles, prepend=-1))
        off = self.places + np.float32(reach) * self.normals
        floor, top = np.minimum.reduceat(off, starts, axis=1).T, np.maximum.reduceat(off, starts, axis=1).T
        for solid in solids:
            low, high = solid.bounds
            near = (floor < np.array(high) + reach) & (top > np.array(low) - reach)
            yield np.all(near, axis=1)[self.tiles]

    def between(self, solids: Sequence[Solid], centre: Point, half: Point) -> Iterator[Flags]:
        """For each solid the probes, [m], between which and some point of the lamp `centre` +- `half` it can stand.

        Every such line stays, along each axis, as close to the line between the two middles as the larger of the two
        half sizes; so the middle line is tried against a box widened by that much.
        """
        middle, extent = (self.low + self.high) / 2, np.maximum((self.high - self.low) / 2, np.array(half))
        start = np.array(centre)
        step = middle - start
        step = np.where(np.abs(step) < 1e-9, 1e-9, step)
        for solid in solids:
            low, high = solid.bounds
            one, other = (np.array(low) - extent - start) / step, (np.array(high) + extent - start) / step
            enter, leave = np.minimum(one, other).max(axis=1), np.maximum(one, other).min(axis=1)
            yield ((enter <= leave) & (leave >= 0) & (enter <= 1))[self.tiles]

    def spread(self, values: F32) -> F32:
        """What was found at the probes, [m], for every pixel, [n]: the mean over the block about it, same face only."""
        face = self.faces.reshape(-1, self.width)
        height = face.shape[0]
        known = np.zeros((2, face.size), np.float32)
        known[0, self.pixels], known[1, self.pixels] = values, 1
        padded = np.pad(known.reshape(2, height, self.width), ((0, 0), (BLOCK, BLOCK), (BLOCK, BLOCK)))
        others = np.pad(face, BLOCK, constant_values=np.iinfo(np.int32).min)
        total = np.zeros((2, height, self.width), np.float32)
        for down in range(BLOCK):
            for across in range(BLOCK):
                rows, columns = slice(down + 2, down + 2 + height), slice(across + 2, across + 2 + self.width)
                total += padded[:, rows, columns] * (others[rows, columns] == face)
        none = total[1] == 0  # a speck of a face between the probes: taken as open and lit
        return np.where(none, np.float32(1), total[0] / np.maximum(total[1], 1)).reshape(-1)
