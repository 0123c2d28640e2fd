"""What a worker finds out about a file, and the jobs that the outside can name."""

from dataclasses import dataclass

from concord.fingerprints.kind import Fingerprint
from concord.jail.messages import Fault, Job
from concord.values import Digests


@dataclass(frozen=True, slots=True)
class PictureFindings:
    """A fault says why there are no fingerprints; what was found out before it stays."""

    digests: Digests
    size_bytes: int
    format: str | None  # as the first bytes say; None: not known by name
    width_pixels: int | None  # as shown upright; None: not known
    height_pixels: int | None
    fingerprints: tuple[Fingerprint, ...]
    fault: Fault | None


EXAMINE_PICTURE = Job("examine_picture", PictureFindings)
