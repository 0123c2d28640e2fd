"""Tar archives, read from the beginning to the end. Source: POSIX.1-2017 (pax) and the manual of GNU tar, appendix D."""

from dataclasses import dataclass, field
from typing import Final

from concord.errors import ItemError, LeftAlone, UnreadMember
from concord.jail.archive_entry import CHUNK_BYTES, Damage, Entries, Entry, Readable, Slice, exactly, name_of, refused
from concord.jail.archive_format import BLOCK_BYTES, is_tar_header
from concord.jail.picture import NO_ITEM

NOTES_BYTES = 1 << 20  # of one long name or set of notes: more is no name
EMPTY = bytes(BLOCK_BYTES)

LONG_NAME, LONG_LINK, NOTES, NOTES_FOR_ALL, SPARSE, CONTINUED = b"L", b"K", b"x", b"g", b"S", b"M"
_KINDS: Final = {
    b"1": "link to another member",
    b"2": "link",
    b"3": "character device",
    b"4": "block device",
    b"6": "pipe",
}
_SILENT: Final = frozenset({b"5", b"D", b"V", b"X"})  # folders, lists of them, names of volumes, Solaris' notes
_SPARSE_NOTES: Final = ("GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.size", "GNU.sparse.numblocks")


@dataclass(slots=True)
class _Ahead:
    """What headers before a member's own say of it."""

    name: str | None = None
    size_bytes: int | None = None
    sparse: bool = False
    notes: dict[str, bytes] = field(default_factory=dict)


def read_tar(stream: Readable) -> Entries:
    """Raises Damage; what can be read comes before."""
    ahead = _Ahead()
    count = 0
    while (block := exactly(stream, BLOCK_BYTES)) != EMPTY:
        if len(block) < BLOCK_BYTES:
            raise Damage(f"it breaks off behind {count} members")
        if not is_tar_header(block):
            raise Damage(f"the header behind {count} members is damaged")
        kind = block[156:157]
        size_bytes = _number(block[124:136])
        if kind in (LONG_NAME, LONG_LINK, NOTES, NOTES_FOR_ALL):
            _read_ahead(ahead, kind, _notes(stream, size_bytes))
            continue
        count += 1
        yield from _member(stream, block, kind, size_bytes, ahead)
        ahead = _Ahead()
    _check_end(stream)


def _member(stream: Readable, block: bytes, kind: bytes, size_bytes: int, ahead: _Ahead) -> Entries:
    if kind == SPARSE:
        _skip_sparse_headers(stream, block)
    name = ahead.name or _name(block)
    if ahead.size_bytes is not None:
        size_bytes = ahead.size_bytes
    data = Slice(stream, 0 if kind in _KINDS or kind == b"5" else size_bytes)
    filling_bytes = -data.left_bytes % BLOCK_BYTES
    if refusal := _refusal(kind, ahead):
        yield refused(name, refusal)
    elif kind not in _SILENT and not (kind == b"\0" and name.endswith("/")):  # as old programs write folders
        yield Entry(name, lambda: data)
    yield from data.skip()
    if len(exactly(stream, filling_bytes)) < filling_bytes:
        raise Damage("it breaks off")


def _refusal(kind: bytes, ahead: _Ahead) -> ItemError | None:
    if what := _KINDS.get(kind):
        return LeftAlone(item=NO_ITEM, kind=what)
    if kind == SPARSE or ahead.sparse:
        return UnreadMember(item=NO_ITEM, method="with holes")
    if kind == CONTINUED:
        return UnreadMember(item=NO_ITEM, method="in several volumes")
    return None


def _name(block: bytes) -> str:
    name = block[:100].split(b"\0")[0]
    prefix = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return name_of(prefix + b"/" + name if prefix else name)


def _number(digits: bytes) -> int:
    """Octal, or, where that is too small, of 256 (GNU). Raises Damage."""
    if digits[0] & 0x80:
        number = int.from_bytes(digits, "big", signed=False) & ((1 << (8 * len(digits) - 1)) - 1)
        if digits[0] & 0x40 or number >> 63:  # negative, or more than any file has
            raise Damage("a header has an impossible size")
        return number
    try:
        return int(digits.strip(b" \0") or b"0", 8)
    except ValueError:
        raise Damage("a header has an impossible size") from None


def _notes(stream: Readable, size_bytes: int) -> bytes:
    if size_bytes > NOTES_BYTES:
        raise Damage(f"a name or note of {size_bytes} bytes")
    padded_bytes = size_bytes + -size_bytes % BLOCK_BYTES
    notes = exactly(stream, padded_bytes)
    if len(notes) < padded_bytes:
        raise Damage("it breaks off")
    return notes[:size_bytes]


def _read_ahead(ahead: _Ahead, kind: bytes, notes: bytes) -> None:
    if kind == LONG_NAME:
        ahead.name = name_of(notes.split(b"\0")[0])
    elif kind == NOTES:
        found = _records(notes)
        for key in ("path", "GNU.sparse.name"):
            if key in found:
                ahead.name = name_of(found[key])
        if "size" in found:
            ahead.size_bytes = _decimal(found["size"])
        ahead.sparse = any(key in found for key in _SPARSE_NOTES)


def _records(notes: bytes) -> dict[str, bytes]:
    """Lines of `LENGTH KEY=VALUE`, where the length counts itself. Raises Damage."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(notes) and notes[at] != 0:
        space = notes.find(b" ", at, at + 20)
        length_bytes = _decimal(notes[at:space]) if space > 0 else 0
        line = notes[at : at + length_bytes]
        if not line.endswith(b"\n") or b"=" not in line:
            raise Damage("the notes of a header are damaged")
        key, _, value = line[space - at + 1 : -1].partition(b"=")
        found[name_of(key)] = value
        at += length_bytes
    return found


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 18:
        raise Damage("the notes of a header are damaged")
    return int(digits)


def _skip_sparse_headers(stream: Readable, block: bytes) -> None:
    more = block[482]
    while more:
        block = exactly(stream, BLOCK_BYTES)
        if len(block) < BLOCK_BYTES:
            raise Damage("it breaks off")
        more = block[504]


def _check_end(stream: Readable) -> None:
    """Behind the end mark come zeros up to a whole record: of what else may follow, the beginning is looked at."""
    if exactly(stream, CHUNK_BYTES).strip(b"\0"):
        raise Damage("other data follows upon its end")
