"""What a worker says about an archive, member by member, and the job that makes it say so."""

import msgspec

from concord.config import Limits
from concord.jail.messages import Fault, Job
from concord.values import Digests

UNPACKED_BYTES_PER_SECOND = 8 << 20  # of processor time, digested as well; bzip2 is the slowest
WITHIN = "!/"  # between an archive's name and its member's

# What is sent of the members besides what is said about them.
NOTHING, PICTURES, EVERYTHING = "nothing", "pictures", "everything"


class Piece(msgspec.Struct, frozen=True, tag="piece"):
    """Bytes of the member that is spoken of next."""

    data: bytes


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """Nothing to say yet: a large member is being unpacked."""


class MemberFound(msgspec.Struct, frozen=True, tag="found"):
    """A member that was unpacked whole. Where its bytes were wanted, they came before, all of them or none."""

    name: str  # within the outermost archive, with WITHIN before each part; `!2/` for the second of one name
    digests: Digests
    size_bytes: int
    format: str | None  # as its first bytes say
    fault: Fault | None  # why it is no picture to be decoded; None: it may be one
    sent: bool  # whether its bytes came


class MemberFailed(msgspec.Struct, frozen=True, tag="failed"):
    """What cannot be read. A name that is WITHIN, or ends with it: not a member but what is left of that archive."""

    name: str
    fault: Fault


Message = Piece | Progress | MemberFound | MemberFailed


def most_unpacked_bytes(size_bytes: int, limits: Limits) -> int:
    """By the size of the archive."""
    return min(limits.archive_bytes, max(limits.archive_ratio_from_bytes, limits.archive_ratio * size_bytes))


def _most_cpu_seconds(size_bytes: int, limits: Limits) -> int:
    return limits.decode_seconds + most_unpacked_bytes(size_bytes, limits) // UNPACKED_BYTES_PER_SECOND


READ_ARCHIVE: Job[Message] = Job("read_archive", Message, _most_cpu_seconds)  # type: ignore[arg-type]  # a union
