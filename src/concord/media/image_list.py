"""A list of files as other tools write it: a path a line, or a CSV file with a column of paths."""

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from concord.errors import UnfitList
from concord.media.lines import delimiter_of, fields_of, lines_of
from concord.media.walk import Named, walk_names

SUFFIXES = frozenset({".txt", ".csv", ".tsv", ".lst", ".list"})
COLUMNS = frozenset({"path", "filepath", "file path", "file_path", "fullpath", "full path", "full_path"})
WHAT = "files"


def is_image_list(path: Path) -> bool:
    """By its name: whoever makes a list gives it one. Everything else is looked at as a file."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def listed(path: Path) -> Iterator[Named]:
    """What `walk_names` yields of each path, which is relative to the list's own folder. Folders are walked.

    Raises UnfitList, NoSuchFile, UnreadableFile, NotAFile, EmptyFile. Holds a line at a time.
    """
    for name in _names(path, lines_of(path, WHAT)):
        yield from walk_names([path.parent / name])


def _names(path: Path, lines: Iterator[str]) -> Iterator[str]:
    first = next(lines, "")
    columns = [cell.strip().lower() for cell in fields_of(first)]
    place = next((number for number, cell in enumerate(columns) if cell in COLUMNS), None)
    if place is None:
        yield from (line for line in chain([first], lines) if line.strip())
        return
    try:
        for cells in csv.reader(lines, delimiter=delimiter_of(first)):
            if len(cells) > place and cells[place].strip():
                yield cells[place]
    except csv.Error as error:
        raise UnfitList(path=path, what=WHAT, cause=str(error)) from None
