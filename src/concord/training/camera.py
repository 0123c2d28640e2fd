"""A pinhole camera: which line of sight belongs to which pixel, and where a box in the room falls on the picture."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from concord.training.noise import F32
from concord.training.solids import Box, Point

Vector = npt.NDArray[np.float64]
Window = tuple[slice, slice]  # rows, columns


@dataclass(frozen=True, slots=True)
class Camera:
    position: Point  # metres, in the room's frame
    target: Point  # the point in the middle of the picture
    field_of_view: float = 66.0  # degrees from the left to the right edge

    def directions(self, width_pixels: int, height_pixels: int, shift: tuple[float, float] = (0, 0)) -> F32:
        """Lines of sight of length 1, float32[3, h, w], through the pixels' middles shifted by parts of a pixel."""
        across = self.reach * ((np.arange(width_pixels, dtype=np.float32) + 0.5 + shift[0]) * 2 / width_pixels - 1)
        down = (np.arange(height_pixels, dtype=np.float32) + 0.5 + shift[1]) * 2 - height_pixels
        right, up, forward = (axis.astype(np.float32)[:, None, None] for axis in self.axes)
        aim = forward + right * across[None, None, :] - up * (self.reach / width_pixels * down)[None, :, None]
        lengths = np.sqrt((aim * aim).sum(axis=0))
        directions: F32 = (aim / lengths).astype(np.float32)
        return directions

    @property
    def reach(self) -> float:
        """Half the picture's width at distance 1."""
        return math.tan(math.radians(self.field_of_view) / 2)

    @property
    def axes(self) -> tuple[Vector, Vector, Vector]:
        """The picture's right, its up, and forward, each of length 1."""
        forward = np.subtract(self.target, self.position)
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, (0, 0, 1))
        right = right / np.linalg.norm(right)
        return right, np.cross(right, forward), forward

    def windows(self, boxes: Sequence[Box], width_pixels: int, height_pixels: int) -> Iterator[tuple[int, Window]]:
        """For each box in sight its place in the list and the rows and columns that can show something of it."""
        corners = np.array([list(product(*zip(*box, strict=True))) for box in boxes]).reshape(-1, 8, 3) - self.position
        right, up, ahead = (corners @ axis for axis in self.axes)
        scale = width_pixels / 2 / self.reach
        within = np.maximum(ahead, 0.05)
        columns, rows = width_pixels / 2 + scale * right / within, height_pixels / 2 - scale * up / within
        for number in np.flatnonzero(ahead.max(axis=1) >= 0.05):
            part = _span(rows[number], height_pixels), _span(columns[number], width_pixels)
            if ahead[number].min() < 0.05:  # reaches behind the camera, where the projection means nothing
                part = slice(0, height_pixels), slice(0, width_pixels)
            if part[0].start < part[0].stop and part[1].start < part[1].stop:
                yield int(number), part


def _span(places: Vector, limit: int) -> slice:
    """The pixels between the outermost places, one more on each side."""
    return slice(max(0, math.floor(places.min()) - 1), max(0, min(limit, math.ceil(places.max()) + 2)))
