"""The lines of a text file that another tool wrote, one at a time, however large the file is."""

import io
from collections.abc import Iterator
from pathlib import Path

from concord.errors import UnfitList
from concord.media.item import item_of
from concord.media.opening import open_file

LINE_CHARACTERS = 1 << 16  # no path is longer; what has no line ends is not read whole
DELIMITERS = ",;\t"
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # at the beginning, as Windows programs write it


def lines_of(path: Path, what: str) -> Iterator[str]:
    """Without their ends. Bytes that are not UTF-8 come as they come in names of files.

    Raises UnfitList for a line that is too long, and NoSuchFile, UnreadableFile, NotAFile, EmptyFile.
    """
    with open_file(path, item_of(path)) as file:
        encoding = _MARKS.get(file.peek(2)[:2], "utf-8-sig")  # type: ignore[attr-defined]  # it is buffered
        text = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline=None)
        number = 0
        try:
            while line := text.readline(LINE_CHARACTERS):
                number += 1
                if len(line) == LINE_CHARACTERS:
                    raise UnfitList(path=item_of(path), what=what, cause=f"line {number:,} is too long")
                yield line.rstrip("\n")
        except UnicodeError:
            raise UnfitList(path=item_of(path), what=what, cause=f"line {number + 1:,} is no text") from None


def fields_of(line: str) -> list[str]:
    """The cells of a heading, by whichever sign separates most."""
    delimiter = delimiter_of(line)
    return [cell.strip().strip('"') for cell in line.split(delimiter)]


def delimiter_of(line: str) -> str:
    return max(DELIMITERS, key=line.count)
