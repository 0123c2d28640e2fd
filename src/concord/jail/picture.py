"""Examine a picture, inside a worker: read it once, digest it, decode it, fingerprint it."""

from dataclasses import dataclass

from concord.config import Limits
from concord.errors import DamagedPicture, NotAPicture, TooManyBytes, TooManyPixels, UndecodableItem, UnreadableFile
from concord.fingerprints.digests import CHUNK_BYTES, Digester
from concord.fingerprints.kind import Fingerprint
from concord.fingerprints.kinds import fingerprint_all
from concord.jail.descriptor import stream_of
from concord.jail.findings import PictureFindings
from concord.jail.format import DECODED, sniff_format
from concord.jail.luma import Header, UndecodableError, decode, read_header
from concord.jail.messages import Fault
from concord.values import Digests

NO_ITEM = ""  # the outside knows which item it is and fills it in


@dataclass(frozen=True, slots=True)
class Content:
    digests: Digests
    size_bytes: int
    format: str | None
    data: bytes | None  # None: of no format that is decoded, or too large


@dataclass(frozen=True, slots=True)
class Sight:
    """What a decoded picture shows."""

    width_pixels: int
    height_pixels: int
    fingerprints: tuple[Fingerprint, ...]


def examine_picture(descriptor: int, limits: Limits) -> PictureFindings:
    """A picture that cannot be decoded still has its digests. Raises UnreadableFile."""
    content = read_content(descriptor, limits)
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
    )


def read_content(descriptor: int, limits: Limits) -> Content:
    """In one pass; only what may be decoded is kept."""
    stream, digester = stream_of(descriptor), Digester()
    begins_as: str | None = None
    pieces: list[bytes] = []
    try:
        while piece := stream.read(CHUNK_BYTES):
            if digester.size_bytes == 0:
                begins_as = sniff_format(piece)
            digester.update(piece)
            if begins_as in DECODED and digester.size_bytes <= limits.picture_bytes:
                pieces.append(piece)
            else:
                pieces.clear()
    except OSError as error:
        raise UnreadableFile(item=NO_ITEM, cause=error.strerror) from None
    return Content(digester.digests(), digester.size_bytes, begins_as, b"".join(pieces) if pieces else None)


def look_at(content: Content, limits: Limits) -> Sight:
    """Raises UndecodableItem."""
    if content.format is None:
        raise NotAPicture(item=NO_ITEM, cause="its first bytes are those of no known format")
    if content.format not in DECODED:
        raise NotAPicture(item=NO_ITEM, cause=f"{content.format} is not read yet")
    if content.data is None:
        raise TooManyBytes(item=NO_ITEM, size_bytes=content.size_bytes, budget_bytes=limits.picture_bytes)
    try:
        header = read_header(content.data, content.format)
        check_pixels(header, limits)
        decoded = decode(content.data, header)
    except UndecodableError as error:
        raise DamagedPicture(item=NO_ITEM, format=content.format, cause=str(error)) from None
    height, width = decoded.luma.shape
    return Sight(width, height, fingerprint_all(decoded.luma, decoded.decoder))


def check_pixels(header: Header, limits: Limits) -> None:
    """The decoders may disagree about the size: the larger counts. Raises TooManyPixels."""
    sizes = [(header.width_pixels, header.height_pixels)]
    if header.image is not None:
        sizes.append(header.image.size)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    if width * height > limits.pixels:
        raise TooManyPixels(item=NO_ITEM, width=width, height=height, budget_pixels=limits.pixels)
