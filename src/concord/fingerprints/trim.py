"""Cut uniform borders off: letterboxes, frames, coloured edges, the bars around a picture on a screen.

A line of pixels is *plain* if nearly all of it is as bright as its mean; what is not plain is *busy*. The picture is
the longest run of busy lines, down and across at once, looked for again in what is left until nothing changes. Small busy
runs beside it (a clock in a bar, a caption, buttons) go with the border they stand in. Where no run is much
longer than the others (a page of text), all from the first busy line to the last one stays.

Most pictures have no border, and their four edges tell.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from concord.fingerprints.kind import Luma

LEVELS = (
    7  # a pixel may be this far from its line's mean and count as plain: the noise that JPEG leaves in a flat field
)
OUTLIERS = 0.05  # the share of a plain line's pixels that may be farther from it
LEAST_SHARE = (
    0.2  # of a side that stays, else it is cut no further: a landscape photograph on an upright phone fills a quarter
)
LEAST_PIXELS = 32  # of a side that stays
MAIN_SHARE = 0.6  # of all busy lines that one run holds if it alone is the picture
SAMPLES = 256  # pixels of a line that are looked at
ROUNDS = 6  # a window in a window on a screen takes three

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels from the upper left corner; bottom and right are the first that are outside."""

    top: int
    bottom: int
    left: int
    right: int

    def of(self, luma: Luma) -> Luma:
        """A view."""
        view: Luma = luma[self.top : self.bottom, self.left : self.right]
        return view


def content_box(luma: Luma, samples: int = SAMPLES) -> Box | None:
    """Of [height, width] brightness, 0 to 255: what is left without uniform borders; None: there is nothing to cut.

    Every line is judged by evenly spaced pixels, `samples` of them or up to twice as many.
    """
    if min(luma.shape) < 2 * LEAST_PIXELS:
        return None
    whole = box = Box(0, luma.shape[0], 0, luma.shape[1])
    for _ in range(ROUNDS):
        inner = _narrowed(luma, box, samples)
        if inner == box or _is_too_little(inner, whole):
            break
        box = inner
    return None if box == whole else box


def _narrowed(luma: Luma, box: Box, samples: int) -> Box:
    """Down and across judged on the same pixels, so that a turned picture is cut as the upright one."""
    view = box.of(luma)
    top, bottom = _kept(view, samples)
    left, right = _kept(view.T, samples)
    return Box(box.top + top, box.top + bottom, box.left + left, box.left + right)


def _kept(view: Luma, samples: int) -> tuple[int, int]:
    """Of the rows: first, and first that is outside. Every border has a plain line at the very edge: two lines tell that
    a picture has none."""
    if not plain_lines(view[:: max(1, len(view) - 1)], samples).any():
        return 0, len(view)
    return main_run(~plain_lines(view, samples))


def plain_lines(luma: Luma, samples: int = SAMPLES) -> Flags:
    """Of each row, whether it is plain. Sums of whole numbers are exact in float32, whatever order they are added in."""
    seen = luma[:, :: max(1, luma.shape[1] // samples)].astype(np.float32)
    ones = np.ones(seen.shape[1], np.float32)
    means = seen @ ones / np.float32(seen.shape[1])
    np.abs(np.subtract(seen, means[:, None], out=seen), out=seen)
    far = (seen > LEVELS).astype(np.float32) @ ones
    flags: Flags = far <= OUTLIERS * seen.shape[1]
    return flags


def main_run(busy: Flags) -> tuple[int, int]:
    """Where the picture is among lines: first, and first that is outside. Where no line is busy, all of them are.

    Nothing is cut from an end that is busy itself: there is no border.
    """
    steps = np.diff(busy.astype(np.int8), prepend=0, append=0)
    starts, stops = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    if len(starts) == 0:
        return 0, len(busy)
    lengths: np.ndarray[Any, np.dtype[np.intp]] = stops - starts
    longest = int(np.argmax(lengths))
    stands_out = lengths[longest] >= MAIN_SHARE * lengths.sum()
    start, stop = (starts[longest], stops[longest]) if stands_out else (starts[0], stops[-1])
    return 0 if busy[0] else int(start), len(busy) if busy[-1] else int(stop)


def _is_too_little(box: Box, whole: Box) -> bool:
    sides = ((box.bottom - box.top, whole.bottom), (box.right - box.left, whole.right))
    return any(left < max(LEAST_PIXELS, LEAST_SHARE * side) for left, side in sides)
