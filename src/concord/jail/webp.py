"""WebP: its size is read here, as the library takes the memory for a whole picture as soon as it is opened."""

import struct
from collections.abc import Iterator

from PIL import WebPImagePlugin

from concord.jail.frames import counted
from concord.jail.opened import Decoded, Opened, UndecodableError
from concord.jail.pillow import opened_image, unpacked, with_codec

PILLOW_WEBP = with_codec("webp")

FIRST_CHUNK = 12
BITS_14 = (1 << 14) - 1
BYTES_PER_PIXEL = 16  # as measured: the library's canvases and its answer, Pillow's picture, the brightness


def open_webp(data: bytes) -> Opened:
    """Without unpacking. Raises UndecodableError."""
    width, height = size_of(data)
    frames = counted(name for name in _chunk_names(data) if name == b"ANMF")

    def unpack() -> Decoded:
        image = opened_image(WebPImagePlugin.WebPImageFile, data)
        if image.size != (width, height):
            raise UndecodableError("its headers disagree about its size")  # and only one was held against the budget
        return unpacked(image, PILLOW_WEBP)

    return Opened(width, height, BYTES_PER_PIXEL, frames, unpack)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height as the first chunk claims them (RFC 9649). Raises UndecodableError."""
    kind, content = data[FIRST_CHUNK : FIRST_CHUNK + 4], data[FIRST_CHUNK + 8 : FIRST_CHUNK + 18]
    if len(content) == 10 and kind == b"VP8X":
        return 1 + int.from_bytes(content[4:7], "little"), 1 + int.from_bytes(content[7:10], "little")
    if len(content) == 10 and kind == b"VP8L" and content[0] == 0x2F:
        sides = int.from_bytes(content[1:5], "little")
        return 1 + (sides & BITS_14), 1 + (sides >> 14 & BITS_14)
    if len(content) == 10 and kind == b"VP8 " and content[3:6] == b"\x9d\x01\x2a":
        width, height = (side & BITS_14 for side in struct.unpack("<HH", content[6:]))
        if width and height:
            return width, height
    raise UndecodableError("its header cannot be read")


def _chunk_names(data: bytes) -> Iterator[bytes]:
    at = FIRST_CHUNK
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        yield name
        at += 8 + length + length % 2
