"""A corpus of hostile files: those that lie in known ways, written by hand, and seeded mutations of the golden ones."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import islice

from .exifs import XMP, block, directory, number, text
from .golden import cursor, golden_files, icon, written
from .scenes import (
    coarse_scene,
    flat_png,
    greedy_png,
    jpeg,
    jpeg_claiming,
    jpeg_segment,
    png_chunk,
    scene,
    slow_jpeg,
    stored,
)

File = tuple[str, bytes]
EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def corpus(count: int, seed: int) -> Iterator[File]:
    """The same for the same seed."""
    return islice(_endless(seed), count)


def _endless(seed: int) -> Iterator[File]:
    yield from lying()
    golden = list(golden_files())
    yield from cut(golden)
    chance = random.Random(seed)
    while True:
        for name, data in golden:
            mutation = chance.choice(MUTATIONS)
            yield f"{name}: {mutation.__name__}", mutation(chance, data)


# ---- mutations ----------------------------------------------------------------------------------------------------


def cut(golden: list[File]) -> Iterator[File]:
    """Each file at some places: only a header, the middle, shortly before the end."""
    for name, data in golden:
        for length in (4, 16, 40, 100, len(data) // 2, len(data) - 1):
            yield f"{name}: cut to {length}", data[:length]


def flipped_bits(chance: random.Random, data: bytes) -> bytes:
    """Some, and most of them near the beginning, where the structure is."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 40))):
        reach = chance.choice((64, 512, len(data)))
        made[chance.randrange(min(reach, len(data)))] ^= 1 << chance.randrange(8)
    return bytes(made)


def edge_numbers(chance: random.Random, data: bytes) -> bytes:
    """A number of 1, 2 or 4 bytes in either order becomes one at the edge of what it can be."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        size, order = chance.choice((1, 2, 4, 4)), chance.choice(("little", "big"))
        at = chance.randrange(max(1, min(chance.choice((64, 512, len(data))), len(data) - size)))
        number = chance.choice(EDGES) & ((1 << 8 * size) - 1)
        made[at : at + size] = number.to_bytes(size, order)  # type: ignore[arg-type]
    return bytes(made)


def lost_piece(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.choice((1, 2, 4, 100)) :]


def doubled_piece(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    stop = start + chance.choice((1, 4, 12, 500))
    return data[:stop] + data[start:stop] * chance.choice((1, 1, 50)) + data[stop:]


def noise(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.randbytes(60) + data[at + 60 :]


def another_head(chance: random.Random, data: bytes) -> bytes:
    """What begins as one format and goes on as another."""
    heads = (
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"GIF89a",
        b"II*\0\x08\0\0\0",
        b"BM",
        b"8BPS\0\1",
    )
    return chance.choice(heads) + data[chance.randrange(20) :]


def polyglot(chance: random.Random, data: bytes) -> bytes:
    """Followed by what makes it something else as well, or by itself."""
    others = (b"PK\3\4" + bytes(26), b"<html><script>alert(1)</script>", b"%PDF-1.7\n", data, b"Rar!\x1a\7\0")
    return data + chance.choice(others)


Mutation = Callable[[random.Random, bytes], bytes]
MUTATIONS: tuple[Mutation, ...] = (
    flipped_bits,
    flipped_bits,
    edge_numbers,
    edge_numbers,
    lost_piece,
    doubled_piece,
    noise,
    another_head,
    polyglot,
)

# ---- lies, each known from somewhere ------------------------------------------------------------------------------


def lying() -> Iterator[File]:
    yield from nothing_much()
    yield from claims_of_size()
    yield from jpegs()
    yield from pngs()
    yield from tiffs()
    yield from boxes()
    yield from slow_ones()
    yield from texts()
    yield from notes()


def nothing_much() -> Iterator[File]:
    yield "empty", b""
    for byte in (0x00, 0x42, 0x89, 0xFF):
        yield f"one byte {byte:02x}", bytes([byte])
    yield "zeros", bytes(1_000_000)
    yield "ones", b"\xff" * 1_000_000


def claims_of_size() -> Iterator[File]:
    """Headers of a few bytes that claim more than any machine has."""
    yield "jpeg of 65,500 squared", jpeg_claiming(65_500, 65_500)
    yield "png of 50,000 squared, 1 bit", flat_png(50_000, 50_000, bits=1, colour_type=0, bytes_per_row=6_250)
    for width, height in ((2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (0, 0), (1, 0), (2**32 - 1, 2**32 - 1)):
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        yield f"png of {width} x {height}", b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"x")
    for side in (0x7FFFFFFF, -0x80000000, 60_000, -60_000):
        yield f"bmp of {side} squared", b"BM" + bytes(12) + struct.pack("<IiiHHI20x", 40, side, side, 1, 24, 0)
        yield f"packed bmp of {side} squared", b"BM" + bytes(12) + struct.pack("<IiiHHI20x", 40, side, side, 1, 8, 1)
    yield "gif of 65,535 squared", b"GIF89a\xff\xff\xff\xff\0\0\0\x2c\0\0\0\0\xff\xff\xff\xff\0\2\2\x4c\1\0;"
    yield "webp of 16 million squared", b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff" * 6
    yield "webp of 16,384 squared", b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2
    yield (
        "psd of 300,000 squared",
        b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 300_000, 300_000, 8, 3) + bytes(12),
    )
    yield "qoi of 4 billion squared", b"qoif" + b"\xff" * 8 + b"\4\0"
    yield "tga of 65,535 squared", b"\0\0\x0a" + bytes(9) + b"\xff\xff\xff\xff\x18\0" + b"\xff\0\0\0"
    yield "sgi of 65,535 squared", b"\x01\xda\1\1\0\3\xff\xff\xff\xff\0\3" + bytes(500)
    yield "sun of 4 billion squared", b"\x59\xa6\x6a\x95" + b"\xff" * 8 + struct.pack(">5I", 24, 0, 1, 0, 0)
    yield "pcx of 65,535 squared", b"\x0a\5\1\x08\0\0\0\0\xff\xff\xff\xff" + bytes(53) + b"\3\xff\xff\1" + bytes(60)
    yield (
        "dds of 4 billion squared",
        b"DDS " + struct.pack("<7I", 124, 0x1007, 2**32 - 1, 2**32 - 1, 0, 0, 0) + bytes(100),
    )
    yield "netpbm of 10^30", b"P6\n1000000000000000000000000000000 1000000000000000000000000000000\n255\n"
    yield (
        "xbm of 10^9 squared",
        b"#define x_width 1000000000\n#define x_height 1000000000\nstatic char x_bits[] = {\n0x00 };",
    )
    yield "xpm of 10^9 squared", b'/* XPM */\nstatic char *x[] = {\n"1000000000 1000000000 2 1",\n"a c #000",\n'
    yield "xpm of 10^9 colours", b'/* XPM */\nstatic char *x[] = {\n"2 2 1000000000 9",\n"a c #000",\n'
    size = struct.pack(">HHIIIIIIIIH", 41, 0, 2**31, 2**31, 0, 0, 1, 1, 0, 0, 1) + b"\7\1\1"
    yield "jpeg2000 of 2 billion squared in tiles of one pixel", b"\xff\x4f\xff\x51" + size + bytes(100)


def jpegs() -> Iterator[File]:
    plain = jpeg(coarse_scene())
    loop = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)  # its EXIF directory is itself
    yield "exif that leads into itself", jpeg_segment(plain, 0xE1, loop)
    deep = b"Exif\0\0II*\0\x08\0\0\0" + b"".join(
        struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8 + 18 * level, 0) for level in range(1, 3_000)
    )
    yield "exif in exif in exif", jpeg_segment(plain, 0xE1, deep)
    many = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\1\x12\0\2\xff\xff\xff\xff\0\0\0\0" * 5_000
    yield "exif of 65,535 long texts", jpeg_segment(plain, 0xE1, many)
    index = b"MPF\0II*\0\x08\0\0\0" + struct.pack("<HHHII", 2, 0xB001, 4, 1, 2**32 - 1)
    yield "4 billion pictures", jpeg_segment(plain, 0xE2, index + struct.pack("<HHIII", 0xB002, 7, 2**32 - 16, 8, 0))
    parts = (b"ICC_PROFILE\0" + bytes([part, 255]) + bytes(60_000) for part in range(200))
    yield "profile in 200 parts", jpeg_segment(plain, 0xE2, *parts)
    yield "50,000 notes", jpeg_segment(plain, 0xFE, *([b""] * 50_000))
    yield "only fill bytes", b"\xff\xd8" + b"\xff" * 500_000
    yield "thumbnails in thumbnails", jpeg_segment(plain, 0xE0, *(b"JFXX\0\x10" + plain for _ in range(100)))
    yield "a zip behind it", plain + b"PK\5\6" + bytes(18)
    yield "the end mark at once", b"\xff\xd8\xff\xd9"


def pngs() -> Iterator[File]:
    plain = stored(coarse_scene(), 1, "PNG")
    bomb = zlib.compress(bytes(64 << 20), 1)
    for name, head in ((b"iCCP", b"p\0\0"), (b"zTXt", b"n\0\0"), (b"iTXt", b"n\0\1\0\0\0")):
        yield f"{name.decode()} bomb", plain[:33] + png_chunk(name, head + bomb) + plain[33:]
    yield (
        "200 zTXt bombs",
        plain[:33] + png_chunk(b"zTXt", b"n\0\0" + zlib.compress(bytes(1_000_000))) * 200 + plain[33:],
    )
    yield "100,000 empty chunks", plain[:33] + png_chunk(b"IDAT", b"") * 100_000 + plain[33:]
    yield "IDAT of 64 MB for one pixel", flat_png(1, 1, bits=8, colour_type=0, bytes_per_row=64 << 20)
    yield "palette of 300 colours", plain[:33] + png_chunk(b"PLTE", bytes(900)) + plain[33:]
    yield "a page behind it", plain + b"<html><body onload=alert(1)>"
    yield "4 billion frames", plain[:33] + png_chunk(b"acTL", struct.pack(">II", 2**32 - 1, 0)) + plain[33:]
    yield "chunk of 4 billion bytes", plain[:33] + b"\xff\xff\xff\xffIDAT" + plain[41:]
    for bits, colours in ((3, 0), (16, 3), (8, 7), (255, 255)):
        header = struct.pack(">IIBBBBB", 9, 9, bits, colours, 0, 0, 0)
        yield f"{bits} bits of colour type {colours}", plain[:8] + png_chunk(b"IHDR", header) + plain[33:]


def tiff(*entries: tuple[int, int, int, int], following: int = 0, rest: bytes = b"") -> bytes:
    """One directory: (tag, kind, count, value or its position) each."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + struct.pack("<I", following) + rest


def grey_tiff(
    width: int, height: int, *more: tuple[int, int, int, int], following: int = 0, rest: bytes = b""
) -> bytes:
    basic = {256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 262: (3, 1, 1), 259: (3, 1, 1), 277: (3, 1, 1)}
    basic |= {273: (4, 1, 8), 278: (4, 1, height), 279: (4, 1, width * height & 0xFFFFFFFF)}
    basic |= {tag: (kind, count, value) for tag, kind, count, value in more}
    return tiff(*((tag, *basic[tag]) for tag in sorted(basic)), following=following, rest=rest)


def tiffs() -> Iterator[File]:
    yield "directory that leads to itself", grey_tiff(8, 8, following=8, rest=bytes(64))
    chain = b"".join(struct.pack("<HI", 0, 8 + 6 * place) for place in range(1, 50_000))
    yield "50,000 empty directories", b"II*\0\x08\0\0\0" + chain
    yield "directory of 65,535 entries", b"II*\0\x08\0\0\0\xff\xff" + bytes(12) * 65_535
    yield "strips of 4 billion bytes", grey_tiff(8, 8, (279, 4, 1, 0xFFFFFFFF))
    yield "4 billion strips", grey_tiff(8, 8, (273, 4, 0xFFFFFFFF, 8), (279, 4, 0xFFFFFFFF, 8))
    yield "no rows in a strip", grey_tiff(8, 8, (278, 4, 1, 0), rest=bytes(64))
    yield "4 billion squared", grey_tiff(0xFFFFFFFF, 0xFFFFFFFF)
    yield "12,000 squared without pixels", grey_tiff(12_000, 12_000)
    for compression in (2, 3, 4, 5, 7, 8, 32773, 34712, 34925, 50000, 50001, 65535):
        yield f"compression {compression}", grey_tiff(64, 64, (259, 3, 1, compression), rest=bytes(4_096))
    packed = zlib.compress(bytes(64 << 20), 1)
    yield (
        "deflate bomb in one strip",
        grey_tiff(100, 100, (259, 3, 1, 8), (273, 4, 1, 122), (279, 4, 1, len(packed)), rest=packed),
    )
    yield (
        "tiles of 4 billion squared",
        grey_tiff(64, 64, (322, 4, 1, 0xFFFFFFF0), (323, 4, 1, 0xFFFFFFF0), (324, 4, 1, 8), (325, 4, 1, 64)),
    )
    yield "65,535 samples a pixel", grey_tiff(64, 64, (277, 3, 1, 0xFFFF), (258, 3, 0xFFFF, 8))
    yield "a directory in a directory in itself", grey_tiff(8, 8, (330, 4, 1, 8), (34665, 4, 1, 8), rest=bytes(64))
    yield "4 billion long directory of 64 bits", b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**64 - 1) + bytes(99)


def boxes() -> Iterator[File]:
    """Formats of boxes in boxes: HEIF, AVIF, JPEG 2000, icons."""
    for brand in (b"heic", b"avif", b"mif1"):
        begin = b"\0\0\0\x14ftyp" + brand + b"\0\0\0\0" + brand
        yield f"{brand.decode()} and nothing else", begin
        yield f"{brand.decode()}: meta of 4 GB", begin + b"\xff\xff\xff\xffmeta" + bytes(100)
        yield f"{brand.decode()}: box of no length", begin + b"\0\0\0\0meta" + bytes(100)
        yield f"{brand.decode()}: 64 bits of length", begin + b"\0\0\0\1meta" + b"\xff" * 8 + bytes(100)
        nested = b""
        for _ in range(5_000):
            nested = struct.pack(">I", len(nested) + 8) + b"iprp" + nested
        yield (
            f"{brand.decode()}: 5,000 boxes in one another",
            begin + struct.pack(">I4sI", len(nested) + 12, b"meta", 0) + nested,
        )
    yield "jp2 boxes that do not fit", b"\0\0\0\x0cjP  \r\n\x87\n\xff\xff\xff\xffjp2h\0\0\0\0ihdr" + b"\xff" * 40
    inner = flat_png(9_000, 9_000, bits=1, colour_type=0, bytes_per_row=1_125)
    head = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22)
    yield "icon with a large png in it", b"\0\0\1\0\1\0" + head + inner
    inner = flat_png(20_000, 20_000, bits=1, colour_type=0, bytes_per_row=2_500)
    yield (
        "icon with a huge png in it",
        b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22) + inner,
    )
    yield "icon of icons", icon("ICO").replace(b"\x89PNG", b"\0\0\1\0", 1)
    yield "65,535 icons", b"\0\0\1\0\xff\0" + struct.pack("<BBBBHHII", 9, 9, 0, 0, 1, 32, 2**31, 22) * 255
    yield "cursor without a picture", cursor()[:22] + b"\xff" * 40
    yield "icns with itself in it", b"icns\0\0\1\0ic10\0\0\0\xf8" + icon("ICNS")[:240]
    yield "icns in small steps", b"icns\0\0\x20\0" + b"ic08\0\0\0\0" * 500


def slow_ones() -> Iterator[File]:
    """Much work in few bytes."""
    yield "400 scans", slow_jpeg()
    yield "64 million pixels of 4 bytes", greedy_png()
    one = written(coarse_scene(), "GIF")
    frame = one[13 + 3 * 256 : -1]
    yield "2,000 frames", one[:-1] + 1_999 * frame + b";"
    yield (
        "runs for 30 million pixels",
        b"qoif" + struct.pack(">II", 6_000, 5_000) + b"\3\0" + b"\xfd" * (30_000_000 // 62),
    )
    yield "4 million of 16 million numbers in words", b"P2\n4000 4000\n255\n" + b"1 " * 4_000_000
    yield "a photograph in 5,000 parts", written(scene(), "JPEG", restart_marker_blocks=1)


def texts() -> Iterator[File]:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    yield (
        "svg of a billion laughs",
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><svg>&a11;</svg>'.encode(),
    )
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n(/etc/passwd) (r) file\n"
    yield "pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/Launch/F(calc)>>>>endobj"
    yield "wmf", b"\xd7\xcd\xc6\x9a\0\0" + b"\xff" * 100
    yield "script", b"#!/bin/sh\nrm -rf /\n"
    yield "zip", b"PK\3\4" + bytes(100)
    yield "lines without end", b"#define x_width " + b"9" * 100_000
    yield "netpbm of remarks", b"P6\n" + b"# nothing\n" * 100_000


def notes() -> Iterator[File]:
    """Notes about a picture that cost more than they say."""
    plain, png = jpeg(coarse_scene()), stored(coarse_scene(), 1, "PNG")
    xmp = b"http://ns.adobe.com/xap/1.0/\0"
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><x>&a11;</x>'.encode()
    yield "xmp of a billion laughs", jpeg_segment(plain, 0xE1, xmp + laughs)
    yield "100 deep xmp", jpeg_segment(plain, 0xE1, *[xmp + b"<a>" * 20_000] * 100)
    yield "32 packed xmp of many elements", png[:33] + 32 * _packed_xmp(b"<x>" + b"<a/>" * 260_000) + png[33:]
    yield "packed xmp of one long text", png[:33] + _packed_xmp(XMP[:-60] + b"A" * 1_000_000) + png[33:]
    profile = b"Raw profile type exif\0\nexif\n 1 " + b" " * 500_000 + b"ab" * 500_000 + b"!"
    yield "hexadecimal that is none", png[:33] + png_chunk(b"tEXt", profile) + png[33:]
    camera = b"Exif\0\0" + block([text(0x010F, "Canon")], [text(0xA431, "0" * 1_900)] * 900)
    yield "500 notes of a camera", jpeg_segment(plain, 0xE1, *[camera] * 500)
    wanted = [(tag, 2, bytes(range(128, 256)) * 8_000) for tag in (0x010F, 0x0110, 0x0131, 0x0132, 700)]
    yield "tiff with texts of 1 MB", b"II*\0\x08\0\0\0" + directory(8, wanted)
    chain = b"II*\0\x08\0\0\0" + directory(
        8, [number(0x8769, 8), number(0x8825, 8), (0x927C, 7, bytes(40))], following=8
    )
    yield "directories that are all one", jpeg_segment(plain, 0xE1, b"Exif\0\0" + chain)
    resource = b"8BIM\4\4\0\0" + struct.pack(">I", 0) + b"8BIM\4\4\0\0\xff\xff\xff\xff" + b"\x1c\2\x37\xff\xff" * 5_000
    yield "iptc that does not fit", jpeg_segment(plain, 0xED, *[b"Photoshop 3.0\0" + resource] * 200)
    entry = struct.pack(">I4sIHH4s", 20, b"infe", 2 << 24, 1, 0, b"Exif")
    listed = struct.pack(">I4sIH", 14 + len(entry) * 3_000, b"iinf", 0, 3_000) + entry * 3_000
    place = struct.pack(">HHH", 1, 0, 64) + struct.pack(">II", 0, 1 << 16) * 64
    located = struct.pack(">I4sIHH", 16 + len(place) * 3_000, b"iloc", 0, 0x4400, 3_000) + place * 3_000
    meta = struct.pack(">I4sI", 12 + len(listed) + len(located), b"meta", 0) + listed + located
    yield "one note of a heic 3,000 times", b"\0\0\0\x14ftypheic\0\0\0\0heic" + meta
    tables = b"".join(bytes([count % 4]) + bytes([count % 255 + 1]) * 64 for count in range(1_000))
    yield "thousands of quantisation tables", jpeg_segment(plain, 0xDB, *[tables] * 50)


def _packed_xmp(packet: bytes) -> bytes:
    return png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet))
