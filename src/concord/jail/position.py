"""Places out of what files say: decimal degrees north and east (WGS 84, as EXIF has it), metres above the sea."""

import math
import re
from collections.abc import Sequence

PLACES = 7  # of decimals: about a centimetre
LOWEST_METRES, HIGHEST_METRES = -12_000, 100_000  # from the deepest sea to where the air ends

_MOST_DEGREES = {"N": 90, "S": 90, "E": 180, "W": 180}
_XMP = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d{1,12})?)(?:,(\d{1,2}(?:\.\d{1,12})?))?([NSEW])", re.ASCII)


def degrees(parts: Sequence[float], side: str) -> float | None:
    """Of degrees, minutes and seconds, and N, S, E or W. None: nonsense; without a side it could be either."""
    side = side.strip().upper()
    most = _MOST_DEGREES.get(side)
    if most is None or not 1 <= len(parts) <= 3:
        return None
    whole, minutes, seconds = (*parts, 0.0, 0.0)[:3]
    value = whole + minutes / 60 + seconds / 3600
    if not (whole >= 0 and 0 <= minutes <= 60 and 0 <= seconds <= 60 and value <= most):  # so with what is no number
        return None
    return -value if side in "SW" else value


def xmp_degrees(text: str) -> float | None:
    """As XMP writes them: "48,51.39684N" or "48,51,23N"."""
    found = _XMP.fullmatch(text.strip())
    if not found:
        return None
    *parts, side = found.groups()
    return degrees([float(part) for part in parts if part is not None], side)


def position(latitude: float | None, longitude: float | None) -> str | None:
    """ "latitude,longitude"; None: one is missing, or both are 0, which is what is written by those who know neither."""
    if latitude is None or longitude is None:
        return None
    rounded = [round(value, PLACES) + 0.0 for value in (latitude, longitude)]
    return ",".join(f"{value:.{PLACES}f}" for value in rounded) if any(rounded) else None


def altitude(metres: float, *, below: bool) -> str | None:
    """Above the sea, to 10 cm. None: nonsense, or exactly 0, which is what is written by those who do not know."""
    value = -metres if below else metres
    if not value or not math.isfinite(value) or not LOWEST_METRES <= value <= HIGHEST_METRES:
        return None
    return f"{round(value, 1) + 0.0:.1f}"
