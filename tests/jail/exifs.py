"""EXIF blocks and what programs write beside them, made by hand: Pillow writes no makers' notes."""

import io
import struct
from collections.abc import Callable, Sequence

from PIL import Image

from .scenes import coarse_scene

ASCII, LONG, RATIONAL, UNDEFINED = 2, 4, 5, 7
SIZES = {1: 1, ASCII: 1, 3: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, 13: 4}
Entry = tuple[int, int, bytes]  # tag, kind, value
ORDERS = {"<": b"II*\0", ">": b"MM\0*"}


def text(tag: int, words: str) -> Entry:
    return tag, ASCII, words.encode() + b"\0"


def number(tag: int, value: int, order: str = "<", kind: int = LONG) -> Entry:
    return tag, kind, struct.pack(f"{order}I", value)


def directory(at: int, entries: Sequence[Entry], order: str = "<", following: int = 0) -> bytes:
    """To stand at this position, its values behind it."""
    packed, values = b"", b""
    behind = at + 2 + 12 * len(entries) + 4
    for tag, kind, value in entries:
        place = value.ljust(4, b"\0")
        if len(value) > 4:
            place = struct.pack(f"{order}I", behind + len(values))
            values += value + b"\0" * (len(value) % 2)
        packed += struct.pack(f"{order}HHI", tag, kind, len(value) // SIZES[kind]) + place
    return struct.pack(f"{order}H", len(entries)) + packed + struct.pack(f"{order}I", following) + values


def block(
    main: Sequence[Entry] = (), inner: Sequence[Entry] = (), gps: Sequence[Entry] = (), order: str = "<"
) -> bytes:
    """A whole EXIF block without its heading."""
    pointers = [(0x8769, LONG, bytes(4)), (0x8825, LONG, bytes(4))]
    inner_at = 8 + len(directory(8, [*main, *pointers], order))
    gps_at = inner_at + len(directory(inner_at, inner, order))
    pointers = [number(0x8769, inner_at, order), number(0x8825, gps_at, order)]
    head = ORDERS[order] + struct.pack(f"{order}I", 8)
    return (
        head
        + directory(8, [*main, *pointers], order)
        + directory(inner_at, inner, order)
        + directory(gps_at, gps, order)
    )


def block_with_note(make: str, note: Callable[[int], bytes], order: str = "<") -> bytes:
    """`note` makes the maker's note for the position at which it stands in the block."""
    marked = b"\xee" * len(note(0))
    main = [text(0x010F, make)]
    at = block(main, [(0x927C, UNDEFINED, marked)], order=order).index(marked)
    return block(main, [(0x927C, UNDEFINED, note(at))], order=order)


def camera_exif() -> Image.Exif:
    """What a camera with a receiver writes."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "NIKON CORPORATION", "NIKON D90", "Ver.1.00"
    exif[0x0132] = "2026:03:02 11:00:00"
    exif.get_ifd(0x8769).update(
        {
            0x9003: "2026:03:01 10:20:30",
            0x9011: "+01:00",
            0x9291: "250",
            0x9004: "2026:03:01 10:20:31",
            0xA431: "0006001234",
            0xA435: "202345",
            0xA434: "18.0-105.0 mm f/3.5-5.6",
        }
    )
    exif.get_ifd(0x8825).update(
        {
            1: "N",
            2: (48.0, 51.0, 23.76),
            3: "E",
            4: (2.0, 21.0, 7.96),
            5: b"\0",
            6: 35.2,
            7: (9.0, 20.0, 29.0),
            29: "2026:03:01",
        }
    )
    return exif


CAMERA_SAYS = {
    ("camera.make", "nikon"),
    ("camera.model", "nikon d90"),
    ("camera.serial", "6001234"),
    ("lens.model", "18.0-105.0 mm f/3.5-5.6"),
    ("lens.serial", "202345"),
    ("software", "Ver.1.00"),
    ("time.taken", "2026-03-01T10:20:30.25+01:00"),
    ("time.digitised", "2026-03-01T10:20:31"),
    ("time.changed", "2026-03-02T11:00:00"),
    ("gps.position", "48.8566000,2.3522111"),
    ("gps.altitude", "35.2"),
    ("gps.time", "2026-03-01T09:20:29Z"),
}

XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
  xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
  xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#" xmp:CreatorTool="Retouch 22.1" aux:SerialNumber="6001234"
  xmp:ModifyDate="2026-03-02T11:00:00Z" exif:GPSLatitude="48,51.396N" exif:GPSLongitude="2,21,7.96E"
  exif:GPSAltitude="352/10" exif:GPSAltitudeRef="1">
<xmpMM:DocumentID>xmp.did:8C9B53D0-AB12-11EB</xmpMM:DocumentID>
<xmpMM:DerivedFrom stRef:documentID="xmp.did:another"/>
<xmpMM:Pantry><rdf:Bag><rdf:li><rdf:Description xmpMM:InstanceID="xmp.iid:of-a-part"/></rdf:li></rdf:Bag></xmpMM:Pantry>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""

XMP_SAYS = {
    ("software", "Retouch 22.1"),
    ("camera.serial", "6001234"),
    ("time.changed", "2026-03-02T11:00:00Z"),
    ("gps.position", "48.8566000,2.3522111"),
    ("gps.altitude", "-35.2"),
    ("document.id", "xmp.did:8c9b53d0-ab12-11eb"),
}


def dataset(record: int, number_: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number_, len(value)) + value


def resource(number_: int, content: bytes, name: bytes = b"") -> bytes:
    """Of Photoshop."""
    head = bytes([len(name)]) + name
    return (
        b"8BIM"
        + struct.pack(">H", number_)
        + head
        + bytes(len(head) % 2)
        + struct.pack(">I", len(content))
        + content
        + bytes(len(content) % 2)
    )


IPTC = (
    dataset(1, 100, b"urn:agency:77123")
    + dataset(2, 55, b"20260301")
    + dataset(2, 60, b"102030+0100")
    + dataset(2, 62, b"20260302")
    + dataset(2, 65, b"Desk")
    + dataset(2, 70, b"4.2")
    + dataset(2, 80, b"A Name")
)
IPTC_SAYS = {
    ("document.id", "urn:agency:77123"),
    ("time.taken", "2026-03-01T10:20:30+01:00"),
    ("time.digitised", "2026-03-02"),
    ("software", "Desk 4.2"),
}


def saved(name: str, **options: object) -> bytes:
    file = io.BytesIO()
    coarse_scene().save(file, name, **options)
    return file.getvalue()
