"""Make a small grey copy of a picture, inside a worker: enough for a near comparison elsewhere, and nothing else of it.

No metadata, no colour, no detail beyond some 512 pixels. What is compared (PDQ) first blurs with a window of
ceil(side / 128) pixels, so a side is not just cut down to 512 but to where that window covers the same share of it: else
the rounding alone costs several of the 31 bits within which copies are found.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
import simplejpeg
from PIL import Image

from concord.config import Limits
from concord.errors import UndecodableItem
from concord.fingerprints.kind import Luma
from concord.jail.archive_format import ARCHIVES
from concord.jail.messages import Fault, Job
from concord.jail.picture import read_content, unpack

LONGEST_PIXELS = 512
WINDOWS = 128  # of PDQ: so many along a side
QUALITY = 80


@dataclass(frozen=True, slots=True)
class Reduced:
    """A JPEG of its brightness, upright; None where there is a fault."""

    sha256: bytes  # of the whole file
    jpeg: bytes | None
    fault: Fault | None
    is_archive: bool = False  # which is no picture, and no failure


REDUCE_PICTURE = Job("reduce_picture", Reduced)


def reduce_picture(descriptor: int, limits: Limits) -> Reduced:
    """Raises UnreadableFile."""
    content = read_content(descriptor, limits)
    assert content.digests  # noqa: S101  they were wanted
    try:
        _, decoded = unpack(content, limits)
    except UndecodableItem as error:
        return Reduced(content.digests.sha256, None, Fault.of(error), content.format in ARCHIVES)
    return Reduced(content.digests.sha256, reduced_jpeg(decoded.luma), None)


def reduced_jpeg(luma: Luma) -> bytes:
    """Of [height, width] brightness; one that is small already keeps its size."""
    height, width = (reduced_pixels(side) for side in luma.shape)
    if (height, width) != luma.shape:
        # Means over areas, as a blur would be; Pillow's own steps before it keep the memory small.
        luma = np.asarray(Image.fromarray(luma).resize((width, height), Image.Resampling.BOX))
    packed: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(luma)[:, :, None], QUALITY, "GRAY")
    return packed


def reduced_pixels(side: int) -> int:
    """Of one side of the picture, each by itself: proportions change by a few percent, which PDQ does not see."""
    window = ceil(side / WINDOWS)
    windows = LONGEST_PIXELS // WINDOWS
    return side if window <= windows else round(windows * side / window)
