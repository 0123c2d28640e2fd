"""Files as they are found on a seized disk: good ones, and every kind of bad one. No two tests get the same content."""

import hashlib
import itertools
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pictures import jpeg

seeds = itertools.count(50_000)
WRITE_ONLY = Path("/sys/bus/platform/drivers_probe")  # of Linux: a regular file that not even root may read


def new_picture(path: Path) -> Path:
    """One that nobody has seen yet."""
    path.write_bytes(jpeg(next(seeds)))
    return path


def new_digest() -> str:
    """The SHA-256 of something that nobody has seen yet."""
    return hashlib.sha256(f"{next(seeds)}".encode()).hexdigest()


def bad_files(folder: Path) -> dict[str, Path]:
    """By the code of the error that each must get. The loop is found on the way through the folder that holds it."""
    made = {
        "no_such_file": folder / "missing.jpg",
        "empty_file": folder / "empty.jpg",
        "damaged_picture": folder / "truncated.jpg",
        "not_a_picture": folder / "text.jpg",
        "too_many_pixels": folder / "huge.png",
        "folder_loop": folder / "loop" / "again",
        "not_a_file": folder / "pipe.jpg",
    }
    made["empty_file"].touch()
    made["damaged_picture"].write_bytes(jpeg(next(seeds))[:-600])
    made["not_a_picture"].write_text(f"minutes of meeting {next(seeds)}")
    made["too_many_pixels"].write_bytes(png_of(40_000, 40_000 + next(seeds)))
    made["folder_loop"].parent.mkdir()
    made["folder_loop"].symlink_to(made["folder_loop"].parent)
    os.mkfifo(made["not_a_file"])
    return made


def given(bad: Mapping[str, Path]) -> list[Path]:
    """How they are given to the program."""
    return [path.parent if code == "folder_loop" else path for code, path in bad.items()]


def unreadable(folder: Path) -> Path:
    """A file that this process may not read, whoever it is."""
    if os.geteuid() == 0:
        if not WRITE_ONLY.exists():
            pytest.skip("root may read every file of this machine")
        return WRITE_ONLY
    path = new_picture(folder / "locked.jpg")
    path.chmod(0)
    return path


def png_of(width: int, height: int) -> bytes:
    """A picture that says how large it is, and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0")) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
