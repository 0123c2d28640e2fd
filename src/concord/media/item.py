"""What a file is called in answers and reports."""

import os
import re
from pathlib import Path

_WRITTEN_OUT = re.compile(rb"\\x([89a-f][0-9a-f])")


def item_of(path: Path | str) -> str:
    """The path as text that can be printed and stored anywhere; bytes that are not UTF-8 are written as \\xNN, and so is
    zero, which no name of a file holds but a line of a list may, and which no database takes."""
    name = os.fspath(path)
    if name.isascii():
        return name.replace("\0", "\\x00")
    return os.fsencode(name).decode(errors="backslashreplace").replace("\0", "\\x00")


def paths_of(item: str) -> list[Path]:
    """Which paths `item_of` calls so: the likelier one first, if there are two."""
    plain = item.encode()
    written = _WRITTEN_OUT.sub(lambda found: bytes.fromhex(found[1].decode()), plain)
    paths = [Path(os.fsdecode(name)) for name in dict.fromkeys((written, plain))]
    return [path for path in paths if item_of(path) == item]
