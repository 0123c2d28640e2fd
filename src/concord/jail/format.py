"""Which format a file begins as, by its first bytes. Names and extensions say nothing."""

import re
import struct

from concord.jail.archive_format import sniff_archive

HEAD_BYTES = 512  # as much as is looked at

_MAGIC = (
    ("jpeg", b"\xff\xd8\xff"),
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("gif", b"GIF87a"),
    ("gif", b"GIF89a"),
    ("tiff", b"II*\0"),
    ("tiff", b"MM\0*"),
    ("tiff", b"II+\0\x08\0\0\0"),  # of 64 bits
    ("tiff", b"MM\0+\0\x08\0\0"),
    ("jpeg2000", b"\0\0\0\x0cjP  \r\n\x87\n"),
    ("jpeg2000", b"\xff\x4f\xff\x51\0"),  # without a box around it
    ("psd", b"8BPS\0\x01"),
    ("dds", b"DDS \x7c\0\0\0"),
    ("icns", b"icns"),
    ("qoi", b"qoif"),
    ("sun", b"\x59\xa6\x6a\x95"),
    ("xpm", b"/* XPM */"),
    # known by name, and not read
    ("jpegxl", b"\xff\x0a"),
    ("jpegxl", b"\0\0\0\x0cJXL \r\n\x87\n"),
    ("eps", b"%!PS"),
    ("eps", b"\xc5\xd0\xd3\xc6"),
    ("wmf", b"\xd7\xcd\xc6\x9a\0\0"),
    ("fits", b"SIMPLE  ="),
    ("raf", b"FUJIFILMCCD-RAW"),
    ("djvu", b"AT&TFORM"),
)

# Formats whose beginning is a pattern.
_PATTERNS = tuple(
    (name, re.compile(pattern, re.DOTALL))
    for name, pattern in (
        ("webp", rb"RIFF....WEBP"),
        ("bmp", rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"),  # the sizes that its second header may have
        ("netpbm", rb"P(?:[1-6][ \t\r\n#]|f[ \t\r\n])"),
        ("sgi", rb"\x01\xda[\0\x01][\x01\x02]\0[\x01-\x03]"),
        ("ico", rb"\0\0\x01\0[\x01-\xff]\0"),
        ("cur", rb"\0\0\x02\0[\x01-\xff]\0"),
        ("emf", rb"\x01\0\0\0.{36} EMF"),
        ("pcx", rb"\x0a[\0\x02\x03\x05]\x01[\x01\x02\x04\x08].{60}\0[\x01-\x04]"),
        ("xbm", rb"\s*#define[ \t]+\S+_width[ \t]+\d+"),
        ("svg", rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml.{0,400}?)?(?:<!.{0,400}?)?<svg[\s>]"),
    )
)

_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF = frozenset({b"avif", b"avis"})
_CONTAINERS = frozenset({b"mif1", b"msf1"})  # say nothing of what is inside


def sniff_format(head: bytes) -> str | None:
    """From the first HEAD_BYTES, or all of a shorter file; None: of no format known by name."""
    if archive := sniff_archive(head):
        return archive
    for name, magic in _MAGIC:
        if head.startswith(magic):
            return name
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    for name, pattern in _PATTERNS:
        if pattern.match(head):
            return name
    return "tga" if _is_tga(head) else None


def _sniff_brands(head: bytes) -> str | None:
    """By the brand of an ISO base media file (ISO/IEC 14496-12); by those it is compatible with if that is a general one."""
    major = head[8:12]
    if major == b"crx ":
        return "cr3"
    (box_bytes,) = struct.unpack(">I", head[:4])
    listed = head[16 : min(box_bytes, HEAD_BYTES)]
    brands = {major} | ({listed[at : at + 4] for at in range(0, len(listed), 4)} if major in _CONTAINERS else set())
    if brands & _AVIF:
        return "avif"
    return "heif" if brands & (_HEIF | _CONTAINERS) else None


def _is_tga(head: bytes) -> bool:
    """TGA begins with no sign of its own: every field of its header must be one that the format allows."""
    if len(head) < 18:
        return False
    _, colour_map, kind, first, colours, colour_bits, _, _, width, height, bits, flags = struct.unpack_from(
        "<BBBHHBHHHHBB", head
    )
    if not (width and height) or flags & 0xC0:
        return False
    if colour_map == 0:
        depths = {2: (16, 24, 32), 10: (16, 24, 32), 3: (8, 16), 11: (8, 16)}.get(kind, ())
        return bits in depths and first == colours == colour_bits == 0
    return colour_map == 1 and kind in (1, 9) and bits == 8 and 0 < colours <= 256 and colour_bits in (15, 16, 24, 32)
