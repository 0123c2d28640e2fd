"""Which archive a file begins as, by its first bytes."""

import re
from typing import Final

SEQUENTIAL: Final = frozenset({"tar", "gzip", "bzip2", "xz"})  # read from the beginning to the end
SCATTERED: Final = frozenset({"zip", "7z"})  # their directory stands at the end
ARCHIVES: Final = SEQUENTIAL | SCATTERED  # whose members are examined

_MAGIC = (
    ("zip", b"PK\3\4"),
    ("zip", b"PK\5\6"),  # without members
    ("zip", b"PK\x07\x08PK"),  # the first of several volumes, or the only one
    ("zip", b"PK00PK\3\4"),
    ("gzip", b"\x1f\x8b\x08"),
    ("xz", b"\xfd7zXZ\0"),
    ("7z", b"7z\xbc\xaf\x27\x1c"),
    # known by name, and not read
    ("rar", b"Rar!\x1a\x07"),
    ("zstandard", b"\x28\xb5\x2f\xfd"),
    ("lz4", b"\x04\x22\x4d\x18"),
    ("lzip", b"LZIP\1"),
    ("cabinet", b"MSCF\0\0\0\0"),
    ("compress", b"\x1f\x9d"),
    ("cpio", b"070701"),
    ("cpio", b"070707"),
    ("ar", b"!<arch>\n"),
    ("wim", b"MSWIM\0\0\0"),
    ("xar", b"xar!\0\x1c"),
)
UNREAD: Final = frozenset(name for name, _ in _MAGIC) - ARCHIVES

BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", re.DOTALL)
BLOCK_BYTES = 512
CHECKSUM_AT = slice(148, 156)  # of a tar header
_CHECKSUM = re.compile(rb"[ 0]*[0-7]+[\0 ]+")


def sniff_archive(head: bytes) -> str | None:
    """From the first 512 bytes, or all of a shorter file; None: of no archive known by name."""
    for name, magic in _MAGIC:
        if head.startswith(magic):
            return name
    if BZIP2.match(head):
        return "bzip2"
    return "tar" if is_tar_header(head) else None


def is_tar_header(head: bytes) -> bool:
    """Nothing but its checksum tells an old one. Some programs add the bytes up as signed numbers."""
    field = head[CHECKSUM_AT]
    if len(head) < BLOCK_BYTES or not _CHECKSUM.fullmatch(field):
        return False
    block = head[:148] + b" " * 8 + head[156:BLOCK_BYTES]
    total = sum(block)
    return int(field.strip(b" \0"), 8) in (total, total - 256 * sum(byte > 127 for byte in block))
