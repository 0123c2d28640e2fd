"""PNG without what does not belong to the picture: texts, profiles, later frames. A bomb in those, or a broken sum over
them, is then no reason to refuse the picture."""

import struct
from collections.abc import Iterator
from functools import partial

from PIL import PngImagePlugin

from concord.jail.frames import claimed
from concord.jail.opened import Opened
from concord.jail.pillow import bytes_per_pixel, opened_image, unpacked, with_codec

PILLOW_PNG = with_codec("zlib_ng")

SIGNATURE_BYTES = 8
# Transparency and orientation; every chunk with a capital first is kept as well, which is what belongs to the picture.
KEPT = frozenset({b"tRNS", b"eXIf"})
Chunk = tuple[bytes, int, int]  # name, and where it begins and ends with length, name and sum


def open_png(data: bytes) -> Opened:
    """Without unpacking. Raises UndecodableError."""
    frames, pieces = 1, [data[:SIGNATURE_BYTES]]
    for name, start, stop in chunks(data):
        if name == b"acTL" and stop - start == 20:
            frames = claimed(int.from_bytes(data[start + 8 : start + 12]))
        elif name in KEPT or not name[:1].islower():
            pieces.append(data[start:stop])
    image = opened_image(PngImagePlugin.PngImageFile, b"".join(pieces))
    return Opened(*image.size, bytes_per_pixel(image), frames, partial(unpacked, image, PILLOW_PNG))


def chunks(data: bytes) -> Iterator[Chunk]:
    """Up to and with the last; one that is cut short as far as it goes."""
    start = SIGNATURE_BYTES
    while start + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, start)
        stop = min(start + 12 + length, len(data))
        yield name, start, stop
        if name == b"IEND":
            return
        start = stop
