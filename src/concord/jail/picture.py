"""Examine a picture, inside a worker: read it once, digest it, decode it, fingerprint it."""

from dataclasses import dataclass
from io import SEEK_END

from concord.config import Limits
from concord.errors import (
    DamagedPicture,
    NotAPicture,
    TooManyBytes,
    TooManyPixels,
    UndecodableItem,
    UnreadableFile,
    UnreadArchive,
)
from concord.fingerprints.digests import CHUNK_BYTES, Digester
from concord.fingerprints.kind import Fingerprint
from concord.fingerprints.kinds import fingerprint_all
from concord.jail.archive_format import ARCHIVES, UNREAD
from concord.jail.descriptor import stream_of
from concord.jail.findings import PictureFindings
from concord.jail.format import HEAD_BYTES, sniff_format
from concord.jail.messages import Fault
from concord.jail.opened import Decoded, Opened, UndecodableError
from concord.jail.openers import OPENERS
from concord.jail.pillow import inner_pictures_within
from concord.jail.statements import statements_of
from concord.values import Digests

NO_ITEM = ""  # the outside knows which item it is and fills it in


@dataclass(frozen=True, slots=True)
class Content:
    digests: Digests | None  # None: not wanted
    size_bytes: int
    format: str | None
    data: bytes | None  # None: of no format that is decoded, or too large


@dataclass(frozen=True, slots=True)
class Sight:
    """What a decoded picture shows."""

    width_pixels: int
    height_pixels: int
    frames: int
    fingerprints: tuple[Fingerprint, ...]


def examine_picture(
    descriptor: int, limits: Limits, digested: bool = False, statements: bool = True
) -> PictureFindings:
    """A picture that cannot be decoded still has its digests. `digested`: they are known outside. Without `statements` its
    own are left unread. Raises UnreadableFile.
    """
    content = read_content(descriptor, limits, digested)
    fault: Fault | None = None
    sight: Sight | None = None
    try:
        sight = look_at(content, limits)
    except UndecodableItem as error:
        fault = Fault.of(error)
    return PictureFindings(
        content.digests,
        content.size_bytes,
        content.format,
        sight.width_pixels if sight else None,
        sight.height_pixels if sight else None,
        sight.fingerprints if sight else (),
        fault,
        statements=statements_of(content.format, content.data) if content.data and statements else (),
        frames=sight.frames if sight else None,
    )


def read_content(descriptor: int, limits: Limits, digested: bool = False) -> Content:
    """In one pass; only what may be decoded is kept. `digested`: what may not is not read any further."""
    stream, digester = stream_of(descriptor), None if digested else Digester()
    begins_as: str | None = None
    size_bytes = 0
    pieces: list[bytes] = []
    try:
        while piece := stream.read(CHUNK_BYTES):
            if size_bytes == 0:
                begins_as = sniff_format(piece[:HEAD_BYTES])
            size_bytes += len(piece)
            if digester:
                digester.update(piece)
            if begins_as in OPENERS and size_bytes <= limits.picture_bytes:
                pieces.append(piece)
            else:
                pieces.clear()
                if digester is None:
                    size_bytes = stream.seek(0, SEEK_END)
    except OSError as error:
        raise UnreadableFile(item=NO_ITEM, cause=error.strerror) from None
    digests = digester.digests() if digester else None
    return Content(digests, size_bytes, begins_as, b"".join(pieces) if pieces else None)


def look_at(content: Content, limits: Limits) -> Sight:
    """Raises UndecodableItem."""
    opened, decoded = unpack(content, limits)
    height, width = decoded.luma.shape
    return Sight(width, height, opened.frames, fingerprint_all(decoded.luma, decoded.decoder))


def unpack(content: Content, limits: Limits) -> tuple[Opened, Decoded]:
    """Raises UndecodableItem."""
    if content.format is None:
        raise NotAPicture(item=NO_ITEM, cause="its first bytes are those of no known format")
    opener = OPENERS.get(content.format)
    if content.format in ARCHIVES:
        raise NotAPicture(item=NO_ITEM, cause=f"{content.format}, an archive: its members are compared one by one")
    if content.format in UNREAD:
        raise UnreadArchive(item=NO_ITEM, what=f"the archive format {content.format}")
    if opener is None:
        raise NotAPicture(item=NO_ITEM, cause=f"{content.format} is not read here")
    if content.data is None:
        raise TooManyBytes(item=NO_ITEM, size_bytes=content.size_bytes, budget_bytes=limits.picture_bytes)
    try:
        with inner_pictures_within(limits.pixels):
            opened = opener(content.data)
            check_pixels(opened, limits)
            decoded = opened.unpack()
    except UndecodableError as error:
        raise DamagedPicture(item=NO_ITEM, format=content.format, cause=str(error)) from None
    return opened, decoded


def check_pixels(opened: Opened, limits: Limits) -> None:
    """Formats differ in what a pixel takes while it is unpacked. Raises TooManyPixels."""
    budget_pixels = min(limits.pixels, limits.unpacked_bytes // opened.bytes_per_pixel)
    if opened.width_pixels * opened.height_pixels > budget_pixels:
        raise TooManyPixels(
            item=NO_ITEM, width=opened.width_pixels, height=opened.height_pixels, budget_pixels=budget_pixels
        )
