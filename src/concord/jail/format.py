"""Which format a file begins as, by its first bytes. Names and extensions say nothing."""

DECODED = frozenset({"jpeg", "png"})  # formats that are read here; the others are only named

_MAGIC = (
    ("jpeg", b"\xff\xd8\xff"),
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("gif", b"GIF87a"),
    ("gif", b"GIF89a"),
    ("tiff", b"II*\x00"),
    ("tiff", b"MM\x00*"),
    ("jpeg2000", b"\x00\x00\x00\x0cjP  \r\n\x87\n"),
    ("jpegxl", b"\xff\x0a"),
    ("jpegxl", b"\x00\x00\x00\x0cJXL \r\n\x87\n"),
    ("bmp", b"BM"),
)
_BRANDS = {b"heic": "heif", b"heix": "heif", b"mif1": "heif", b"msf1": "heif", b"avif": "avif", b"avis": "avif"}


def sniff_format(head: bytes) -> str | None:
    """From the first 16 bytes or more; None: of no picture format known by name."""
    for name, magic in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    return None
