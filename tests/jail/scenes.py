"""Synthetic pictures for the tests: one textured scene in every pixel mode and orientation, and files that lie."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

ORIENTATION = 0x0112
JPEG_MODES = ("RGB", "L", "CMYK")
PNG_MODES = ("RGB", "L", "P", "1", "I;16", "LA", "RGBA")

_TURNED_BACK = {  # what undoes each orientation, in Pillow's words
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def scene(width: int = 480, height: int = 360, seed: int = 7) -> Image.Image:
    """Coloured blobs with a PDQ quality of 100, upright, RGB."""
    blobs = np.random.default_rng(seed).integers(0, 256, (18, 24, 3), dtype=np.uint8)
    return Image.fromarray(blobs).resize((width, height), Image.Resampling.BICUBIC)


def coarse_scene(seed: int = 7) -> Image.Image:
    """A smaller one, which codecs that lose something keep well."""
    blobs = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(blobs).resize((120, 90), Image.Resampling.BICUBIC)


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    if mode == "P":
        return picture.quantize(64)
    if mode in ("I", "F"):
        return Image.fromarray(np.asarray(picture.convert("L")).astype(np.int32 if mode == "I" else np.float32))
    if mode == "I;16":
        return Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    if mode in ("LA", "RGBA"):
        made = picture.convert(mode)
        made.putalpha(240)
        return made
    return picture.convert(mode)


def stored(picture: Image.Image, orientation: int, file_format: str, **options: object) -> bytes:
    """Turned away from upright, with the EXIF note that says so."""
    if orientation in _TURNED_BACK:
        picture = picture.transpose(_TURNED_BACK[orientation])
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    file = io.BytesIO()
    picture.save(file, file_format, exif=exif, **({"quality": 90} if file_format == "JPEG" else {}), **options)
    return file.getvalue()


def jpeg(picture: Image.Image | None = None, format_: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    (picture or scene()).save(file, format_, **{"quality": 90, **options})
    return file.getvalue()


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose header lies about its size."""
    data = jpeg()
    frame = data.index(b"\xff\xc0")
    return data[: frame + 5] + struct.pack(">HH", height, width) + data[frame + 9 :]


def jpeg_segment(data: bytes, marker: int, *contents: bytes) -> bytes:
    """With segments of its own behind the first mark; what is too long for one is cut."""
    made = (struct.pack(">BBH", 0xFF, marker, 2 + len(content[:65_533])) + content[:65_533] for content in contents)
    return data[:2] + b"".join(made) + data[2:]


def flat_png(width: int, height: int, bits: int, colour_type: int, bytes_per_row: int) -> bytes:
    """Nothing but zeros: many pixels in few bytes. Made by hand, as no writer would make the largest."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    packer, row = zlib.compressobj(1), bytes(1 + bytes_per_row)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, body) for name, body in chunks)


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def slow_jpeg() -> bytes:
    """A plain progressive picture whose last scan is repeated 400 times: 100 kB, little memory, ten seconds of work."""
    data = jpeg(Image.new("L", (4_000, 4_000), 99), progressive=True)
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + 400 * last_scan + data[-2:]


def greedy_png() -> bytes:
    """64 million pixels that need 256 MB unpacked."""
    return flat_png(8_000, 8_000, bits=8, colour_type=6, bytes_per_row=32_000)
