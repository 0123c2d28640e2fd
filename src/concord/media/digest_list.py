"""Lists of digests as others publish them: a digest a line, CSV as the NSRL's RDS has it, VICS JSON. Streamed: a list
may be larger than memory.

Of each file the strongest digest that is given stands for it. A list of ordinary files takes what it names out of every
question, so whatever cannot be understood wholly is refused.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from concord.errors import MalformedDigest, UnfitList
from concord.media.item import item_of
from concord.media.lines import delimiter_of, fields_of, lines_of
from concord.media.opening import open_file
from concord.values import Digest

WHAT = "ordinary files"
KINDS = ("sha256", "sha1", "md5")  # the strongest first
ORDINARY_CATEGORIES = frozenset({"8"})  # what lists in the VICS form call a known file that can be ignored
CHUNK_CHARACTERS = 1 << 20
RECORD_CHARACTERS = 16 << 20  # of one object of a VICS list
_NAME = '"value"'
_VALUE = re.compile(rf"{_NAME}\s*:\s*\[")
_GAP = re.compile(r"[\s,]*")


def digests_in(path: Path) -> Iterator[bytes]:
    """One a file of the list, of 32, 20 or 16 bytes.

    Raises UnfitList, naming line or record, and NoSuchFile, UnreadableFile, NotAFile, EmptyFile.
    """
    return _of_vics(path) if _begins_as_json(path) else _of_text(path)


def _begins_as_json(path: Path) -> bool:
    with open_file(path, item_of(path)) as file:
        return file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


# ---- text and CSV -----------------------------------------------------------------------------------------------------


def _of_text(path: Path) -> Iterator[bytes]:
    lines = lines_of(path, WHAT)
    first = next(lines, "")
    columns = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in fields_of(first)]
    places = [columns.index(kind) for kind in KINDS if kind in columns]
    if places:
        category = columns.index("category") if "category" in columns else None
        yield from _of_csv(path, lines, delimiter_of(first), places, category)
        return
    for number, line in enumerate(chain([first], lines), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield _digest(path, line.split()[0], f"line {number:,}")


def _of_csv(
    path: Path, lines: Iterator[str], delimiter: str, places: Sequence[int], category: int | None
) -> Iterator[bytes]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if not cells:
                continue
            given = [cells[place].strip() for place in places if place < len(cells)]
            text = next(filter(None, given), "")
            where = f"line {reader.line_num + 1:,}"
            if category is not None and category < len(cells):
                _check_category(path, cells[category].strip() or None, where)
            yield _digest(path, text, where)
    except csv.Error as error:
        raise UnfitList(path=item_of(path), what=WHAT, cause=f"line {reader.line_num + 1:,}: {error}") from None


def _check_category(path: Path, category: object, where: str) -> None:
    """Raises UnfitList where it is given and not ordinary: such a file must never drop out of questions."""
    if category is not None and str(category) not in ORDINARY_CATEGORIES:
        cause = f"{where} is of category {category}; only {', '.join(ORDINARY_CATEGORIES)} is ordinary"
        raise UnfitList(path=item_of(path), what=WHAT, cause=cause)


def _digest(path: Path, text: str, where: str) -> bytes:
    try:
        return Digest.parse(text).value
    except MalformedDigest:
        raise UnfitList(path=item_of(path), what=WHAT, cause=f"{where}: {text[:80]!r} is no digest") from None


# ---- VICS ---------------------------------------------------------------------------------------------------------------


def _of_vics(path: Path) -> Iterator[bytes]:
    with open_file(path, item_of(path)) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", errors="replace")
        for number, record in enumerate(_records(path, text), 1):
            yield _digest_of(path, record, f"record {number:,}")


def _digest_of(path: Path, record: Any, where: str) -> bytes:
    if not isinstance(record, Mapping):
        raise UnfitList(path=item_of(path), what=WHAT, cause=f"{where} is no object")
    for (
        name,
        category,
    ) in record.items():  # names in any case, as those of the digests; all of them, should there be more
        if name.lower() == "category":
            _check_category(path, category, where)
    given = {name.lower(): value for name, value in record.items()}
    text = next((given[kind] for kind in KINDS if given.get(kind)), "")
    return _digest(path, str(text), where)


def _records(path: Path, text: TextIO) -> Iterator[Any]:
    """The objects of the list, one after the other; no more than one of them is held."""
    decoder = json.JSONDecoder()
    held = text.read(CHUNK_CHARACTERS)
    begins = _VALUE.search(held)
    if not begins:
        raise UnfitList(path=item_of(path), what=WHAT, cause="it is no VICS list: there is no value")
    place = begins.end()
    while True:
        place = _gap_end(held, place)
        if held.startswith("]", place):
            _check_rest(path, held[place:], text)
            return
        try:
            record, place = decoder.raw_decode(held, place)
        except json.JSONDecodeError:
            more = text.read(CHUNK_CHARACTERS)
            if not more or len(held) - place > RECORD_CHARACTERS:
                cause = "it ends in the middle" if not more else "one record is too large"
                raise UnfitList(path=item_of(path), what=WHAT, cause=cause) from None
            held, place = held[place:] + more, 0
        except RecursionError:
            raise UnfitList(path=item_of(path), what=WHAT, cause="a record is nested too deep") from None
        except ValueError:  # Python reads no more digits than it can quickly
            raise UnfitList(path=item_of(path), what=WHAT, cause="a number in a record is too long") from None
        else:
            yield record


def _check_rest(path: Path, held: str, text: TextIO) -> None:
    """Raises UnfitList where there is a second list: what it names would be left out in silence."""
    while _NAME not in held:
        more = text.read(CHUNK_CHARACTERS)
        if not more:
            return
        held = held[1 - len(_NAME) :] + more
    raise UnfitList(
        path=item_of(path), what=WHAT, cause=f"after its list there is another {_NAME}; give each by itself"
    )


def _gap_end(held: str, place: int) -> int:
    found = _GAP.match(held, place)
    return found.end() if found else place
