"""What a file is called in answers and reports."""

import os
from pathlib import Path


def item_of(path: Path | str) -> str:
    """The path as text that can be printed and stored anywhere; bytes that are not UTF-8 are written as \\xNN."""
    return os.fsencode(path).decode(errors="backslashreplace")
