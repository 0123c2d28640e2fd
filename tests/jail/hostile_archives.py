"""A corpus of hostile archives: those that lie in known ways, and seeded mutations of good ones.

The list of a 7z archive stands behind checksums that a forger sets right again; so do some mutations here.
"""

import bz2
import io
import lzma
import random
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import islice

from tests.archives import (
    SEVEN_METHODS,
    gzipped,
    overlapping,
    patched,
    seven_of,
    seven_packed_list,
    seven_parts,
    sevened,
    tar_of,
    tarred,
    zipped,
)
from tests.pictures import jpeg

from . import sevens
from .hostile import MUTATIONS, File, cut, edge_numbers, flipped_bits

PICTURE = jpeg(1)
MEMBERS = {"a.jpg": PICTURE, "in/words": b"words " * 50, "../../up": b"up", "/etc/passwd": b"x", "empty": b""}
HUGE = (0, 1, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
HUGE_64 = (0, 1, 1 << 31, (1 << 32) - 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)


def archives(count: int, seed: int, bomb_bytes: int) -> Iterator[File]:
    """The same for the same seed. `bomb_bytes`: of what a small archive is unpacked."""
    return islice(_endless(seed, bomb_bytes), count)


def _endless(seed: int, bomb_bytes: int) -> Iterator[File]:
    yield from lying_archives(bomb_bytes)
    golden = list(good_archives())
    yield from cut(golden)
    chance = random.Random(seed)
    while True:
        for name, data in golden:
            mutation = chance.choice(MUTATIONS)
            yield f"{name}: {mutation.__name__}", mutation(chance, data)
        for name, make in REPAIRED:
            yield name, make(chance)


def good_archives() -> Iterator[File]:
    methods = {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}
    for name, method in methods.items():
        yield f"zip {name}", zipped(MEMBERS, method)
    for mode in ("w:", "w:bz2", "w:xz"):
        yield f"tar {mode}", tarred(MEMBERS, mode)
    yield "tar gz", gzipped(tarred(MEMBERS))
    yield "tar gnu", tarred({"f/" * 90 + "x": PICTURE} | MEMBERS, "w:", tarfile.GNU_FORMAT)
    for name in SEVEN_METHODS:
        yield f"7z {name}", sevened(MEMBERS, name)
    yield "7z of 7-Zip", sevens.FILTERED
    yield "7z of bsdtar", sevens.BSDTAR
    yield "gz", gzipped(PICTURE, "a.jpg")
    yield "bz2", bz2.compress(PICTURE)
    yield "xz", lzma.compress(PICTURE)
    yield "archives in archives", zipped({"a.7z": sevened({"b.tgz": gzipped(tarred({"c.zip": zipped(MEMBERS)}))})})


# ---- mutations behind checksums that are right --------------------------------------------------------------------


def seven_list(chance: random.Random) -> bytes:
    packed, listing = seven_parts(MEMBERS, chance.choice(list(SEVEN_METHODS)), solid=chance.random() < 0.5)
    return seven_of(packed, chance.choice((flipped_bits, edge_numbers))(chance, listing))


def seven_packed(chance: random.Random) -> bytes:
    packed, listing = seven_parts(MEMBERS, chance.choice(list(SEVEN_METHODS)))
    return seven_packed_list(packed, chance.choice((flipped_bits, edge_numbers))(chance, listing))


def tar_headers(chance: random.Random) -> bytes:
    """Any of them, changed where its fields stand."""
    archive = bytearray(tarred(MEMBERS, "w:", chance.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))))
    headers = [at for at in range(0, len(archive), 512) if archive[at + 257 : at + 262] == b"ustar"]
    at = chance.choice(headers)
    place = at + chance.choice((0, 100, 124, 136, 156, 257, 345)) + chance.randrange(8)
    archive[place : place + 2] = chance.randbytes(2)
    archive[at + 148 : at + 156] = b" " * 8
    archive[at + 148 : at + 156] = b"%06o\0 " % sum(archive[at : at + 512])
    return bytes(archive)


def gz_inside(chance: random.Random) -> bytes:
    """The packed archive is whole, and the one in it is not."""
    return gzipped(flipped_bits(chance, tarred(MEMBERS)))


REPAIRED: tuple[tuple[str, Callable[[random.Random], bytes]], ...] = (
    ("7z with another list", seven_list),
    ("7z with another packed list", seven_packed),
    ("tar with another header", tar_headers),
    ("gz of a damaged tar", gz_inside),
)

# ---- lies, each known from somewhere ------------------------------------------------------------------------------


def lying_archives(bomb_bytes: int) -> Iterator[File]:
    yield from zips()
    yield from tars()
    yield from packed_files()
    yield from seven_lies()
    yield from bombs(bomb_bytes)
    yield from polyglots()


def zips() -> Iterator[File]:
    plain = zipped(MEMBERS)
    fields = {"packed size": 20, "size": 24, "name's length": 28, "extra's length": 30, "offset": 42, "method": 10}
    for name, offset in fields.items():
        for lie in HUGE:
            size = 2 if "length" in name or name == "method" else 4
            yield (
                f"zip: {name} {lie}",
                patched(plain, b"PK\1\2", offset, (lie & 0xFFFFFFFF).to_bytes(4, "little")[:size]),
            )
    for name, offset, size in (("disk", 4, 2), ("count", 8, 4), ("directory's size", 12, 4), ("its place", 16, 4)):
        for lie in HUGE:
            yield f"zip: {name} {lie}", patched(plain, b"PK\5\6", offset, (lie).to_bytes(4, "little")[:size])
    for place in range(4):
        for lie in HUGE_64:
            yield f"zip of 64 bits: number {place} is {lie}", zip_of_64_bits(place, lie)
    for mode in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK):
        yield f"zip: mode {mode:o}", zip_of_mode(mode)
    yield "zip: 300 members that are one", overlapping(300, PICTURE)
    yield "zip: 500 of one name", zipped([("a", b"x")] * 500, zipfile.ZIP_STORED)
    yield "zip: a name of 60,000 signs", zipped({"n" * 60_000: b"x"})
    yield "zip: 1,000 ends of directories", plain + plain[plain.index(b"PK\5\6") :] * 1_000
    yield "zip: end within its own remark", plain[:-2] + struct.pack("<H", 22) + plain[plain.index(b"PK\5\6") :]
    yield "zip: nothing but heads", b"PK\3\4" * 5_000


def zip_of_64_bits(place: int, lie: int) -> bytes:
    """Size, packed size, place of the member, place of the directory."""
    plain = zipped({"a": PICTURE})
    directory, end = plain.index(b"PK\1\2"), plain.index(b"PK\5\6")
    packed_bytes, size_bytes = struct.unpack_from("<2L", plain, directory + 20)
    numbers = [size_bytes, packed_bytes, 0, directory]
    numbers[place] = lie
    entry = bytearray(plain[directory:end])
    entry[20:28], entry[30:32], entry[42:46] = b"\xff" * 8, b"\x1c\0", b"\xff" * 4
    entry += struct.pack("<HH3Q", 1, 24, *numbers[:3])
    last = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(entry), numbers[3])
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, directory + len(entry), 1)
    return plain[:directory] + bytes(entry) + last + locator + b"PK\5\6" + b"\0" * 4 + b"\xff" * 12 + b"\0\0"


def zip_of_mode(mode: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        described = zipfile.ZipInfo("odd")
        described.create_system, described.external_attr = 3, (mode | 0o777) << 16
        archive.writestr(described, "/etc/passwd")
    return file.getvalue()


def tars() -> Iterator[File]:
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)
    for kind in (*kinds, b"L", b"K", b"x", b"g", b"S", b"M", b"V", b"\xff"):
        for size in (0, 1, 700, 2 << 20):
            yield f"tar: {size} bytes of kind {kind!r}", tar_of(kind, size=size)
    for digits in (b"7" * 11 + b"\0", b"\x80" + b"\xff" * 11, b"\xff" * 12, b"-1" + b" " * 10, b"9" * 12, b"\0" * 12):
        yield f"tar: a size of {digits!r}", tar_of_digits(digits)
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 60)}
    for key, value in sparse.items():
        yield f"tar: holes by {key}", tar_of(tarfile.REGTYPE, size=700, pax_headers={key: value})
    for key in ("size", "path", "linkpath", "GNU.sparse.map", "GNU.sparse.name", "hdrcharset"):
        for value in ("", "-1", "9" * 18, "9" * 40, "../" * 300, "a\nb", "0x10"):
            yield f"tar: {key} is {value[:20]!r}", tar_of(tarfile.REGTYPE, size=5, pax_headers={key: value})
    note = b"99999999999 path=x\n"
    yield "tar: a note longer than it is", tarred({"a": b"x"}).replace(b"a" + bytes(99), b"a" + bytes(99)) + note
    block = bytearray(tar_of(b"S", size=0)[:512])
    block[482] = 1
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    more = bytearray(512)
    more[504] = 1
    yield "tar: lists of holes without end", bytes(block) + bytes(more) * 4_000
    yield "tar: 3,000 long names before nothing", tar_of(b"L", size=512)[:1024] * 3_000
    yield "tar: only an end", bytes(10_240)
    yield "tar: 400 empty members", tarred([(str(number), b"") for number in range(400)])


def tar_of_digits(digits: bytes) -> bytes:
    archive = bytearray(tarred({"a": PICTURE}, form=tarfile.USTAR_FORMAT))
    archive[124:136] = digits
    archive[148:156] = b" " * 8
    archive[148:156] = b"%06o\0 " % sum(archive[:512])
    return bytes(archive)


def packed_files() -> Iterator[File]:
    for name, packed in (("gz", gzipped(PICTURE, "n")), ("bz2", bz2.compress(PICTURE)), ("xz", lzma.compress(PICTURE))):
        for length in (7, 11, 20, len(packed) // 2, len(packed) - 9, len(packed) - 4):
            yield f"{name} cut to {length}", packed[:length]
        yield f"{name} with more behind it", packed + PICTURE
        yield f"{name} 300 times", packed * 300
        yield f"{name} and its own head", packed + packed[:9]
        yield f"{name} with a wrong end", packed[:-6] + b"\xff" * 6
    for flags in (2, 4, 8, 16, 31, 0xFF):
        yield f"gz with flags {flags:x}", b"\x1f\x8b\x08" + bytes([flags]) + bytes(6) + b"\xff\xff" + b"n" * 70_000
    yield "xz that needs 3 GiB", greedy_xz()
    yield "7z called gz", b"\x1f\x8b\x08" + sevened(MEMBERS)[3:]


def greedy_xz() -> bytes:
    """Its memory is announced in the last byte before the filling and the checksum of the first block's header."""
    made = bytearray(lzma.compress(b"x"))
    end = 12 + 4 * made[12] + 4
    made[16] = 39
    made[end - 4 : end] = struct.pack("<L", zlib.crc32(made[12 : end - 4]))
    return bytes(made)


def seven_lies() -> Iterator[File]:
    parts = ("packed_byte", "packed_size", "packed_count", "blocks", "size", "count", "member_size", "files")
    for part in parts:
        for lie in HUGE_64:
            yield f"7z: {part} {lie}", sevened(MEMBERS, **{part: lie})
    for name in ("names", "counts", "sizes", "crcs", "empty_files", "attributes"):
        for text in (b"", b"\0", b"\1", b"\xff" * 30):
            yield f"7z: {name} {text[:2]!r}", sevened(MEMBERS, **{name: text})
    for properties in (b"", b"\x28", b"\x29", b"\xff" * 5, b"\x5d\xff\xff\xff\xff", bytes(200)):
        for method in ("lzma", "lzma2"):
            yield f"7z: {method} {properties[:5].hex()}", sevened(MEMBERS, method, properties=properties)
            yield (
                f"7z: large {method} {properties[:5].hex()}",
                sevened(MEMBERS, method, properties=properties, size=1 << 60),
            )
    numbers = (b"", b"\3", b"\4", b"\6\xf1\7\1", b"\3\4\1", b"\3\3\1\x1b", b"\x0a", b"\3\3\1\3", b"\xff" * 15)
    for number in numbers:
        yield f"7z: method {number.hex()}", sevened(MEMBERS, identity=number)
    chain = b"\4" + b"\1\4" * 3 + b"\1\0" + b"\1\0\2\1\3\2"
    blocks = (
        b"\2\1\0\1\0\0\0",
        b"\2\1\0\1\0\1\0",
        chain,
        b"\1\x11\0\x7f\x7f",
        b"\x20" + b"\1\0" * 32,
        b"\1\x11\0\2\1\0\1",
    )
    for block in blocks:
        yield f"7z: block {block.hex()[:40]}", sevened(MEMBERS, "copy", block=block)
    packed, listing = seven_parts(MEMBERS)
    yield "7z: its list is a list of a list", seven_packed_list(packed, b"\x17" + listing)
    yield "7z: properties without end", seven_of(b"", b"\1\2" + b"\1\0" * 50_000)
    yield "7z: streams in streams", seven_of(b"", b"\1" + b"\3\0" * 50_000)
    yield "7z: blocks twice", seven_of(packed, listing[:2] + listing[2 : listing.index(b"\5")] * 2 + listing[2:])
    yield "7z: a name of 60,000 signs", sevened({"n" * 60_000: b"x"})
    yield "7z: 300 blocks", sevened([(str(number), b"x") for number in range(300)], "copy", solid=False)
    for archive, name in ((sevens.ENCRYPTED, "encrypted"), (sevens.HIDDEN, "hidden"), (sevens.BCJ2, "BCJ2")):
        yield f"7z: {name}", archive


def seven_of_blocks(count: int) -> bytes:
    number = b"\xff" + count.to_bytes(8, "little")
    packed = b"\6\0" + number + b"\x09" + b"\1" * count + b"\0"
    return b"\1\4" + packed + b"\7\x0b" + number + b"\0" + b"\1\1\0" * count + b"\x0c" + b"\1" * count + b"\0\0\0"


def bombs(bomb_bytes: int) -> Iterator[File]:
    """Small, and large unpacked: once, in one another, side by side."""
    zeros = bytes(bomb_bytes)
    deflated = zipped({"bomb": zeros})
    yield "zip bomb", deflated
    yield "zip bomb in a zip in a tar", gzipped(tarred({"in.zip": zipped({"in.zip": deflated})}))
    yield "gz bomb", gzipped(zeros)
    yield "bz2 bomb", bz2.compress(zeros)
    yield "xz bomb", lzma.compress(zeros, preset=0)
    yield "gz in gz bomb", gzipped(gzipped(gzipped(zeros)))
    yield "7z bomb", sevened({"bomb": zeros})
    yield "7z bomb behind a checksum that is right", sevened({"a": PICTURE, "bomb": zeros}, "lzma", solid=False)
    yield "7z with a list of nothing but zeros", seven_packed_list(b"", zeros)
    yield "7z with a list of a million blocks", seven_packed_list(b"", seven_of_blocks(1_000_000))
    yield "7z with a list of 200 MB that is none", seven_packed_list(b"", b"\1", size=200 << 20)
    deep, other = b"end", b"end"
    for level in range(40):
        deep, other = zipped({f"{level}.zip": deep}), gzipped(other)
    yield "40 zips in one another", deep
    yield "40 gz in one another", other
    for level in range(12):
        deep = (zipped, tarred, sevened)[level % 3]({"in": deep, "picture.jpg": PICTURE})
    yield "12 kinds of archives in one another", deep
    yield "zip of 20 bombs", zipped({str(number): zipped({"x": zeros[: bomb_bytes // 10]}) for number in range(20)})


def polyglots() -> Iterator[File]:
    for name, archive in (("zip", zipped(MEMBERS)), ("7z", sevened(MEMBERS)), ("tar", tarred(MEMBERS))):
        yield f"picture, then {name}", PICTURE + archive
        yield f"{name}, then picture", archive + PICTURE
        yield f"{name} with a picture's head", b"\xff\xd8\xff\xe0" + archive[4:]
    yield "zip behind a 7z", sevened(MEMBERS) + zipped({"other": b"x"})
    yield "7z in the middle of a zip", zipped({"in.7z": sevened(MEMBERS)}, zipfile.ZIP_STORED)
    file = bytearray(tarred({"PK\3\4": zipped(MEMBERS)}, form=tarfile.USTAR_FORMAT))
    yield "tar that begins as a zip", bytes(file)
    yield "zip with crc of nothing", patched(zipped({"a": b"x"}), b"PK\1\2", 16, struct.pack("<L", zlib.crc32(b"")))
