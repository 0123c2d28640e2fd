"""Serial numbers out of makers' notes, of which each maker writes its own kind (as ExifTool's tables describe them).

Only what is plain is read: what a maker has scrambled (Nikon's lenses, much of Sony) is left alone.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from concord.jail.tags import ASCII, DIRECTORY, LONG, UNDEFINED, Block, Field, Fields

Said = tuple[str, str, str]

INSIDE = "camera.internal_serial"
ORDERS = {b"II": "<", b"MM": ">"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a maker writes: where its directory begins, and from where positions in it count."""

    heading: bytes  # that the note begins with
    directory: int  # from the note's beginning
    kinds: Mapping[int, str]
    base: int | None = None  # from the note's beginning; None: from that of the block around it
    order: str | int | None = None  # or where in the note it stands; None: as in the block around it
    inner: Mapping[int, Mapping[int, str]] = field(default_factory=dict)  # directories that this one leads to


OLYMPUS = {0x0404: "camera.serial"}
OLYMPUS_EQUIPMENT = {0x2010: {0x0101: "camera.serial", 0x0102: INSIDE, 0x0202: "lens.serial"}}
LAYOUTS = (
    Layout(b"Nikon\0\2", 18, {0x001D: "camera.serial", 0x00A0: "camera.serial"}, base=10, order=10),
    Layout(b"OLYMPUS\0", 12, OLYMPUS, base=0, order=8, inner=OLYMPUS_EQUIPMENT),
    Layout(b"OM SYSTEM\0", 16, OLYMPUS, base=0, order=12, inner=OLYMPUS_EQUIPMENT),
    Layout(b"OLYMP\0", 8, OLYMPUS, inner=OLYMPUS_EQUIPMENT),
    Layout(b"Panasonic\0\0\0", 12, {0x0025: INSIDE, 0x0052: "lens.serial"}),
    Layout(b"FUJIFILM", 12, {0x0010: INSIDE}, base=0, order="<"),
    Layout(b"SONY DSC ", 12, {0x2031: "camera.serial"}),
    Layout(b"SONY CAM ", 12, {0x2031: "camera.serial"}),
    Layout(b"Apple iOS\0", 14, {0x0015: "picture.id"}, base=0, order=12),
)
CANON = Layout(
    b"", 0, {0x000C: "camera.serial", 0x0096: INSIDE, 0x0095: "lens.model"}
)  # begins with nothing of its own


def read_maker_note(around: Block, note: Field, make: str) -> Iterator[Said]:
    """Nothing where the maker is not known here, or where the note was moved and its positions lead elsewhere."""
    layout = next((one for one in LAYOUTS if note.raw.startswith(one.heading)), None)
    if layout is None and make.casefold().startswith("canon"):
        layout = CANON
    if layout is None:
        return
    order = layout.order
    if isinstance(order, int):
        order = ORDERS.get(note.raw[order : order + 2])
    elif order is None:
        order = around.order
    if order is None:
        return
    base = around.base if layout.base is None else note.start + layout.base
    try:
        yield from _read(Block(around.data, order, base), note.start + layout.directory - base, layout)
    except struct.error:
        return


def _read(block: Block, at: int, layout: Layout) -> Iterator[Said]:
    fields, _ = block.directory(at, {*layout.kinds, *layout.inner})
    yield from _said(fields, layout.kinds)
    for tag, kinds in layout.inner.items():
        if tag in fields:
            yield from _said(block.directory(_leads_to(block, fields[tag]), kinds)[0], kinds)


def _leads_to(block: Block, field: Field) -> int:
    """A directory stands where the field's number says, or is the field itself."""
    number = field.number() if field.kind in (LONG, DIRECTORY) and len(field.raw) == 4 else None
    return field.start - block.base if number is None else number


def _said(fields: Fields, kinds: Mapping[int, str]) -> Iterator[Said]:
    for tag, kind in kinds.items():
        text = _text(fields[tag]) if tag in fields else ""
        if text:
            yield kind, text, "makernote"


def _text(found: Field) -> str:
    """Only what can be a number: a position that leads elsewhere gives any bytes."""
    if found.kind == LONG and len(found.raw) == 4:
        return str(found.number())
    text = found.text().strip() if found.kind in (ASCII, UNDEFINED) else ""
    return text if text.isascii() and text.isprintable() else ""
