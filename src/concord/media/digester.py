"""The inside of a digester: run as a program, it takes batches of paths and gives the digests of these files.

Needs the standard library alone, and little of it, and is run as a file: so it starts at once and stays small. It reads
and digests, and interprets nothing; so it stands outside the jail. What it cannot read, or what changed meanwhile, it
leaves to the outside, which finds out why.

A request is how many bytes follow, and paths with a zero byte between. An answer is how many records follow, and the
records, in order; one request gets as many answers as it takes.
"""

import hashlib
import io
import os
import stat
import struct
import sys
import time
from functools import partial

BUFFER_BYTES = 1 << 20
ANSWER_SECONDS = 0.25  # whoever waits sees results this often, however large the files are
COUNT = struct.Struct("<I")

# What became of it, size in bytes, time of modification in ns, SHA-256, SHA-1, MD5. A digest of zeros only: not made.
RECORD = struct.Struct("<Bqq32s20s16s")
NOT_READ, READ, READ_ARCHIVE = range(3)  # the last: it begins as archives do, or nearly so
LEFT = RECORD.pack(NOT_READ, 0, 0, b"", b"", b"")
ARCHIVES = (b"PK", b"7z\xbc\xaf", b"\x1f\x8b", b"\xfd7zXZ", b"BZh")
TAR_HEADER_BYTES = 512
OPENED = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
SHA256 = (hashlib.sha256,)
EVERY = (hashlib.sha256, partial(hashlib.sha1, usedforsecurity=False), partial(hashlib.md5, usedforsecurity=False))
NOT_MADE = (b"", b"", b"")
ALL = "--all"  # all three digests, not the SHA-256 alone


def serve(requests: io.BufferedReader, answers: io.BufferedWriter, every_kind: bool) -> None:
    """Until the requests end."""
    buffer = bytearray(BUFFER_BYTES)
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


def _send(answers: io.BufferedWriter, records: list[bytes]) -> None:
    answers.write(COUNT.pack(len(records)) + b"".join(records))
    answers.flush()


def digested(path: bytes, buffer: bytearray, every_kind: bool) -> bytes:
    """The record of one file."""
    try:
        # Looked at before it is opened, as opening a device can do something.
        before = os.stat(path)  # noqa: PTH116 - bytes, and very many
        if not stat.S_ISREG(before.st_mode) or not before.st_size:
            return LEFT
        descriptor = os.open(path, OPENED)
        try:
            return _of_open(descriptor, before, buffer, every_kind)
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return LEFT


def _of_open(descriptor: int, before: os.stat_result, buffer: bytearray, every_kind: bool) -> bytes:
    """Of the file that was looked at, if that is what is open, and it stayed as it was."""
    size_bytes = before.st_size
    read_bytes = os.readv(descriptor, [buffer])
    form = READ_ARCHIVE if _may_be_archive(buffer, read_bytes) else READ
    head = memoryview(buffer)[:read_bytes]
    digests = [made(head) for made in (EVERY if every_kind else SHA256)]
    while read_bytes < size_bytes and (count := os.readv(descriptor, [buffer])):
        read_bytes += count
        for digest in digests:
            digest.update(memoryview(buffer)[:count])
    after = os.fstat(descriptor)
    same = after.st_mtime_ns == before.st_mtime_ns and after.st_size == size_bytes == read_bytes
    if not same or after[:3] != before[:3]:  # kind and rights, inode, device
        return LEFT
    made = [digest.digest() for digest in digests]
    return RECORD.pack(form, size_bytes, before.st_mtime_ns, *made, *NOT_MADE[len(made) :])


def _may_be_archive(buffer: bytearray, count: int) -> bool:
    """By its first `count` bytes. Of a tar the checksum in its header is looked at, which is all that old ones have of
    their own: octal digits behind blanks or zeros, and what ends them."""
    if buffer.startswith(ARCHIVES, 0, count):
        return True
    if count < TAR_HEADER_BYTES or buffer[155] not in b"\0 ":
        return False
    number = buffer[148:156].rstrip(b"\0 ")
    return bool(number) and not number.lstrip(b" 0").strip(b"01234567")


if __name__ == "__main__":
    serve(io.BufferedReader(io.FileIO(0)), io.BufferedWriter(io.FileIO(1, "w")), ALL in sys.argv)
