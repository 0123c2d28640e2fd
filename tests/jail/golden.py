"""A small picture in every format that is read, and every mode and way of packing that matters."""

import io
from collections.abc import Iterator

from PIL import Image

from . import heics
from .scenes import PNG_MODES, coarse_scene, in_mode

LOSSLESS = {  # Pillow's name of the format, its modes, and how to write it without loss
    "BMP": (("1", "L", "P", "RGB"), {}),
    "DDS": (("L", "RGB", "RGBA"), {}),
    "GIF": (("1", "L", "P"), {}),
    "JPEG2000": (("L", "LA", "RGB", "RGBA", "I;16"), {}),
    "PCX": (("1", "L", "P", "RGB"), {}),
    "PNG": (PNG_MODES, {}),
    "PPM": (("1", "L", "RGB", "I;16"), {}),
    "QOI": (("RGB", "RGBA"), {}),
    "SGI": (("L", "RGB", "RGBA"), {}),
    "TGA": (("L", "LA", "P", "RGB", "RGBA"), {}),
    "TIFF": (("1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"), {}),
    "WEBP": (("RGB", "RGBA"), {"lossless": True, "exact": True}),
    "XBM": (("1",), {}),
}
OTHER_WAYS = [
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "RGB", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", "RGB", {"compression": "packbits"}),
    ("TIFF", "RGB", {"big_tiff": True}),
    ("TIFF", "1", {"compression": "group4"}),
    ("TGA", "RGB", {"compression": "tga_rle"}),
    ("JPEG2000", "RGB", {"no_jp2": True}),
]
CASES = [(name, mode, options) for name, (modes, options) in LOSSLESS.items() for mode in modes] + OTHER_WAYS
LOSSY = [
    ("JPEG", {"quality": 95}),
    ("JPEG", {"quality": 95, "progressive": True}),
    ("JPEG", {"quality": 95, "restart_marker_rows": 1}),
    ("WEBP", {"quality": 95}),
    ("AVIF", {"quality": 95}),
    ("JPEG2000", {"irreversible": True, "quality_layers": [5]}),
    ("TIFF", {"compression": "jpeg", "quality": 95}),
]
SEVERAL = ["GIF", "TIFF", "WEBP", "AVIF", "PNG", "MPO"]
OURS = {"PPM": "netpbm", "MPO": "jpeg"}  # names here and in Pillow differ in these

XPM = b"""/* XPM */
static char *x[] = {
"2 1 2 1",
"a c #000000",
"b c #FFFFFF",
"ab",
};
"""


def written(picture: Image.Image, name: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, name, **options)
    return file.getvalue()


def without_times(data: bytes) -> bytes:
    """An image sequence carries the moment of its making, in the headers of its film: zeroed, to be the same every time."""
    made = bytearray(data)
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        at = data.find(box) + 8
        if at >= 8:
            made[at : at + 16] = bytes(16)
    return bytes(made)


def even_picture() -> Image.Image:
    """Of an even width, as some formats pad their rows to two bytes."""
    return coarse_scene().resize((64, 48))


def sun() -> bytes:
    picture = even_picture()
    width, height = picture.size
    head = b"".join(number.to_bytes(4) for number in (width, height, 24, width * height * 3, 3, 0, 0))
    return b"\x59\xa6\x6a\x95" + head + picture.tobytes()


def psd() -> bytes:
    picture = even_picture()
    width, height = picture.size
    head = (
        b"8BPS\0\1" + bytes(6) + b"\0\3" + height.to_bytes(4) + width.to_bytes(4) + b"\0\10\0\3" + bytes(12) + b"\0\0"
    )
    return head + b"".join(band.tobytes() for band in picture.split())


def icon(name: str) -> bytes:
    return written(coarse_scene().resize((64, 64)), name, sizes=[(16, 16), (64, 64)])


def cursor() -> bytes:
    made = written(coarse_scene().resize((32, 32)), "ICO", sizes=[(32, 32)], bitmap_format="bmp")
    return made[:2] + b"\2\0" + made[4:]


def golden_files() -> Iterator[tuple[str, bytes]]:
    """(name, content); the name begins with that of the format here."""
    for name, mode, options in CASES:
        yield (
            f"{OURS.get(name, name.lower())} {mode} {options}",
            written(in_mode(coarse_scene(), mode), name, **options),
        )
    for name, options in LOSSY:
        yield f"{name.lower()} {options}", written(coarse_scene(), name, **options)
    yield "jpeg cmyk", written(coarse_scene().convert("CMYK"), "JPEG")
    for name in SEVERAL:
        others = [coarse_scene(8), coarse_scene(9)]
        several = written(coarse_scene(), name, save_all=True, append_images=others)
        yield f"{OURS.get(name, name.lower())} of three", without_times(several) if name == "AVIF" else several
    for name in ("ICO", "ICNS"):
        yield name.lower(), icon(name)
    yield from (("cur", cursor()), ("xpm", XPM), ("sun", sun()), ("psd", psd()))
    for heic in ("PLAIN", "TURNED", "HALF_TRANSPARENT", "THREE"):
        yield f"heif {heic.lower()}", getattr(heics, heic)
