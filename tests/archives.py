"""Archives made for tests, good ones and bad ones."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Members = Iterable[tuple[str, bytes]]


def zipped(members: Members | Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that come twice
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def tarred(members: Members | Mapping[str, bytes], mode: str = "w:", form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for name, data in members.items() if isinstance(members, Mapping) else members:
            described = tarfile.TarInfo(name)
            described.size = len(data)
            archive.addfile(described, io.BytesIO(data))
    return file.getvalue()


def tar_of(kind: bytes, name: str = "odd", **more: object) -> bytes:
    """A tar archive of one member of this type, and a text behind it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:") as archive:
        described = tarfile.TarInfo(name)
        described.type = kind
        described.linkname = "/etc/passwd"
        for key, value in more.items():
            setattr(described, key, value)
        archive.addfile(described, io.BytesIO(bytes(described.size)))
        text = tarfile.TarInfo("text")
        text.size = 5
        archive.addfile(text, io.BytesIO(b"words"))
    return file.getvalue()


def gzipped(data: bytes, name: str = "") -> bytes:
    file = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=file, mtime=0) as packed:
        packed.write(data)
    return file.getvalue()


def patched(archive: bytes, signature: bytes, offset: int, new: bytes, place: int = 0) -> bytes:
    """With other bytes at `offset` behind the `place`-th occurrence of a signature."""
    at = -1
    for _ in range(place + 1):
        at = archive.index(signature, at + 1)
    return archive[: at + offset] + new + archive[at + offset + len(new) :]


def overlapping(count: int, data: bytes) -> bytes:
    """Many members that are all the same bytes of the archive."""
    one = zipped({"0": data})
    directory = one.index(b"PK\1\2")
    entry = one[directory : one.index(b"PK\5\6")]
    entries = entry * count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(entries), directory, 0)
    return one[:directory] + entries + end


# ---- 7z -----------------------------------------------------------------------------------------------------------

RAW = {name: [{"id": name, "dict_size": 1 << 16}] for name in (lzma.FILTER_LZMA1, lzma.FILTER_LZMA2)}
# Each with its number, its properties, and what packs so.
SEVEN_METHODS: Mapping[str, tuple[bytes, bytes, Callable[[bytes], bytes]]] = {
    "copy": (b"\0", b"", bytes),
    "lzma": (
        b"\3\1\1",
        b"\x5d\0\0\1\0",
        lambda data: lzma.compress(data, lzma.FORMAT_RAW, filters=RAW[lzma.FILTER_LZMA1]),
    ),
    "lzma2": (b"\x21", b"\x08", lambda data: lzma.compress(data, lzma.FORMAT_RAW, filters=RAW[lzma.FILTER_LZMA2])),
    "deflate": (b"\4\1\x08", b"", lambda data: zlib.compress(data, wbits=-15)),
    "bzip2": (b"\4\2\2", b"", bz2.compress),
}


def sevened(members: Members | Mapping[str, bytes], method: str = "lzma2", *, solid: bool = True, **lies: Any) -> bytes:
    """`lies`: what a part of the list says instead of the truth; None leaves it out."""
    return seven_of(*seven_parts(members, method, solid=solid, **lies))


def seven_parts(
    members: Members | Mapping[str, bytes], method: str = "lzma2", *, solid: bool = True, **lies: Any
) -> tuple[bytes, bytes]:
    """The packed bytes and the list."""
    files = list(members.items() if isinstance(members, Mapping) else members)
    full = [data for _, data in files if data]
    blocks = [[data] for data in full] if not solid else [full] if full else []
    identity, properties, pack = SEVEN_METHODS[method]
    packed = [pack(b"".join(block)) for block in blocks]

    def said(part: str, truth: int) -> bytes:
        lie = lies.get(part, truth)
        return lie if isinstance(lie, bytes) else seven_number(truth if lie is None else lie)

    def whole(part: str, mark: int, truth: bytes) -> bytes:
        lie = lies.get(part, truth)
        return bytes([mark]) + lie if isinstance(lie, bytes) else b""

    identity = lies.get("identity", identity)
    properties = lies.get("properties", properties)
    step = bytes([len(identity) | 0x20]) + identity + seven_number(len(properties)) + properties
    block = lies.get("block", b"\1" + step)
    sizes = b"".join(said("packed_size", len(one)) for one in packed)
    streams = b"\6" + said("packed_byte", 0) + said("packed_count", len(packed)) + b"\x09" + sizes + b"\0"
    streams += b"\7\x0b" + said("blocks", len(blocks)) + b"\0" + block * len(blocks)
    streams += b"\x0c" + b"".join(said("size", len(b"".join(block))) for block in blocks) + b"\0"
    streams += b"\x08" + whole("counts", 0x0D, b"".join(said("count", len(block)) for block in blocks))
    streams += whole("sizes", 0x09, b"".join(said("member_size", len(one)) for block in blocks for one in block[:-1]))
    crcs = b"".join(struct.pack("<L", zlib.crc32(data)) for data in full)
    streams += whole("crcs", 0x0A, b"\1" + crcs) + b"\0"
    names = b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name, _ in files)
    about = [(0x11, lies.get("names", names))]
    if len(full) < len(files):
        about.insert(0, (0x0E, seven_bits([not data for _, data in files])))
        about.insert(1, (0x0F, lies.get("empty_files", seven_bits([True] * (len(files) - len(full))))))
    if "attributes" in lies:
        about.append((0x15, lies["attributes"]))
    described = b"".join(
        bytes([kind]) + seven_number(len(text)) + text for kind, text in about if isinstance(text, bytes)
    )
    listing = b"\1" + (b"\4" + streams + b"\0" if blocks else b"")
    return b"".join(packed), listing + b"\5" + said("files", len(files)) + described + b"\0\0"


def seven_of(packed: bytes, listing: bytes) -> bytes:
    """With the right checksums."""
    start = struct.pack("<QQL", len(packed), len(listing), zlib.crc32(listing))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + packed + listing


def seven_packed_list(packed: bytes, listing: bytes, **lies: Any) -> bytes:
    """As 7-Zip writes archives: their list is packed as well."""
    pressed, description = seven_parts({"": listing}, "lzma", counts=None, sizes=None, **lies)
    streams = description[2 : description.index(b"\x08\x0a")]  # without members
    streams = streams.replace(b"\6\0", b"\6" + seven_number(len(packed)), 1)
    return seven_of(packed + pressed, b"\x17" + streams + b"\0")


def seven_number(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else b"\xff" + number.to_bytes(8, "little")


def seven_bits(bits: Iterable[bool]) -> bytes:
    text = "".join("01"[bit] for bit in bits)
    return bytes(int(text[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(text), 8))
