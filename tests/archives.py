"""Archives made for tests, good ones and bad ones."""

import gzip
import io
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Iterable, Mapping

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
