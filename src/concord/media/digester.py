"""The inside of a digester: run as a program, it takes batches of paths and gives the digests of these files.

Needs the standard library alone and is run as a file, so that it starts at once and stays small. It reads and digests,
and interprets nothing; so it stands outside the jail. What it cannot read, or what changed meanwhile, it leaves to the
outside, which finds out why.

A request is how many bytes follow, and paths with a zero byte between. An answer is how many records follow, and the
records, in order; one request gets as many answers as it takes.
"""

import hashlib
import io
import os
import re
import stat
import struct
import sys
import time
from typing import BinaryIO

BUFFER_BYTES = 1 << 20
ANSWER_SECONDS = 0.25  # whoever waits sees results this often, however large the files are
COUNT = struct.Struct("<I")

# What became of it, size in bytes, time of modification in ns, SHA-256, SHA-1, MD5. A digest of zeros only: not made.
RECORD = struct.Struct("<Bqq32s20s16s")
NOT_READ, READ, READ_ARCHIVE = range(3)  # the last: it begins as archives do, or nearly so
LEFT = RECORD.pack(NOT_READ, 0, 0, b"", b"", b"")
ARCHIVES = (b"PK", b"7z\xbc\xaf", b"\x1f\x8b", b"\xfd7zXZ", b"BZh")
TAR = re.compile(rb"[ 0]*[0-7]+[\0 ]+")  # the checksum in its header, which is all that old ones have of their own
ALL = "--all"  # all three digests, not the SHA-256 alone


def serve(requests: BinaryIO, answers: BinaryIO, every_kind: bool) -> None:
    """Until the requests end."""
    buffer = memoryview(bytearray(BUFFER_BYTES))
    while header := requests.read(COUNT.size):
        records: list[bytes] = []
        due = time.monotonic() + ANSWER_SECONDS
        for path in requests.read(COUNT.unpack(header)[0]).split(b"\0"):
            records.append(digested(path, buffer, every_kind))
            if time.monotonic() > due:
                _send(answers, records)
                records, due = [], time.monotonic() + ANSWER_SECONDS
        if records:
            _send(answers, records)


def _send(answers: BinaryIO, records: list[bytes]) -> None:
    answers.write(COUNT.pack(len(records)) + b"".join(records))
    answers.flush()


def digested(path: bytes, buffer: memoryview, every_kind: bool) -> bytes:
    """The record of one file."""
    try:
        # Looked at before it is opened, as opening a device can do something.
        if not _is_file(os.stat(path)):  # noqa: PTH116 - bytes, and very many
            return LEFT
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return LEFT
    try:
        return _of_open(descriptor, buffer, every_kind)
    except OSError:
        return LEFT
    finally:
        os.close(descriptor)


def _is_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_size > 0


def _of_open(descriptor: int, buffer: memoryview, every_kind: bool) -> bytes:
    before = os.fstat(descriptor)
    if not _is_file(before):
        return LEFT
    form = NOT_READ
    sha256 = hashlib.sha256()
    more = [hashlib.sha1(usedforsecurity=False), hashlib.md5(usedforsecurity=False)] if every_kind else []
    size_bytes = 0
    while count := os.readv(descriptor, [buffer]):
        if not size_bytes:
            form = READ_ARCHIVE if _may_be_archive(buffer[:count]) else READ
        size_bytes += count
        for digest in (sha256, *more):
            digest.update(buffer[:count])
        if size_bytes == before.st_size:
            break
    after = os.fstat(descriptor)
    if (size_bytes, after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
        return LEFT
    others = [digest.digest() for digest in more] or [b"", b""]
    return RECORD.pack(form, size_bytes, before.st_mtime_ns, sha256.digest(), *others)


def _may_be_archive(head: memoryview) -> bool:
    return bytes(head[:8]).startswith(ARCHIVES) or TAR.fullmatch(head[148:156]) is not None


if __name__ == "__main__":
    serve(io.BufferedReader(io.FileIO(0)), io.BufferedWriter(io.FileIO(1, "w")), ALL in sys.argv)
