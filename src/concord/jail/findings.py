"""What a worker finds out about a file, and the jobs that the outside can name."""

from dataclasses import dataclass

from concord.fingerprints.kind import Fingerprint
from concord.jail.messages import Fault, Job
from concord.values import Digests


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file says of itself: never a fact, as anybody can write anything into it."""

    kind: str  # "camera.serial", "time.taken", "gps.position" ...
    value: str  # normalised text
    source: str  # where in the file it stands: "exif", "xmp", "iptc", "makernote" or "jpeg"


@dataclass(frozen=True, slots=True)
class PictureFindings:
    """A fault says why there are no fingerprints; what was found out before it stays."""

    digests: Digests | None  # None: those outside have them
    size_bytes: int
    format: str | None  # as the first bytes say; None: not known by name
    width_pixels: int | None  # as shown upright; None: not known
    height_pixels: int | None
    fingerprints: tuple[Fingerprint, ...]
    fault: Fault | None
    statements: tuple[Statement, ...] = ()
    frames: int | None = None  # how many pictures the file claims to hold; the first was decoded. None: not decoded


EXAMINE_PICTURE = Job("examine_picture", PictureFindings)
