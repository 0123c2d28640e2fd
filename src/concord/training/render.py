"""Pictures of rooms: two lines of sight for each pixel, exposure, tone, eight bits.

One line goes through each pixel's middle, one through its lower right corner; a pixel takes half of its colour from
its middle and an eighth from each of its four corners. Light is looked for at the middles only; a corner borrows it from
the neighbour that shows the same face.
"""

import numpy as np
import numpy.typing as npt

from concord.training.camera import Camera
from concord.training.light import falling
from concord.training.noise import F32, Int
from concord.training.rooms import Room
from concord.training.sight import look

Picture = npt.NDArray[np.uint8]  # [h, w, 3], sRGB

MIDDLE_GREY = 0.20  # what the picture's mean brightness is exposed to, linear


def render(room: Room, camera: Camera, width_pixels: int = 480, height_pixels: int = 360) -> Picture:
    """The same room and camera give the same bytes on the same machine."""
    middles = look(room, camera, width_pixels, height_pixels)
    light = falling(room, middles, width_pixels)
    radiance = middles.colours * (light + middles.glows)
    exposure = _exposure(radiance)
    corners = look(room, camera, width_pixels, height_pixels, shift=(0.5, 0.5))
    borrowed = light[:, _lenders(middles.faces, corners.faces, width_pixels)]
    shape = (3, height_pixels, width_pixels)
    about = _toned(corners.colours * (borrowed + corners.glows), exposure).reshape(shape)
    mean = (_toned(radiance, exposure).reshape(shape) + _of_four(about)) / 2
    levels = mean ** np.float32(1 / 2.2) * 255 + 0.5
    return np.ascontiguousarray(levels.astype(np.uint8).transpose(1, 2, 0))


def _lenders(middles: Int, corners: Int, width: int) -> npt.NDArray[np.intp]:
    """For each pixel's lower right corner a pixel about it whose middle shows the same face, or itself."""
    pixel = np.arange(middles.size)
    right = np.where(pixel % width < width - 1, pixel + 1, pixel)
    lender, unsettled = pixel.copy(), middles != corners
    for candidate in (right, np.minimum(pixel + width, pixel[-1]), np.minimum(right + width, pixel[-1])):
        found = unsettled & (middles[candidate] == corners)
        lender[found] = candidate[found]
        unsettled &= ~found
    return lender


def _of_four(corners: F32) -> F32:
    """The mean of each pixel's four corners, [3, h, w], from its lower right ones; the margin repeats itself."""
    wide = np.pad(corners, ((0, 0), (1, 0), (1, 0)), mode="edge")
    return (wide[:, 1:, 1:] + wide[:, :-1, 1:] + wide[:, 1:, :-1] + wide[:, :-1, :-1]) * np.float32(0.25)


def _exposure(radiance: F32) -> np.float32:
    """What to multiply with so that the picture's geometric mean comes to middle grey."""
    brightness = 0.25 * radiance[0] + 0.65 * radiance[1] + 0.10 * radiance[2]
    return np.float32(MIDDLE_GREY / np.exp(np.log(brightness + np.float32(1e-3)).mean(dtype=np.float64)))


def _toned(radiance: F32, exposure: np.float32) -> F32:
    """Brought into 0 to 1 by the filmic curve of Narkowicz (2015)."""
    x = radiance * exposure * np.float32(0.85)
    return np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
