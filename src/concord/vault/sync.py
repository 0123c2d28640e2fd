"""One promise: what is on the disk when this returns is there after a power cut."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Writes a file's content, or a folder's names, through to the disk. A new name needs its folder synced as well."""
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
