"""Each orientation as what it really does to an array of [height, width], for tests to compare names with."""

from collections.abc import Callable, Mapping

import numpy as np

from .publisher import Pixels

ORIENTATIONS: Mapping[str, Callable[[Pixels], Pixels]] = {
    "none": lambda luma: luma,
    "rotate-90": lambda luma: np.rot90(luma, -1),  # NumPy turns anticlockwise, names are clockwise
    "rotate-180": lambda luma: np.rot90(luma, 2),
    "rotate-270": lambda luma: np.rot90(luma, 1),
    "mirror": lambda luma: np.fliplr(luma),
    "flip": lambda luma: np.flipud(luma),
    "transpose": lambda luma: luma.T,
    "transverse": lambda luma: np.rot90(luma, 2).T,
}

# What undoes each.
BACK = {name: name for name in ORIENTATIONS} | {"rotate-90": "rotate-270", "rotate-270": "rotate-90"}
